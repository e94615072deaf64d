"""Pages that people turn, move, delete or have read again, also while the document is read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.document import Document, Figure, Page
from pipeline.engines import Engine
from pipeline.ingest import PageImage
from pipeline.jobs import Steps
from pipeline.retouch import add_figure, delete_lines, delete_page, merge_lines, move_page, order_lines, turn_page
from pipeline.store import Store
from tests.jobs.helpers import STEPS, Gate, document, ended, read_document, shades, undo_while_read, worker_on
from tests.store.helpers import line, page


def test_a_page_tried_again_keeps_the_lines_drawn_on_it_and_reads_the_others(store: Store, tmp_path: Path) -> None:
    document_id = read_document(store, tmp_path, "gbg")
    # Over the second line that the next reader finds there, and one below all others.
    lines = (line("over it", top=41), line("below", top=100))
    store.change_pages(document_id, {1}, "insert", lambda old: replace(old, lines=lines), author="user")
    drawn = store.get_page(document_id, 1).lines
    others = [store.get_page(document_id, index) for index in (0, 2)]
    store.blob_path(store.sources_of(document_id)[0].file.blob).write_text("ggg")
    store.retry_job(document_id)
    worker = worker_on(store, tmp_path)
    worker.start()
    assert ended(store, document_id).state == "done"
    worker.stop()
    again = store.get_page(document_id, 1)
    assert ([line.text for line in again.lines], again.error) == (["page 1 line 0", "over it", "below"], "")
    assert again.lines[1:] == drawn
    assert [store.get_page(document_id, index) for index in (0, 2)] == others


def test_a_page_that_was_moved_is_read_again_from_its_own_place_in_its_file(store: Store, tmp_path: Path) -> None:
    document_id = document(store, "gug", "h")
    worker = worker_on(store, tmp_path)
    worker.start()
    ended(store, document_id)
    first, bad, *_ = (page.id for page in store.list_pages(document_id))
    move_page(store, bad, 3, author="user")
    move_page(store, first, 2, author="user")
    store.blob_path(store.sources_of(document_id)[0].file.blob).write_text("gxg")
    store.retry_job(document_id)
    assert ended(store, document_id).state == "done"
    worker.stop()
    assert shades(store, document_id) == "ghgx"
    assert [page.error for page in store.list_pages(document_id)] == [""] * 4


def test_pages_moved_and_deleted_while_others_are_read_stay_so(store: Store, tmp_path: Path) -> None:
    gate = Gate(2)
    worker = worker_on(store, tmp_path, replace(STEPS, read_page=gate.read_page))
    document_id = document(store, "abcd".replace("b", "g"))
    worker.start()
    assert gate.reached.wait(30)
    first, second = (page.id for page in store.list_pages(document_id))
    move_page(store, first, 1, author="user")
    delete_page(store, second, author="user")
    gate.open.set()
    assert ended(store, document_id).state == "done"
    assert shades(store, document_id) == "acd"
    store.undo(document_id, author="user")
    assert sorted(shades(store, document_id)) == sorted("gacd")
    worker.stop()


def read_standing(seen: list[PageImage]) -> Steps:
    """Steps that note each page image, and find two lines in it."""

    def read(image: PageImage, index: int, engine: Engine, on_stage: Callable[[str, int, int], None]) -> Page:
        seen.append(image)
        height, width = image.pixels.shape[:2]
        return replace(page(index, ["read 1", "read 2"]), width=width, height=height)

    return replace(STEPS, read_page=read)


def test_a_turned_page_is_read_again_as_it_lies_and_what_people_wrote_stays(store: Store, tmp_path: Path) -> None:
    seen: list[PageImage] = []
    document_id = document(store, "gg")
    worker = worker_on(store, tmp_path, read_standing(seen))
    worker.start()
    ended(store, document_id)
    first, second = store.get_page(document_id, 0).lines
    store.correct_line(second.id, "by hand")
    before = store.get_document(document_id)
    turn_page(store, before.pages[0].id, 1, author="user")
    turned = store.get_page(document_id, 0)
    assert ended(store, document_id).state == "done"
    assert ([image.stands for image in seen], seen[-1].pixels.shape) == ([False, False, True], (30, 40, 3))
    again = store.get_page(document_id, 0)
    assert sorted(line.text for line in again.lines) == ["by hand", "read 1", "read 2"]
    assert (again.image, again.width, again.height) == (turned.image, 40, 30)
    assert first.id not in {line.id for line in again.lines}
    assert store.get_page(document_id, 1) == before.pages[1]
    # To turn it and to read it again is one step, done and undone.
    for _ in range(2):
        change = store.undo(document_id, author="user")
        assert change
        assert (change.summary, change.state) == ("Page turned", "undone")
        assert store.get_document(document_id) == before
        assert store.redo(document_id, author="user")
        assert store.get_page(document_id, 0) == again
    assert ended(store, document_id).state == "done"
    assert len(seen) == 3
    worker.stop()


def test_what_was_written_since_a_page_was_turned_is_taken_back_before_the_turn(store: Store, tmp_path: Path) -> None:
    document_id = read_document(store, tmp_path, "gg")
    before = store.get_document(document_id)
    turn_page(store, before.pages[0].id, 1, author="user")
    store.correct_line(before.pages[1].lines[0].id, "while it was read")
    worker = worker_on(store, tmp_path, read_standing([]))
    worker.start()
    ended(store, document_id)
    worker.stop()
    again = store.get_page(document_id, 0)
    assert [line.text for line in again.lines] == ["read 1", "read 2"]
    store.correct_line(again.lines[0].id, "afterwards")
    for summary in ("1 line written or confirmed", "1 line written or confirmed", "Page turned"):
        change = store.undo(document_id, author="user")
        assert change
        assert (change.summary, change.state) == (summary, "undone")
    assert store.get_document(document_id) == before
    assert store.undo(document_id, author="user") is None
    for _ in range(3):
        store.redo(document_id, author="user")
    assert [line.text for line in store.get_page(document_id, 0).lines] == ["afterwards", "read 2"]
    assert store.list_pages(document_id)[0].unread is False


def _reversed(store: Store, document_id: str, line_ids: list[str]) -> None:
    order_lines(store, document_id, 0, line_ids[::-1], author="user")


def _without_first(store: Store, document_id: str, line_ids: list[str]) -> None:
    delete_lines(store, line_ids[:1], author="user")


def _as_one(store: Store, document_id: str, line_ids: list[str]) -> None:
    merge_lines(store, line_ids, author="user")


def _with_a_drawing(store: Store, document_id: str, line_ids: list[str]) -> None:
    add_figure(store, document_id, 0, (3, 3, 20, 20), author="user")


def _corrected(store: Store, document_id: str, line_ids: list[str]) -> None:
    store.correct_line(line_ids[0], "by hand")


@pytest.mark.parametrize("change", [_reversed, _without_first, _as_one, _with_a_drawing, _corrected])
def test_what_was_done_on_a_turned_page_before_it_was_read_is_taken_back_after_the_reading_and_before_the_turn(
    store: Store, tmp_path: Path, change: Callable[[Store, str, list[str]], None]
) -> None:
    document_id = read_document(store, tmp_path, "gg")
    before = store.get_document(document_id)
    turn_page(store, before.pages[0].id, 1, author="user")
    turned = store.get_document(document_id)
    change(store, document_id, [line.id for line in turned.pages[0].lines])
    changed = store.get_document(document_id)
    assert changed != turned
    worker = worker_on(store, tmp_path, read_standing([]))
    worker.start()
    ended(store, document_id)
    worker.stop()
    again = store.get_document(document_id)
    assert {"read 1", "read 2"} <= {line.text for line in again.pages[0].lines}
    for wanted in (changed, turned, before):
        step = store.undo(document_id, author="user")
        assert step
        assert (step.state, step.note) == ("undone", "")
        assert _said(store.get_document(document_id)) == _said(wanted)
    assert store.get_document(document_id) == before
    assert store.undo(document_id, author="user") is None
    for _ in range(3):
        store.redo(document_id, author="user")
    assert _said(store.get_document(document_id)) == _said(again)


def _said(document: Document) -> list[tuple[list[tuple[str, str, bool]], list[Figure]]]:
    """The lines and drawings of each page."""
    return [
        ([(line.id, line.text, line.checked) for line in page.lines], list(page.figures)) for page in document.pages
    ]


def test_a_turn_is_not_taken_back_where_somebody_else_has_written_in_what_was_read_then(
    store: Store, tmp_path: Path
) -> None:
    document_id = read_document(store, tmp_path, "g")
    worker = worker_on(store, tmp_path, read_standing([]))
    worker.start()
    turn_page(store, store.get_page(document_id, 0).id, 1, author="user")
    ended(store, document_id)
    worker.stop()
    store.undo(document_id, author="user")
    lying = store.get_page(document_id, 0)
    store.correct_line(lying.lines[0].id, "theirs", author="somebody")
    written = store.get_page(document_id, 0)
    change = store.redo(document_id, author="user")
    assert change
    assert (change.state, change.note) == (
        "kept",
        "Nothing was done again: others have changed 1 of these lines since.",
    )
    assert store.get_page(document_id, 0) == written
    assert store.list_pages(document_id)[0].turned is None


def test_a_page_turned_while_it_is_read_is_read_once_more(store: Store, tmp_path: Path) -> None:
    document_id = read_document(store, tmp_path, "g")
    before = store.get_page(document_id, 0)
    here = before.id
    turn_page(store, here, 1, author="user")
    gate = Gate(0)
    worker = worker_on(store, tmp_path, replace(STEPS, read_page=gate.read_page))
    worker.start()
    assert gate.reached.wait(30)
    turn_page(store, here, 1, author="user")
    lying = store.get_page(document_id, 0)
    gate.open.set()
    assert ended(store, document_id).state == "done"
    worker.stop()
    # Of the two readings only the second counts, and goes with the second turn.
    assert [change.kind for change in store.changes(document_id)] == ["turn page", "turn page"]
    store.undo(document_id, author="user")
    (summary,) = store.list_pages(document_id)
    assert (summary.turned, summary.unread, summary.lines) == (1, True, len(lying.lines))
    store.undo(document_id, author="user")
    assert store.get_page(document_id, 0) == before


def test_a_page_turned_back_while_it_is_read_stays_as_it_was(store: Store, tmp_path: Path) -> None:
    document_id = read_document(store, tmp_path, "g")
    before = store.get_page(document_id, 0)
    turn_page(store, before.id, 1, author="user")
    undo_while_read(store, tmp_path, document_id)
    assert store.get_page(document_id, 0) == before


def test_a_turned_page_that_can_not_be_read_keeps_its_lines_and_undo_forgets_the_trouble(
    store: Store, tmp_path: Path
) -> None:
    document_id = read_document(store, tmp_path, "g")
    before = store.get_page(document_id, 0)

    def fail(*_: object) -> Page:
        raise ZeroDivisionError

    worker = worker_on(store, tmp_path, replace(STEPS, read_page=fail))
    worker.start()
    turn_page(store, before.id, 1, author="user")
    assert ended(store, document_id).state == "done"
    worker.stop()
    (page,) = store.list_pages(document_id)
    assert (page.lines, page.unread, "ZeroDivisionError" in page.error) == (2, False, True)
    store.undo(document_id, author="user")
    assert store.get_page(document_id, 0) == before

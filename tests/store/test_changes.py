"""Steps in a document: undone and done again, over sessions, lines, pages and people, whatever happens in between."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from pipeline.document import Figure, Line, Page, Transcription
from pipeline.errors import ConflictError, NotFoundError
from pipeline.store import Change, Store
from pipeline.store.states import arranged
from tests.store.helpers import SERVER, finished, line, page, queued, store_in


@pytest.fixture
def document_id(store: Store) -> str:
    return finished(store, 2)


def ids(store: Store, document_id: str, index: int = 0) -> list[str]:
    return [line.id for line in store.get_page(document_id, index).lines]


def texts(store: Store, document_id: str, index: int = 0) -> list[str]:
    return [line.text for line in store.get_page(document_id, index).lines]


def set_lines(store: Store, document_id: str, lines: Sequence[Line], author: str = "user") -> Change:
    """Let page 0 have these lines."""
    change = store.change_pages(
        document_id, {0}, "order", lambda page: replace(page, lines=tuple(lines)), author=author
    )
    assert change
    return change


def test_undo_goes_back_over_lines_and_pages_to_the_beginning(store: Store, document_id: str) -> None:
    before = store.get_document(document_id)
    for index in (0, 1):
        for line_id in ids(store, document_id, index):
            store.correct_line(line_id, f"page {index}")
    pages = []
    while change := store.undo(document_id, author="user"):
        pages.append(change.pages)
    assert pages == [(1,), (1,), (0,), (0,)]
    assert store.get_document(document_id) == before
    assert store.get_summary(document_id).checked == 0


def test_what_was_undone_is_done_again_in_order(store: Store, document_id: str) -> None:
    first, second = ids(store, document_id)
    store.correct_line(first, "a")
    store.correct_line(second, "b")
    after = store.get_document(document_id)
    store.undo(document_id, author="user")
    store.undo(document_id, author="user")
    assert [store.redo(document_id, author="user").line_ids for _ in range(2)] == [(first,), (second,)]  # type: ignore[union-attr]
    assert store.redo(document_id, author="user") is None
    assert store.get_document(document_id) == after
    assert store.get_summary(document_id).checked == 2


def test_undo_is_offered_however_much_others_did_since(store: Store, document_id: str) -> None:
    first, second = ids(store, document_id)
    assert not store.can_undo(document_id, author="ada")
    store.correct_line(first, "by ada", author="ada")
    for number in range(60):
        store.correct_line(second, f"by ben {number}", author="ben")
    assert store.can_undo(document_id, author="ada")
    store.undo(document_id, author="ada")
    assert not store.can_undo(document_id, author="ada")
    assert texts(store, document_id) == ["first line", "by ben 59"]


@pytest.mark.skipif(bool(SERVER), reason="about SQLite")
def test_undo_finds_its_step_by_an_index(store: Store, document_id: str) -> None:
    store.correct_line(ids(store, document_id)[0], "a")
    asked: list[tuple[str, Any]] = []
    event.listen(store.engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    store.undo(document_id, author="user")
    statement, values = next(query for query in asked if "FROM changes" in query[0] and "ORDER BY" in query[0])
    with store.reading() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values).all()
    assert "LIMIT" in statement
    assert [step.detail for step in plan] == [
        "SEARCH changes USING INDEX changes_by_author (document_id=? AND author=? AND state=?)"
    ]


def test_something_new_makes_what_was_undone_undoable_no_more(store: Store, document_id: str) -> None:
    first, second = ids(store, document_id)
    store.correct_line(first, "a")
    store.undo(document_id, author="user")
    store.correct_line(second, "b")
    assert store.redo(document_id, author="user") is None
    assert [change.state for change in store.changes(document_id)] == ["done", "dropped"]


def test_undo_works_in_another_session_and_after_a_restart(store: Store, document_id: str, tmp_path: Path) -> None:
    store.correct_line(ids(store, document_id)[0], "a")
    store.close()
    later = store_in(tmp_path)
    change = later.undo(document_id, author="user")
    assert change
    assert (change.kind, change.state, change.summary) == ("text", "undone", "1 line written or confirmed")
    assert texts(later, document_id) == ["first line", "second line"]


def test_the_history_keeps_what_undo_and_redo_have_shown(store: Store, document_id: str) -> None:
    line_id = ids(store, document_id)[0]
    store.correct_line(line_id, "a")
    store.undo(document_id, author="user")
    store.redo(document_id, author="user")
    versions = [(version.number, version.text, version.restored) for version in store.history(line_id)]
    assert versions == [(1, "first line", False), (2, "a", False), (3, "first line", True), (4, "a", True)]


def test_each_author_undoes_their_own_steps(store: Store, document_id: str) -> None:
    first, second = ids(store, document_id)
    store.correct_line(first, "by ada", author="ada")
    store.correct_line(second, "by ben", author="ben")
    store.undo(document_id, author="ada")
    assert texts(store, document_id) == ["first line", "by ben"]
    assert store.undo(document_id, author="ada") is None


def test_two_people_on_one_line_have_both_versions_in_its_history_and_the_later_is_shown(
    store: Store, document_id: str
) -> None:
    line_id = ids(store, document_id)[0]
    store.correct_line(line_id, "by ada", author="ada")
    store.correct_line(line_id, "by ben", author="ben")
    assert [(version.text, version.author) for version in store.history(line_id)][1:] == [
        ("by ada", "ada"),
        ("by ben", "ben"),
    ]
    kept = store.undo(document_id, author="ada")
    assert kept
    assert (kept.state, kept.note) == ("kept", "Nothing was undone: others have changed 1 of these lines since.")
    assert texts(store, document_id)[0] == "by ben"
    store.undo(document_id, author="ben")
    assert texts(store, document_id)[0] == "by ada"


def test_what_others_changes_kept_is_undone_once_these_are_undone(store: Store, document_id: str) -> None:
    first, second = ids(store, document_id)
    before = texts(store, document_id)
    store.correct_line(second, "2 by ada", author="ada")
    store.correct_line(first, "1 by ada", author="ada")
    store.correct_line(first, "1 by ben", author="ben")
    # What others' change keeps is told once, and passed over then.
    steps = [store.undo(document_id, author="ada") for _ in range(3)]
    assert [step and (step.state, step.line_ids) for step in steps] == [
        ("kept", (first,)),
        ("undone", (second,)),
        None,
    ]
    assert texts(store, document_id) == ["1 by ben", "second line"]
    store.undo(document_id, author="ben")
    assert store.can_undo(document_id, author="ada")
    step = store.undo(document_id, author="ada")
    assert step
    assert (step.state, step.line_ids, step.note) == ("undone", (first,), "")
    assert texts(store, document_id) == before
    assert not store.can_undo(document_id, author="ada")
    while store.redo(document_id, author="ada"):
        pass
    assert texts(store, document_id) == ["1 by ada", "2 by ada"]


def test_what_others_changes_keep_from_being_done_again_is_told_and_undoes_nothing_of_theirs(
    store: Store, document_id: str
) -> None:
    first, _ = ids(store, document_id)
    store.correct_line(first, "by ada", author="ada")
    store.undo(document_id, author="ada")
    store.go_back(first, 2, author="ben")
    step = store.redo(document_id, author="ada")
    assert step
    assert (step.state, step.note[:22]) == ("kept", "Nothing was done again")
    assert store.redo(document_id, author="ada") is None
    assert store.undo(document_id, author="ada") is None
    assert texts(store, document_id) == ["by ada", "second line"]


def test_of_a_step_over_many_lines_those_that_others_changed_stay(store: Store, document_id: str) -> None:
    def shout(page: Page) -> Page:
        lines = (replace(o, transcription=replace(o.transcription, text=o.text.upper())) for o in page.lines)
        return replace(page, lines=tuple(lines))

    store.change_pages(document_id, {0, 1}, "replace", shout, author="ada")
    store.correct_line(ids(store, document_id)[0], "by ben", author="ben")
    change = store.undo(document_id, author="ada")
    assert change
    assert (change.state, change.pages, change.note[:16]) == ("undone", (0, 1), "1 of these lines")
    assert texts(store, document_id) + texts(store, document_id, 1) == [
        "by ben", "second line", "first line", "second line",
    ]  # fmt: skip


def test_lines_leave_their_page_and_come_back_with_history_and_place(store: Store, document_id: str) -> None:
    first, second = store.get_page(document_id, 0).lines
    store.correct_line(first.id, "a")
    before = store.get_page(document_id, 0)
    change = set_lines(store, document_id, [second])
    assert (change.removed, change.line_ids) == ((first.id,), (first.id,))
    assert texts(store, document_id) == ["second line"]
    assert (store.get_summary(document_id).lines, store.get_summary(document_id).checked) == (3, 0)
    assert [page.lines for page in store.list_pages(document_id)] == [1, 2]
    assert len(store.history(first.id)) == 2
    with pytest.raises(NotFoundError):
        store.get_line(first.id)
    store.undo(document_id, author="user")
    assert store.get_page(document_id, 0) == before


def test_a_new_line_goes_and_comes_by_undo_and_redo(store: Store, document_id: str) -> None:
    first, second = store.get_page(document_id, 0).lines
    (new,) = set_lines(store, document_id, [first, line("between"), second]).added
    after = store.get_page(document_id, 0)
    assert [line.id for line in after.lines] == [first.id, new, second.id]
    store.undo(document_id, author="user")
    assert ids(store, document_id) == [first.id, second.id]
    store.redo(document_id, author="user")
    assert store.get_page(document_id, 0) == after


def test_everything_about_a_line_comes_back(store: Store, document_id: str) -> None:
    before = store.get_page(document_id, 0)
    changed = replace(
        before.lines[0],
        **{"kind": "list_item", "level": 2, "paragraph": 7, "checked": True},
        polygon=((1.0, 2.0), (30.0, 2.0), (30.0, 9.5)),
        baseline=((1.0, 8.0), (30.0, 8.0)),
        transcription=Transcription("new", 0.7, "ada", (0.5, 1.0, 0.25), ("now", "mew")),
    )
    figures = (Figure((3, 4, 50, 60)),)
    store.change_pages(
        document_id, {0}, "move",
        lambda page: replace(page, lines=(changed, page.lines[1]), figures=figures), author="user",
    )  # fmt: skip
    after = store.get_page(document_id, 0)
    assert (after.lines[0], after.figures) == (changed, figures)
    store.undo(document_id, author="user")
    assert store.get_page(document_id, 0) == before
    store.redo(document_id, author="user")
    assert store.get_page(document_id, 0) == after


def test_a_step_that_changes_nothing_is_none(store: Store, document_id: str) -> None:
    assert store.change_pages(document_id, {0, 1}, "move", lambda page: page, author="user") is None
    store.correct_line(ids(store, document_id)[0], "a")
    assert store.correct_line(ids(store, document_id)[0], "a") is None
    assert len(store.changes(document_id)) == 1


def test_a_step_that_fails_midway_leaves_everything_as_it_was(store: Store, document_id: str) -> None:
    before = store.get_document(document_id)

    def edit(page: Page) -> Page:
        if page.index == 1:
            raise ZeroDivisionError
        return replace(page, lines=())

    with pytest.raises(ZeroDivisionError):
        store.change_pages(document_id, {0, 1}, "delete", edit, author="user")
    assert store.get_document(document_id) == before


def test_a_text_for_a_line_that_was_deleted_meanwhile_is_kept_and_seen_after_undo(
    store: Store, document_id: str
) -> None:
    first, second = store.get_page(document_id, 0).lines
    set_lines(store, document_id, [second], author="ben")
    with pytest.raises(ConflictError, match="kept in its history"):
        store.correct_line(first.id, "typed by ada", author="ada")
    store.undo(document_id, author="ben")
    assert texts(store, document_id) == ["typed by ada", "second line"]


def test_an_old_version_is_gone_back_to_as_a_step(store: Store, document_id: str) -> None:
    line_id = ids(store, document_id)[0]
    for text in ("a", "b"):
        store.correct_line(line_id, text)
    store.go_back(line_id, 1)
    assert store.get_line(line_id)[2].transcription == Transcription("first line", 0.5, "crnn")
    store.undo(document_id, author="user")
    assert store.get_line(line_id)[2].text == "b"
    with pytest.raises(NotFoundError, match="version"):
        store.go_back(line_id, 99)


def test_the_steps_that_touched_a_line_are_told(store: Store, document_id: str) -> None:
    first, second = store.get_page(document_id, 0).lines
    store.correct_line(first.id, "a", author="ada")
    corrected = store.get_line(first.id)[2]
    set_lines(store, document_id, [second, corrected], author="ben")
    set_lines(store, document_id, [second], author="cleo")
    assert [(change.kind, change.author) for change in store.changes_of_line(first.id)] == [
        ("order", "cleo"),
        ("text", "ada"),
    ]
    assert [change.number for change in store.changes(document_id, limit=2)] == [3, 2]


def test_steps_on_a_page_that_was_read_anew_are_passed_over(store: Store) -> None:
    document_id = queued(store)
    for number in (0, 1):
        store.save_page(document_id, page(number), None)
    other = ids(store, document_id, 1)[0]
    store.correct_line(other, "a")
    store.correct_line(ids(store, document_id)[0], "b")
    store.save_page(document_id, page(0), None)
    change = store.undo(document_id, author="user")
    assert change
    assert change.line_ids == (other,)


@pytest.mark.parametrize(
    ("current", "wanted", "order"),
    [("abc", "cab", "cab"), ("abxc", "cba", "cbxa"), ("xabc", "cba", "xcba"), ("ab", "azb", "ab"), ("", "ab", "")],
)
def test_an_order_is_put_back_around_what_came_since(current: str, wanted: str, order: str) -> None:
    assert "".join(arranged(current, wanted)) == order

"""Lines of stored pages put right by hand, each time as one step."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.document import Document, Figure, Line, Page, Transcription
from pipeline.errors import ConflictError, EngineError, InklineError, NotFoundError, RetouchError
from pipeline.retouch import (
    add_figure,
    confirm_lines,
    delete_lines,
    ink,
    insert_line,
    merge_lines,
    move_line,
    order_lines,
    remove_figure,
    set_kind,
    split_line,
    turn_page,
)
from pipeline.store import Change, Store
from tests.store.helpers import picture


def written(text: str, x0: float, x1: float, base: float, paragraph: int = 0) -> Line:
    """A line 40 px high."""
    polygon = ((x0, base - 30), (x1, base - 30), (x1, base + 10), (x0, base + 10))
    return Line(
        "", polygon, ((x0, base), (x1, base)), paragraph=paragraph, transcription=Transcription(text, 0.5, "crnn")
    )


LINES = (
    written("one two", 100, 400, 100),
    written("three four", 450, 900, 102),
    written("five", 100, 900, 160),
    written("side note", 1000, 1200, 100, paragraph=1),
)


def shaded() -> bytes:
    """A picture that is another one when it is turned."""
    shades = np.linspace(255, 200, 20).astype(np.uint8)
    return cv2.imencode(".png", np.tile(shades[:, None, None], (1, 10, 3)))[1].tobytes()


@pytest.fixture
def document_id(store: Store) -> str:
    pages = (Page(0, 1300, 400, 300, lines=LINES, figures=(Figure((5, 5, 50, 50)),)), Page(1, 1300, 400, 300))
    return store.create_finished_document(Document("Notes", pages), [shaded(), picture(2)])


def lines_of(store: Store, document_id: str) -> tuple[Line, ...]:
    return store.get_page(document_id, 0).lines


def texts(store: Store, document_id: str) -> list[str]:
    return [line.text for line in lines_of(store, document_id)]


def read(page: Page, lines: Sequence[Line]) -> list[Transcription]:
    """A reader that says how wide lines are."""
    return [Transcription(f"{line.box[2] - line.box[0]} wide", 0.9, "reader") for line in lines]


def sure(change: Change | None) -> Change:
    assert change
    return change


OPERATIONS: dict[str, Callable[[Store, str, list[str]], Change | None]] = {
    "delete": lambda store, _, ids: delete_lines(store, ids[:2], author="ada"),
    "merge": lambda store, _, ids: merge_lines(store, ids[:2], author="ada"),
    "split": lambda store, _, ids: split_line(store, ids[0], at=(210, 90), author="ada"),
    "split text": lambda store, _, ids: split_line(store, ids[1], offset=5, author="ada"),
    "insert": lambda store, document_id, _: insert_line(store, document_id, 0, (100, 190, 900, 230), author="ada"),
    "move": lambda store, _, ids: move_line(store, ids[2], (90, 120, 800, 180), author="ada"),
    "confirm": lambda store, _, ids: confirm_lines(store, ids, author="ada"),
    "order": lambda store, document_id, ids: order_lines(store, document_id, 0, ids[::-1], author="ada"),
    "kind": lambda store, _, ids: set_kind(store, ids[:3], "list_item", author="ada", level=2),
    "figure": lambda store, _, ids: set_kind(store, ids[:2], "figure", author="ada"),
    "add figure": lambda store, document_id, _: add_figure(store, document_id, 0, (900, 9, 800, 40), author="ada"),
    "remove figure": lambda store, document_id, _: remove_figure(store, document_id, 0, (5, 5, 50, 50), author="ada"),
}


@pytest.mark.parametrize("do", OPERATIONS.values(), ids=OPERATIONS)
def test_each_is_one_step_that_is_undone_and_done_again(
    store: Store, document_id: str, do: Callable[[Store, str, list[str]], Change | None]
) -> None:
    before = store.get_page(document_id, 0)
    change = sure(do(store, document_id, [line.id for line in before.lines]))
    after = store.get_page(document_id, 0)
    assert after != before
    assert [(step.id, step.author, step.pages) for step in store.changes(document_id)] == [(change.id, "ada", (0,))]
    store.undo(document_id, author="ada")
    assert store.get_page(document_id, 0) == before
    store.redo(document_id, author="ada")
    assert store.get_page(document_id, 0) == after


def test_merged_lines_read_from_left_to_right_whatever_their_order(store: Store, document_id: str) -> None:
    one, three, *_ = lines_of(store, document_id)
    order_lines(store, document_id, 0, [three.id, one.id], author="ada")
    merge_lines(store, [one.id, three.id], author="ada")
    whole = lines_of(store, document_id)[0]
    assert (whole.id, whole.text, whole.box) == (three.id, "one two three four", (100, 70, 901, 113))
    assert whole.baseline == ((100, 100), (400, 100), (450, 102), (900, 102))


def test_merged_lines_are_confirmed_if_all_were(store: Store, document_id: str) -> None:
    ids = [line.id for line in lines_of(store, document_id)]
    store.correct_line(ids[0], "One two")
    merge_lines(store, ids[:2], author="user")
    assert not lines_of(store, document_id)[0].checked
    store.undo(document_id, author="user")
    store.correct_line(ids[1], "three, four")
    merge_lines(store, ids[:2], author="user")
    whole = lines_of(store, document_id)[0]
    assert (whole.checked, whole.text, whole.transcription.confidence) == (True, "One two three, four", 1.0)


def test_a_page_turned_while_a_line_of_it_is_split_is_not_cut_where_the_gap_was(
    store: Store, document_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = lines_of(store, document_id)[1]
    then_turned(store, document_id, ink, "picture_of", monkeypatch)
    with pytest.raises(ConflictError, match=r"^The page was turned meanwhile, so nothing was changed\. Please look at"):
        split_line(store, line.id, offset=5, author="ada")
    assert [change.kind for change in store.changes(document_id)] == ["turn page"]


def test_a_line_is_split_where_it_lies_though_its_page_was_turned_since_it_was_asked_for(
    store: Store, document_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = lines_of(store, document_id)[1]
    split_line(store, line.id, offset=5, author="ada")
    gap = lines_of(store, document_id)[1].box[2]
    store.undo(document_id, author="ada")
    then_turned(store, document_id, store, "get_line", monkeypatch)
    split_line(store, line.id, offset=5, author="ada")
    three, four = lines_of(store, document_id)[1:3]
    assert (three.text, four.text) == ("three", "four")
    assert (three.box[0], four.box[2]) == pytest.approx((1300 - gap, 1300 - gap), abs=2)


@pytest.mark.parametrize("at", [None, (675, 92)], ids=["in the text", "in both"])
def test_a_line_that_says_something_else_meanwhile_is_not_split_where_its_words_parted(
    store: Store, document_id: str, at: tuple[float, float] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = lines_of(store, document_id)[1]

    def rewrite() -> None:
        store.correct_line(line.id, "thirty-three four", author="ben")

    then(rewrite, store, "get_line", monkeypatch)
    with pytest.raises(ConflictError, match=r"^This line says something else by now, so nothing was changed\. Please"):
        split_line(store, line.id, at=at, offset=5, author="ada", text="three four")
    assert texts(store, document_id) == ["one two", "thirty-three four", "five", "side note"]
    store.correct_line(line.id, "three four", author="ben")
    with pytest.raises(ConflictError, match="says something else"):
        split_line(store, line.id, at=at, offset=5, author="ada")
    split_line(store, line.id, at=at, offset=12, author="ada", text="thirty-three four")
    assert texts(store, document_id)[1:3] == ["thirty-three", "four"]


def then_turned(store: Store, document_id: str, owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have somebody turn the first page upside down right after it was looked at by this function."""
    page = store.list_pages(document_id)[0].id
    then(lambda: turn_page(store, page, 2, author="ben"), owner, name, monkeypatch)


def then(do: Callable[[], object], owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this done right after this function has looked."""
    look = getattr(owner, name)

    def looking(*place: Any) -> Any:
        try:
            return look(*place)
        finally:
            do()

    monkeypatch.setattr(owner, name, looking)


def test_what_others_confirmed_stays_theirs(store: Store, document_id: str) -> None:
    ids = [line.id for line in lines_of(store, document_id)]
    store.correct_line(ids[0], "One two", author="ben")
    change = sure(confirm_lines(store, ids, author="ada"))
    assert set(change.line_ids) == set(ids[1:])
    assert [line.transcription.engine for line in lines_of(store, document_id)] == ["ben", "ada", "ada", "ada"]
    assert store.get_summary(document_id).checked == 4


def test_lines_that_all_say_something_else_by_now_are_not_confirmed(store: Store, document_id: str) -> None:
    first, second, third, _ = (line.id for line in lines_of(store, document_id))
    store.correct_line(first, "One two", author="ben")
    store.propose({line_id: Transcription("read anew", 0.9, "other reader") for line_id in (second, third)})
    store.take_proposals(document_id, author="ben")
    with pytest.raises(ConflictError, match=r"2 lines say something else .* Please read them first"):
        confirm_lines(store, [first, second, third], author="ada", texts=["one two", "three four", "five"])
    assert [line.checked for line in lines_of(store, document_id)] == [True, False, False, False]
    # Where the others were confirmed meanwhile, nothing is left to do.
    assert confirm_lines(store, [first], author="ada", texts=["one two"]) is None


def test_a_line_is_split_where_the_words_part(store: Store, document_id: str) -> None:
    line = lines_of(store, document_id)[0]
    change = sure(split_line(store, line.id, at=(240, 90), author="ada"))
    first, second, *_ = lines_of(store, document_id)
    assert (first.id, first.text, first.box) == (line.id, "one", (100, 70, 241, 111))
    assert ((second.id,), second.text, second.box) == (change.added, "two", (240, 70, 401, 111))
    assert first.paragraph == second.paragraph == 0


def test_the_second_part_of_a_list_item_is_no_item(store: Store, document_id: str) -> None:
    line = lines_of(store, document_id)[0]
    set_kind(store, [line.id], "list_item", level=1, author="ada")
    split_line(store, line.id, at=(240, 90), author="ada")
    assert [(line.kind, line.level) for line in lines_of(store, document_id)[:2]] == [("list_item", 1), ("text", 1)]


@pytest.mark.parametrize(
    ("outline", "place"),
    [
        ((100, 190, 900, 230), 3),  # under all, in the column of the text
        ((910, 75, 960, 112), 2),  # goes on with the first row
        ((100, 10, 900, 50), 0),  # above all
        ((1000, 140, 1200, 170), 4),  # under the side note
        ((1000, 10, 1200, 50), 3),  # over the side note
    ],
)
def test_a_drawn_line_finds_its_place_in_reading_order(
    store: Store, document_id: str, outline: tuple[float, ...], place: int
) -> None:
    (new,) = sure(insert_line(store, document_id, 0, outline, author="ada")).added
    assert [line.id for line in lines_of(store, document_id)].index(new) == place


def test_a_line_is_drawn_on_an_empty_page(store: Store, document_id: str) -> None:
    change = sure(insert_line(store, document_id, 1, [(10, 10), (90, 12), (90, 40), (10, 38)], author="ada", read=read))
    (line,) = store.get_page(document_id, 1).lines
    assert ((line.id,), line.text, line.transcription.engine, line.checked) == (
        change.added,
        "81 wide",
        "reader",
        False,
    )


def test_a_line_with_new_ink_is_read_again_in_the_same_step(store: Store, document_id: str) -> None:
    before = store.get_page(document_id, 0)
    move_line(store, before.lines[2].id, (90, 120, 800, 180), author="ada", read=read)
    assert texts(store, document_id) == ["one two", "three four", "711 wide", "side note"]
    store.undo(document_id, author="ada")
    assert store.get_page(document_id, 0) == before
    split_line(store, before.lines[0].id, at=(250, 90), author="ada", read=read)
    assert texts(store, document_id)[:2] == ["151 wide", "151 wide"]


def test_what_a_person_confirmed_is_not_read_again(store: Store, document_id: str) -> None:
    ids = [line.id for line in lines_of(store, document_id)]
    store.correct_line(ids[0], "One two")
    move_line(store, ids[0], (90, 65, 410, 115), author="ada", read=read)
    merge_lines(store, ids[:2], author="ada", read=read)
    assert texts(store, document_id)[0] == "One two three four"


def test_a_line_that_cannot_be_read_is_changed_all_the_same(store: Store, document_id: str) -> None:
    def fail(page: Page, lines: Sequence[Line]) -> list[Transcription]:
        raise EngineError("The model is missing.")

    change = sure(insert_line(store, document_id, 0, (100, 190, 900, 230), author="ada", read=fail))
    assert change.note == "The line was not read again. The model is missing."
    assert texts(store, document_id)[3] == ""


def test_lines_marked_as_a_figure_are_kept_as_a_drawing(store: Store, document_id: str) -> None:
    ids = [line.id for line in lines_of(store, document_id)]
    set_kind(store, ids[:2], "figure", author="ada")
    page = store.get_page(document_id, 0)
    assert page.figures == (Figure((5, 5, 50, 50)), Figure((100, 70, 901, 113)))
    assert len(page.lines) == 2


WRONG: dict[str, Callable[[Store, str, list[str]], object]] = {
    "nothing to delete": lambda store, _, ids: delete_lines(store, [], author="ada"),
    "no such line": lambda store, _, ids: delete_lines(store, ["none"], author="ada"),
    "one line to merge": lambda store, _, ids: merge_lines(store, ids[:1], author="ada"),
    "a line and none": lambda store, _, ids: merge_lines(store, [ids[0], "none"], author="ada"),
    "split beside": lambda store, _, ids: split_line(store, ids[0], at=(20, 90), author="ada"),
    "split nowhere": lambda store, _, ids: split_line(store, ids[0], author="ada"),
    "split before the text": lambda store, _, ids: split_line(store, ids[0], offset=0, author="ada"),
    "split behind the text": lambda store, _, ids: split_line(store, ids[0], offset=7, author="ada"),
    "no box": lambda store, document_id, _: insert_line(store, document_id, 0, (1, 1, 2, 2), author="ada"),
    "no page": lambda store, document_id, _: insert_line(store, document_id, 9, (10, 10, 90, 90), author="ada"),
    "a line twice": lambda store, document_id, ids: order_lines(store, document_id, 0, ids[:1] * 2, author="ada"),
    "no level": lambda store, _, ids: set_kind(store, ids[:1], "list_item", level=-1, author="ada"),
    "no figure": lambda store, document_id, _: remove_figure(store, document_id, 0, (1, 2, 3, 4), author="ada"),
}


@pytest.mark.parametrize("do", WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    store: Store, document_id: str, do: Callable[[Store, str, list[str]], object]
) -> None:
    before = store.get_document(document_id)
    with pytest.raises((NotFoundError, RetouchError), match=r"^[A-Z].*\.$") as told:
        do(store, document_id, [line.id for line in before.pages[0].lines])
    assert isinstance(told.value, InklineError)
    assert store.get_document(document_id) == before
    assert store.changes(document_id) == []

"""Lines that people draw, move or have read anew are looked at for underlines and strike-outs, as those found were."""

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.digitize import read_page
from pipeline.document import Document, Line, Page, Transcription
from pipeline.ingest import PageImage
from pipeline.jobs.reading import encode
from pipeline.retouch import (
    decorate_words,
    delete_lines,
    ink,
    insert_line,
    line_reader,
    move_line,
    propose_readings,
    reread_document,
    set_kind,
)
from pipeline.settings import Settings
from pipeline.store import Store
from tests import handmade
from tests.test_strokes import place, stroke

UNDERLINED, STRUCK = 2, 5


class Knowing:
    """Reads in each line what it is told to."""

    name = "knowing"

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        return [Transcription(self.texts.pop(0), 0.9, self.name) for _ in crops]


def page_with_strokes(store: Store, turns: int = 0) -> tuple[str, Page]:
    """A page as it was read, with words underlined and struck out, lying so many quarters further."""
    pixels = handmade.page()
    stroke(pixels, UNDERLINED, place(UNDERLINED, "Halifax", "rang"), 0.6, seed=2)
    stroke(pixels, STRUCK, place(STRUCK, "nothing"), -0.45, seed=4)
    pixels = np.ascontiguousarray(np.rot90(pixels, turns))
    page = read_page(PageImage(pixels, 150), 0, Knowing(*handmade.TEXT))
    document_id = store.create_finished_document(Document("Notes", (page,)), [encode(pixels)])
    return document_id, store.get_page(document_id, 0)


def decorated(line: Line) -> list[tuple[str, str]]:
    return [(one.kind, line.text[one.start : one.end]) for one in line.transcription.decorations]


def wider(line: Line, by: float) -> tuple[float, float, float, float]:
    """A box around a line as a hand draws it."""
    x0, y0, x1, y1 = line.box
    along, across = (by, by / 4) if x1 - x0 > y1 - y0 else (by / 4, by)
    return x0 - along, y0 - across, x1 + 0.6 * along, y1 + 0.6 * across


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_line_drawn_by_hand_is_decorated_as_the_same_line_was_when_it_was_found(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    document_id, page = page_with_strokes(store, turns)
    wanted = {UNDERLINED: [("underline", "Halifax rang")], STRUCK: [("strike", "nothing")], 1: []}
    assert {row: decorated(page.lines[row]) for row in wanted} == wanted
    for row in wanted:
        monkeypatch.setattr(ink, "load_engine", lambda *_, row=row: Knowing(handmade.TEXT[row]))
        delete_lines(store, [page.lines[row].id], author="user")
        read = line_reader(store, settings, document_id)
        change = insert_line(store, document_id, 0, wider(page.lines[row], 30), author="user", read=read)
        assert change
        (line,) = (line for line in store.get_page(document_id, 0).lines if line.id in change.added)
        assert (line.text, decorated(line)) == (handmade.TEXT[row], wanted[row])


def test_a_moved_line_gets_what_its_new_ink_shows_and_keeps_what_somebody_put_on(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id, page = page_with_strokes(store)
    line = page.lines[UNDERLINED]
    decorate_words(store, line.id, 0, 16, "underline", author="user", on=False, text=line.text)
    knowing = Knowing("bells of", handmade.TEXT[UNDERLINED])
    monkeypatch.setattr(ink, "load_engine", lambda *_: knowing)
    read = line_reader(store, settings, document_id)
    x0, y0, x1, y1 = line.box
    move_line(store, line.id, (x0, y0, x0 + 0.25 * (x1 - x0), y1), author="user", read=read)
    said = store.get_line(line.id)[2]
    assert (said.text, decorated(said)) == ("bells of", [])
    decorate_words(store, line.id, 0, 5, "strike", author="user", on=True, text="bells of")
    move_line(store, line.id, line.box, author="user", read=read)
    said = store.get_line(line.id)[2]
    assert decorated(said) == [("strike", "bells"), ("underline", "Halifax rang")]


def test_an_underline_that_somebody_took_off_stays_off_when_the_box_is_changed(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id, page = page_with_strokes(store)
    line = page.lines[UNDERLINED]
    decorate_words(store, line.id, 9, 16, "underline", author="user", on=False, text=line.text)
    assert decorated(store.get_line(line.id)[2]) == [("underline", "rang")]
    # The word behind those that were underlined is read otherwise, the first is found.
    said = ["bells of Halifax rang until dawn", "The bells of Halifax rang until dawn"]
    knowing = Knowing(*said)
    monkeypatch.setattr(ink, "load_engine", lambda *_: knowing)
    for by, text in enumerate(said, 1):
        move_line(store, line.id, wider(line, 6 * by), author="user", read=line_reader(store, settings, document_id))
        now = store.get_line(line.id)[2]
        assert (now.text, decorated(now)) == (text, [("underline", "rang")])


def test_the_bars_of_a_formula_underline_nothing(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id, page = page_with_strokes(store)
    line = page.lines[UNDERLINED]
    decorate_words(store, line.id, 0, len(line.text), "underline", author="user", on=False, text=line.text)
    set_kind(store, [line.id], "formula", author="user")
    monkeypatch.setattr(ink, "load_engine", lambda *_: Knowing(handmade.TEXT[UNDERLINED]))
    move_line(store, line.id, wider(line, 12), author="user", read=line_reader(store, settings, document_id))
    said = store.get_line(line.id)[2]
    assert (said.text, decorated(said)) == (handmade.TEXT[UNDERLINED], [])


@pytest.mark.parametrize("scope", ["line", "document"])
def test_a_line_that_was_inserted_and_is_read_anew_is_decorated_as_its_ink_shows(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, scope: str
) -> None:
    document_id, page = page_with_strokes(store)
    delete_lines(store, [page.lines[UNDERLINED].id], author="user")
    change = insert_line(store, document_id, 0, wider(page.lines[UNDERLINED], 30), author="user")
    assert change
    (new,) = change.added
    said = [line.text or handmade.TEXT[UNDERLINED] for line in store.get_page(document_id, 0).lines]
    knowing = Knowing(*(said if scope == "document" else [handmade.TEXT[UNDERLINED]]))
    monkeypatch.setattr(ink, "load_engine", lambda *_: knowing)
    if scope == "line":
        propose_readings(store, settings, document_id, 0, line_ids=[new])
    else:
        reread_document(store, settings, document_id, "knowing")
    store.take_proposals(document_id, [new], author="user")
    line = store.get_line(new)[2]
    assert (line.text, decorated(line)) == (handmade.TEXT[UNDERLINED], [("underline", "Halifax rang")])


def test_an_underline_that_somebody_took_off_stays_off_when_the_line_is_read_anew(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id, page = page_with_strokes(store)
    line = page.lines[UNDERLINED]
    decorate_words(store, line.id, 9, 16, "underline", author="user", on=False, text=line.text)
    monkeypatch.setattr(ink, "load_engine", lambda *_: Knowing("The bills of Halifax rung until dawn"))
    propose_readings(store, settings, document_id, 0, line_ids=[line.id])
    store.take_proposals(document_id, [line.id], author="user")
    now = store.get_line(line.id)[2]
    assert (now.text, decorated(now)) == ("The bills of Halifax rung until dawn", [("underline", "rung")])

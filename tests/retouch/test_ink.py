"""Ink of stored lines cut and read again: as it was cut the first time, and anew where an outline has changed."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from pipeline.digitize import read_page
from pipeline.document import Document, Page, Transcription
from pipeline.errors import NotFoundError, PageError
from pipeline.ingest import PageImage
from pipeline.jobs.reading import encode
from pipeline.retouch import ink, line_reader, propose_readings, split_line
from pipeline.settings import Settings
from pipeline.store import Store
from tests import handmade
from tests.store.helpers import page as small_page
from tests.store.helpers import picture


class Reader:
    """Keeps the crops it is given; reads how many there were."""

    name = "second reader"

    def __init__(self) -> None:
        self.crops: list[np.ndarray] = []

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        self.crops += crops
        first = len(self.crops) - len(crops)
        return [Transcription(f"reading {first + n}", 0.6, self.name) for n in range(len(crops))]


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Stands in for whatever reader is asked for."""
    reader = Reader()
    monkeypatch.setattr(ink, "load_engine", lambda name, settings: reader)
    return reader


def read_and_stored(store: Store, pixels: np.ndarray) -> tuple[Reader, str, Page]:
    """What read the page first, and the page as the store has it."""
    first = Reader()
    page = read_page(PageImage(pixels, 150), 0, first)
    document_id = store.create_finished_document(Document("Notes", (page,)), [encode(pixels)])
    return first, document_id, store.get_page(document_id, 0)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_stored_line_is_cut_as_it_was_when_it_was_read(
    store: Store, settings: Settings, second: Reader, turns: int
) -> None:
    pixels = np.ascontiguousarray(np.rot90(handmade.turn(handmade.page(), 2.0), turns))
    first, document_id, page = read_and_stored(store, pixels)
    line_reader(store, settings, document_id)(page, page.lines)
    assert len(second.crops) == len(handmade.TEXT)
    for one, other in zip(first.crops, second.crops, strict=True):
        size = (one.shape[1], one.shape[0])
        assert np.abs(np.subtract(one.shape, other.shape)).max() <= 4
        both = cv2.blur(one, (5, 5)).astype(float), cv2.blur(cv2.resize(other, size), (5, 5)).astype(float)
        assert np.corrcoef(both[0].ravel(), both[1].ravel())[0, 1] > 0.9


def test_a_split_at_a_place_in_the_text_parts_the_ink_between_its_words(store: Store) -> None:
    _, document_id, page = read_and_stored(store, handmade.page())
    text = handmade.TEXT[0]
    store.correct_line(page.lines[0].id, text)
    split_line(store, page.lines[0].id, offset=text.index("brown"), author="ada")
    first, second, *_ = store.get_page(document_id, 0).lines
    assert (first.text, second.text) == ("the quick", "brown fox jumped over")
    widths = [
        cv2.getTextSize(part, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.6, 2)[0][0] for part in ("the quick", "the quick ")
    ]
    assert 120 + widths[0] - 8 <= first.box[2] <= 120 + widths[1] + 8


def test_readings_are_proposed_for_lines_nobody_confirmed_and_taken_as_one_step(
    store: Store, settings: Settings, second: Reader
) -> None:
    _, document_id, page = read_and_stored(store, handmade.page(handmade.TEXT[:3]))
    store.correct_line(page.lines[0].id, "confirmed")
    second.crops = [np.zeros((1, 1))] * 7
    proposals = propose_readings(store, settings, document_id, 0, engine="other")
    assert [(p.line_id, p.before, p.reading.text) for p in proposals] == [
        (page.lines[1].id, "reading 1", "reading 7"),
        (page.lines[2].id, "reading 2", "reading 8"),
    ]
    assert store.get_page(document_id, 0).lines[1].text == "reading 1"
    change = store.take_proposals(document_id, [page.lines[1].id], author="ada")
    assert change
    assert (change.kind, change.line_ids) == ("reread", (page.lines[1].id,))
    assert [line.text for line in store.get_page(document_id, 0).lines] == ["confirmed", "reading 7", "reading 2"]
    assert store.history(page.lines[1].id)[-1].author == "second reader"
    assert [p.line_id for p in store.proposals(document_id)] == [page.lines[2].id]
    store.undo(document_id, author="ada")
    assert store.get_page(document_id, 0).lines[1].text == "reading 1"


def test_a_confirmed_line_is_read_again_only_by_name_and_taken_only_by_name(
    store: Store, settings: Settings, second: Reader
) -> None:
    _, document_id, page = read_and_stored(store, handmade.page(handmade.TEXT[:2]))
    line_id = page.lines[0].id
    store.correct_line(line_id, "confirmed")
    (proposal,) = propose_readings(store, settings, document_id, 0, line_ids=[line_id])
    assert (proposal.line_id, proposal.page, proposal.before) == (line_id, 0, "confirmed")
    assert store.take_proposals(document_id, author="ada") is None
    propose_readings(store, settings, document_id, 0, line_ids=[line_id])
    assert store.take_proposals(document_id, [line_id], author="ada")
    assert not store.get_page(document_id, 0).lines[0].checked


def test_what_was_read_in_other_ink_is_proposed_no_more(store: Store, settings: Settings, second: Reader) -> None:
    _, document_id, page = read_and_stored(store, handmade.page(handmade.TEXT[:2]))
    second.crops = [np.zeros((1, 1))] * 7
    propose_readings(store, settings, document_id, 0)
    split_line(store, page.lines[0].id, at=(page.width / 2, page.lines[0].box[1]), author="ada")
    assert [p.line_id for p in store.proposals(document_id)] == [page.lines[1].id]
    store.drop_proposals(document_id)
    assert store.proposals(document_id) == []


def test_a_page_whose_picture_is_gone_is_said_in_a_sentence(store: Store, settings: Settings, second: Reader) -> None:
    document_id = store.create_finished_document(Document("Notes", (small_page(),)), [picture(9)])
    store.blob_path(store.get_page(document_id, 0).image).unlink()
    with pytest.raises((PageError, NotFoundError), match=r"^[A-Z].*\.$"):
        propose_readings(store, settings, document_id, 0)

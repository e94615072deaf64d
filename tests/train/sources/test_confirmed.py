from pathlib import Path

import numpy as np
import pytest

from pipeline.clean import clean_page
from pipeline.digitize import read_page
from pipeline.document import Document, Page, Transcription
from pipeline.errors import SourceError
from pipeline.ingest import PageImage
from pipeline.jobs.reading import encode
from pipeline.lines import crop_line, find_lines
from pipeline.store import Store
from pipeline.train.sources import read_lines
from pipeline.train.sources.confirmed import confirmed_lines
from tests.store.helpers import store_in
from tests.train.sources.layouts import TEXTS, draw_page

RNG = np.random.default_rng(0)


class Silent:
    """Reads every line as a guess."""

    name = "silent"

    def transcribe(self, crops: list[np.ndarray]) -> list[Transcription]:
        return [Transcription("a guess", 0.5, self.name) for _ in crops]


def add_page(store: Store, pixels: np.ndarray, name: str = "Notes") -> tuple[str, Page]:
    """A document of one page that was read, and the page as it is stored."""
    page = read_page(PageImage(pixels, 300), 0, Silent())
    id_ = store.create_finished_document(Document(name, (page,)), [encode(pixels)])
    return id_, store.get_page(id_, 0)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("INKLINE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return store_in(tmp_path / "data")


def test_confirmed_lines_are_cut_as_digitize_cut_them(store: Store) -> None:
    pixels = draw_page()
    _, page = add_page(store, pixels)
    assert len(page.lines) == 3
    for line, text in zip(page.lines, TEXTS, strict=True):
        store.correct_line(line.id, text)
    read = read_lines("store")
    assert [sample.text for sample in read.samples] == list(TEXTS)
    assert {(sample.writer, sample.group) for sample in read.samples} == {("Notes", "store")}
    clean = clean_page(pixels)
    for sample, line in zip(read.samples, find_lines(clean), strict=True):
        seen, cut = crop_line(clean, line), sample.image(RNG)
        # The stored picture is a JPEG, the stored outline rounded to tenths of pixels.
        assert np.abs(np.subtract(seen.shape, cut.shape)).max() <= 2
        assert abs(int((seen < 128).sum()) - int((cut < 128).sum())) < 0.03 * (seen < 128).sum()


@pytest.mark.parametrize("turns", [1, 3])
def test_lines_of_a_page_that_lay_on_its_side_come_upright(store: Store, turns: int) -> None:
    pixels = draw_page(["level writing here"] * 4)
    _, upright = add_page(store, pixels)
    _, page = add_page(store, np.ascontiguousarray(np.rot90(pixels, turns)), "Turned")
    assert round(abs(page.skew_degrees)) == 90
    for line in (upright.lines[0], page.lines[0]):
        store.correct_line(line.id, "level writing here")
    one, other = (sample.image(RNG) for sample in read_lines("store").samples)
    assert np.abs(np.subtract(one.shape, other.shape)).max() <= 3


def test_only_what_a_person_confirmed_last_counts(store: Store) -> None:
    id_, page = add_page(store, draw_page())
    first, second, third = (line.id for line in page.lines)
    store.correct_line(first, "wrong")
    store.correct_line(first, "right")
    store.correct_line(second, "taken back")
    store.undo_line(second)
    store.correct_line(third, "  ")
    read = read_lines(f"store:{id_}")
    assert [sample.text for sample in read.samples] == ["right"]
    assert [(row.file, row.row, row.reason) for row in read.bad] == [
        ("Notes, page 1", f"line {third}", "its text is empty")
    ]


def test_one_document_s_lines_come_without_the_others(store: Store) -> None:
    ids = []
    for name in ("One", "Two"):
        id_, page = add_page(store, draw_page(), name)
        store.correct_line(page.lines[0].id, f"from {name}")
        ids.append(id_)
    assert [sample.text for sample in read_lines("store").samples] == ["from One", "from Two"]
    assert [sample.text for sample in confirmed_lines(store, ids[1]).samples] == ["from Two"]


def test_a_store_without_confirmed_lines_says_what_to_do(store: Store) -> None:
    add_page(store, draw_page())
    with pytest.raises(SourceError, match="Nobody has confirmed a line"):
        read_lines("store")
    with pytest.raises(SourceError, match="no document nowhere in the store"):
        read_lines("store:nowhere")
    with pytest.raises(SourceError, match="does not tell where words are"):
        read_lines("store", "word")


def test_a_page_whose_picture_is_gone_names_its_lines(store: Store) -> None:
    _, page = add_page(store, draw_page())
    _, other = add_page(store, draw_page(["quite another"]), "Other")
    for line in (page.lines[0], other.lines[0]):
        store.correct_line(line.id, "text")
    store.blob_path(page.image).unlink()
    read = read_lines("store")
    assert len(read.samples) == 1
    assert [row.file for row in read.bad] == ["Notes, page 1"]
    assert "is not there" in read.bad[0].reason

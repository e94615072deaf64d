"""What goes out as PAGE XML or ALTO comes in again as it was."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.document import Document, Figure, Line, Page, Transcription
from pipeline.export import write_document
from pipeline.store import Store
from pipeline.store.pictures import pictures_of
from tests.decorated import spans
from tests.exchanges import imported
from tests.store.helpers import store_in

WIDTH, HEIGHT = 300, 200


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path)


def picture(suffix: str = ".jpg", width: int = WIDTH) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 255, (HEIGHT, width, 3), np.uint8)
    return cv2.imencode(suffix, pixels)[1].tobytes()


def line(place: int, text: str, **changes: object) -> Line:
    y = 30.0 + 40 * place
    outline = ((10.0, y - 20), (200.0, y - 22), (290.0, y - 20), (290.0, y + 8), (10.0, y + 8))
    made = Line(f"l{place}", outline, ((10.0, y), (150.0, y - 2), (290.0, y)), transcription=Transcription(text, 0.75))
    return replace(made, **changes)  # type: ignore[arg-type]


def notes() -> Document:
    first = (
        line(0, "Title", kind="heading", checked=True),
        line(1, "Éé → ∑ <&> \U0001f600", paragraph=1),
        line(2, "- an item", kind="list_item", paragraph=1),
        line(3, "goes on", paragraph=1),
    )
    second = (line(0, ""), line(1, "x = 1", kind="formula", paragraph=1))
    figures = (Figure((20, 100, 120, 180)),)
    return Document(
        "Notes", (Page(0, WIDTH, HEIGHT, 150, lines=first, figures=figures), Page(1, WIDTH, HEIGHT, 150, lines=second))
    )


def exported(format: str, store: Store, tmp_path: Path) -> Path:
    """Two pages in the store, the second with a black and white picture, as an archive."""
    document_id = store.create_finished_document(notes(), [picture(), picture(".png")])
    data = write_document(store.get_document(document_id), format, pictures_of(store))
    path = tmp_path / f"Notes.{format}.zip"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("format", ["page", "alto"])
def test_lines_text_and_pictures_come_back_as_they_went(format: str, store: Store, tmp_path: Path) -> None:
    back = imported(exported(format, store, tmp_path), store, tmp_path)
    assert back.name == "Notes"
    assert len(back.pages) == 2
    for page, true in zip(back.pages, notes().pages, strict=True):
        assert (page.width, page.height) == (WIDTH, HEIGHT)
        assert [figure.box for figure in page.figures] == [figure.box for figure in true.figures]
        told = [(line.text, line.kind, line.paragraph, line.checked) for line in page.lines]
        assert told == [(line.text, line.kind, line.paragraph, line.checked) for line in true.lines]
        for read, line in zip(page.lines, true.lines, strict=True):
            np.testing.assert_allclose(read.polygon, line.polygon, atol=0.5)
            np.testing.assert_allclose(read.baseline, line.baseline, atol=0.5)
            assert read.transcription.confidence == pytest.approx(0.75)
    assert [store.get_blob(page.image) for page in back.pages] == [picture(), picture(".png")]


@pytest.mark.parametrize("format", ["page", "alto"])
def test_a_second_time_around_nothing_moves_any_more(format: str, store: Store, tmp_path: Path) -> None:
    once = imported(exported(format, store, tmp_path), store, tmp_path)
    (tmp_path / "again.zip").write_bytes(write_document(once, format, pictures_of(store)))
    twice = imported(tmp_path / "again.zip", store, tmp_path)
    for page, before in zip(twice.pages, once.pages, strict=True):
        assert [(line.polygon, line.baseline, line.text) for line in page.lines] == [
            (line.polygon, line.baseline, line.text) for line in before.lines
        ]


def told(page: Page) -> list[tuple[object, ...]]:
    return [(line.text, line.kind, line.level, line.paragraph, line.checked) for line in page.lines]


@pytest.mark.parametrize("format", ["page", "alto"])
def test_a_round_trip_keeps_order_kinds_levels_paragraphs_resolution_and_certainty(
    format: str, store: Store, tmp_path: Path
) -> None:
    sure = (1.0, 0.25, 0.5, 1.0, 0.75, 0.03)
    lines = (
        line(3, "below, but first", paragraph=7),
        line(0, "- item", kind="list_item", level=0, paragraph=2),
        line(
            1, "- deep", kind="list_item", level=2, paragraph=3, transcription=Transcription("- deep", 0.4, "a", sure)
        ),
        line(2, "goes on", paragraph=7),
        line(0, "E = mc", kind="formula", paragraph=0, checked=True),
    )
    made = Document("Notes", (Page(0, WIDTH, HEIGHT, 180, -2.5, lines),))
    document_id = store.create_finished_document(made, [picture()])
    path = tmp_path / "a.zip"
    path.write_bytes(write_document(store.get_document(document_id), format, pictures_of(store)))
    [page] = imported(path, store, tmp_path).pages
    assert told(page) == told(made.pages[0])
    assert (page.dpi, page.skew_degrees) == (180, -2.5)
    certainty = page.lines[2].transcription.character_confidences
    if format == "page":
        assert certainty == pytest.approx(sure, abs=0.0051)
    else:  # ten steps, and nothing of spaces
        assert certainty == pytest.approx((1.0, 1.0, *sure[2:]), abs=1 / 18 + 0.005)
    assert [line.transcription.character_confidences for line in page.lines if line.text != "- deep"] == [()] * 4


@pytest.mark.parametrize("format", ["page", "alto"])
def test_underlined_and_struck_out_words_come_back(format: str, store: Store, tmp_path: Path) -> None:
    text, decorations = spans("The _first law_ of ~_the_ old~ days of the")
    reading = Transcription(text, 0.75, decorations=decorations)
    made = Document("Notes", (Page(0, WIDTH, HEIGHT, 150, lines=(line(0, text, transcription=reading),)),))
    document_id = store.create_finished_document(made, [picture()])
    path = tmp_path / "a.zip"
    path.write_bytes(write_document(store.get_document(document_id), format, pictures_of(store)))
    [page] = imported(path, store, tmp_path).pages
    assert page.lines[0].transcription.decorations == decorations

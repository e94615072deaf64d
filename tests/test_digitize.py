"""A page goes through all steps and comes back in its own coordinates; a bad one does not stop the rest."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from pipeline import digitize as module
from pipeline.clean import CleanPage
from pipeline.digitize import Progress, digitize, read_page
from pipeline.document import Page, Transcription
from pipeline.engines import LINES_AT_ONCE
from pipeline.errors import EngineError, PageError
from pipeline.ingest import PageImage, Source
from pipeline.layout import LaidLine, Layout
from pipeline.lines import TextLine
from tests.handmade import PEN, TEXT, page, write


class CountingEngine:
    """Reads each crop as its number, and remembers the sizes of batches."""

    name = "counting"

    def __init__(self) -> None:
        self.lines_at_once = LINES_AT_ONCE
        self.batches: list[int] = []

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        first = sum(self.batches)
        self.batches.append(len(crops))
        return [Transcription(f"line {first + i}", 0.9, self.name) for i in range(len(crops))]


def written(lines: int, *, width: int = 1000, height: int = 0) -> np.ndarray:
    """A white page with lines of writing 60 pixels apart, the first with its baseline at y = 100."""
    pixels = np.full((height or 140 + 60 * lines, width, 3), 255, np.uint8)
    for number in range(lines):
        place = (100, 100 + 60 * number)
        cv2.putText(
            pixels, "some handwriting here", place, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.2, (90, 40, 20), 2, cv2.LINE_AA
        )
    return pixels


def source_of(*reads: np.ndarray | Exception) -> Source:
    def read(index: int) -> PageImage:
        page = reads[index]
        if isinstance(page, Exception):
            raise page
        return PageImage(page, 150)

    return Source("notes.pdf", len(reads), read)


def test_a_page_comes_back_with_its_lines_in_order() -> None:
    page = read_page(PageImage(written(3), 150), 4, CountingEngine())
    assert (page.index, page.width, page.height, page.dpi, page.error) == (4, 1000, 320, 150, "")
    assert [line.id for line in page.lines] == ["p4l0", "p4l1", "p4l2"]
    assert [line.text for line in page.lines] == ["line 0", "line 1", "line 2"]
    for number, line in enumerate(page.lines):
        x0, y0, x1, y1 = line.box
        assert 80 < x0 < 120
        assert x1 > 450
        assert y0 < 90 + 60 * number < y1
        assert abs(np.mean([y for _, y in line.baseline]) - (100 + 60 * number)) < 10


@pytest.mark.parametrize("degrees", [-8, 6])
def test_coordinates_are_those_of_the_page_as_it_came_in(degrees: float) -> None:
    upright = written(8, width=900, height=900)
    turn = cv2.getRotationMatrix2D((450, 450), degrees, 1)
    turned = cv2.warpAffine(upright, turn, (900, 900), borderValue=(255, 255, 255))
    page = read_page(PageImage(turned, 150), 0, CountingEngine())
    assert page.skew_degrees == pytest.approx(degrees, abs=0.7)
    assert len(page.lines) == 8
    ink = turned[:, :, 2] < 128
    for line in page.lines:
        mask = np.zeros(ink.shape, np.uint8)
        cv2.fillPoly(mask, [np.array(line.polygon, np.int32)], 1)
        assert (ink & (mask > 0)).sum() > 0.7 * ink.sum() / 8, "the outline lies on the line's own ink"


@pytest.mark.parametrize("turns", [0, 1])
def test_list_items_are_nested_as_deep_as_they_are_set_in(turns: int) -> None:
    pixels = page(("the list of what there is to do",))
    deep = (0, 1, 1, 2, 0, 1)
    for row, level in enumerate(deep, start=1):
        x, y = 120 + 60 * level, 200 + 100 * row
        cv2.line(pixels, (x, y - 14), (x + 22, y - 15), PEN, 4)
        write(pixels, "all that is left to do", x + 50, y)
    source = PageImage(np.ascontiguousarray(np.rot90(pixels, turns)), 150)
    lines = read_page(source, 0, CountingEngine()).lines
    assert [line.kind for line in lines] == ["text", *["list_item"] * 6]
    assert tuple(line.level for line in lines[1:]) == deep


def test_a_list_set_in_after_prose_is_one_of_its_own_and_words_put_in_above_do_not_part_one() -> None:
    pixels = page(())
    prose = "so much for what there is to be done by all"
    for row, indent in enumerate((60, 120, 120, 0, 120, 180)):
        x, y = 120 + indent, 200 + 100 * row
        if indent:
            cv2.line(pixels, (x, y - 14), (x + 22, y - 15), PEN, 4)
        write(pixels, "all that is left to do" if indent else prose, x + 50 * bool(indent), y)
    write(pixels, "now", 400, 252, scale=0.9)
    lines = read_page(PageImage(pixels, 150), 0, CountingEngine()).lines
    assert [(line.kind, line.level) for line in lines] == [
        *(("list_item", 0), ("list_item", 1), ("text", 0), ("list_item", 1)),
        *(("text", 0), ("list_item", 0), ("list_item", 1)),
    ]


def test_words_with_a_stroke_under_or_through_them_are_decorated() -> None:
    class Reader(CountingEngine):
        def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
            return [Transcription(text, 0.9, self.name) for text in TEXT]

    pixels = page()
    for row, words, below in ((0, "brown fox", 13), (3, "children walked", -11)):
        x0, x1 = (
            120 + cv2.getTextSize(TEXT[row][:end], cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.6, 2)[0][0]
            for end in (TEXT[row].index(words), TEXT[row].index(words) + len(words))
        )
        y = 200 + 100 * row + below
        cv2.line(pixels, (x0 - 4, y), (x1 + 4, y + 2), PEN, 3)
    lines = read_page(PageImage(pixels, 150), 0, Reader()).lines
    marked = [(one.kind, line.text[one.start : one.end]) for line in lines for one in line.transcription.decorations]
    assert marked == [("underline", "brown fox"), ("strike", "children walked")]


def test_the_bar_of_a_fraction_underlines_nothing_where_only_the_text_tells_a_formula() -> None:
    class Reader(CountingEngine):
        def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
            return [Transcription(text, 0.9, self.name) for text in ("a + b = c + d", *TEXT[1:])]

    pixels = page()
    for row in (0, 2):
        width, y = cv2.getTextSize(TEXT[row], cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.6, 2)[0][0], 213 + 100 * row
        cv2.line(pixels, (116, y), (124 + width, y + 2), PEN, 3)
    lines = read_page(PageImage(pixels, 150), 0, Reader()).lines
    assert [line.kind for line in lines].count("formula") == 1
    marked = [(line.kind, line.text[one.start : one.end]) for line in lines for one in line.transcription.decorations]
    assert marked == [("text", TEXT[2])]


def test_progress_tells_the_truth_in_batches_of_16() -> None:
    engine, stages = CountingEngine(), []
    page = read_page(PageImage(written(20), 150), 0, engine, lambda *stage: stages.append(stage))
    assert len(page.lines) == 20
    assert engine.batches == [16, 4]
    assert stages == [
        ("clean", 0, 0),
        ("lines", 0, 0),
        ("transcribe", 0, 20),
        ("transcribe", 16, 20),
        ("transcribe", 20, 20),
    ]


def test_a_reader_that_takes_more_lines_at_once_gets_a_whole_page() -> None:
    engine, stages = CountingEngine(), []
    engine.lines_at_once = 64
    read_page(PageImage(written(20), 150), 0, engine, lambda *stage: stages.append(stage))
    assert engine.batches == [20]
    assert stages[2:] == [("transcribe", 0, 20), ("transcribe", 20, 20)]


def test_a_line_in_which_nothing_is_read_stays_with_no_confidence() -> None:
    class SilentEngine(CountingEngine):
        def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
            return [Transcription(" ", 0.99, self.name) for _ in crops]

    page = read_page(PageImage(written(2), 150), 0, SilentEngine())
    assert [line.transcription.confidence for line in page.lines] == [0.0, 0.0]


def test_a_blank_page_has_no_lines_and_asks_no_reader() -> None:
    engine = CountingEngine()
    page = read_page(PageImage(np.full((400, 300, 3), 255, np.uint8), 150), 0, engine)
    assert (page.lines, page.figures, page.error, engine.batches) == ((), (), "", [])


def test_figures_and_lines_of_a_page_that_was_turned_are_turned_back(monkeypatch: pytest.MonkeyPatch) -> None:
    # The clean page is the source turned by 90 degrees clockwise: clean (x, y) is source (y, 199 - x).
    to_source = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 199.0], [0.0, 0.0, 1.0]])
    clean = CleanPage(np.full((100, 200), 255, np.uint8), np.zeros((100, 200), bool), 90.0, to_source)
    line = TextLine(np.array([[-5.0, 10], [20, 10.5], [60, 10], [60, 30], [-5, 30]]), np.array([[0.0, 28], [60, 28]]))
    monkeypatch.setattr(module, "clean_page", lambda pixels, **options: clean)
    monkeypatch.setattr(module, "find_lines", lambda page: [line])
    monkeypatch.setattr(module, "crop_line", lambda page, line: np.full((20, 60), 255, np.uint8))
    laid = Layout((LaidLine(line, "heading", 3),), ((100, 20, 180, 90),))
    monkeypatch.setattr(module, "lay_out", lambda page, lines: laid)
    page = read_page(PageImage(np.full((200, 100, 3), 255, np.uint8), 150), 0, CountingEngine())
    assert page.figures[0].box == (20, 19, 90, 99)
    assert set(page.lines[0].polygon) == {(10, 200), (10, 139), (30, 139), (30, 200)}, "needless points are left out"
    assert page.lines[0].baseline == ((28, 199), (28, 139))
    assert (page.lines[0].kind, page.lines[0].paragraph) == ("heading", 3)


def test_a_bad_page_does_not_stop_the_rest() -> None:
    source = source_of(written(1), PageError("Page 2 of notes.pdf is damaged."), ValueError("odd"), written(2))
    pages = list(digitize(source, CountingEngine()))
    assert [len(page.lines) for page in pages] == [1, 0, 0, 2]
    assert pages[1] == Page(1, 0, 0, 0, error="Page 2 of notes.pdf is damaged.")
    assert pages[2].error == "Page 3 of notes.pdf met a fault in Inkline (ValueError: odd)."


def test_a_reader_that_fails_leaves_a_page_of_known_size_that_says_why() -> None:
    class BrokenEngine(CountingEngine):
        def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
            raise EngineError("The model is gone.")

    (page,) = digitize(source_of(written(1)), BrokenEngine())
    assert (page.width, page.height, page.dpi) == (1000, 200, 150)
    assert page.error == "Page 1 of notes.pdf was not read: The model is gone."


def test_digitize_says_which_page_it_is_at() -> None:
    seen: list[Progress] = []
    pages = list(digitize(source_of(written(2), written(1)), CountingEngine(), seen.append))
    assert len(pages) == 2
    assert [(p.index, p.stage) for p in seen if p.done == 0] == [
        (index, stage) for index in (0, 1) for stage in ("read", "clean", "lines", "transcribe")
    ]
    assert Progress(0, 2, "transcribe", 2, 2) in seen


def test_pages_are_read_only_when_asked_for() -> None:
    pages = digitize(source_of(written(1), AssertionError("too early")), CountingEngine())
    assert next(pages).error == ""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from pipeline.document import Transcription
from pipeline.errors import UnreadableFileError
from pipeline.evaluate import LabelledPage, find_on, found_polygons
from pipeline.page_reading import PageReading, format_readings, read_against_truth
from tests.handmade import TEXT, page, write

TRUTH = [
    {"type": "text", "text": text, "bbox": [100, 145 + 100 * row, 1200, 225 + 100 * row]}
    for row, text in enumerate(TEXT)
]


class Scribe:
    """Reads in turn what it was told for each batch of lines."""

    name = "scribe"

    def __init__(self, *batches: Sequence[str]) -> None:
        self.batches = list(batches)

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        texts = self.batches.pop(0)
        assert len(texts) == len(crops)
        return [Transcription(text, 1.0, self.name) for text in texts]


def _read(pixels: np.ndarray, truth: list[dict], *batches: Sequence[str]) -> PageReading:
    return read_against_truth(LabelledPage("page", pixels, truth), *find_on(pixels), Scribe(*batches))


def test_a_page_read_as_it_is_has_no_edits() -> None:
    reading = _read(page(), TRUTH, TEXT, TEXT)
    assert reading == PageReading("page", len("\n".join(TEXT)), 0, 0, 0)


def test_errors_of_the_reader_on_true_lines_are_not_the_pages() -> None:
    slips = ("The quick brown fox jumped over", *TEXT[1:])
    reading = _read(page(), TRUTH, slips, slips)
    assert (reading.page_edits, reading.reader_edits) == (1, 1)
    assert reading.points_above_reader(reading.page_edits) == 0


def test_lines_in_the_wrong_order_cost_edits() -> None:
    swapped = [TRUTH[1], TRUTH[0], *TRUTH[2:]]
    assert _read(page(), swapped, TEXT, [TEXT[1], TEXT[0], *TEXT[2:]]).page_edits > 20


def test_a_line_the_truth_knows_nothing_of_counts_unless_strays_are_left_out() -> None:
    pixels = page()
    write(pixels, "printed letterhead", 120, 1400)
    reading = _read(pixels, TRUTH, [*TEXT, "printed letterhead"], TEXT)
    assert (reading.page_edits, reading.edits_without_strays) == (len(" printed letterhead"), 0)


def test_found_formulas_are_no_part_of_the_text() -> None:
    truth = [*TRUTH[:7], {**TRUTH[7], "type": "math"}]
    assert _read(page(), truth, TEXT[:7], TEXT[:7]).page_edits == 0


class Recorder:
    """Keeps the lines it is shown, batch by batch, and reads nothing."""

    name = "recorder"

    def __init__(self) -> None:
        self.batches: list[list[np.ndarray]] = []

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        self.batches.append(list(crops))
        return [Transcription("", 1.0, self.name) for _ in crops]


def shown(pixels: np.ndarray, truth: list[dict]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The found lines and the true ones as the reader sees them."""
    recorder = Recorder()
    read_against_truth(LabelledPage("page", pixels, truth), *find_on(pixels), recorder)
    found, true = recorder.batches
    return found, true


def dimmed(pixels: np.ndarray) -> np.ndarray:
    """The page with a shadow growing to its right side."""
    light = np.linspace(1.0, 0.45, pixels.shape[1])[None, :, None]
    return (pixels * light).astype(np.uint8)


def test_true_lines_are_cut_from_the_page_as_found_ones_are() -> None:
    pixels = dimmed(page())
    found, true = shown(pixels, TRUTH)
    assert len(found) == len(true) == len(TRUTH)
    for one, other in zip(found, true, strict=True):
        # The same evenly lit paper and the same ink; on the raw page paper is as dark as 112.
        assert np.median(one) == np.median(other) == 255
        assert int((other < 128).sum()) == pytest.approx(int((one < 128).sum()), rel=0.03)
        assert np.abs(np.array(one.shape) - other.shape).max() <= 8


def overturned(line: dict, size: tuple[int, ...]) -> dict:
    """A true line as it lies on a page of (height, width) that was laid down upside down."""
    x0, y0, x1, y1 = line["bbox"]
    height, width = size[:2]
    return {**line, "bbox": [width - 1 - x1, height - 1 - y1, width - 1 - x0, height - 1 - y0]}


def test_true_lines_of_a_page_upside_down_are_cut_upright() -> None:
    pixels = page()
    _, upright = shown(pixels, TRUTH)
    _, turned = shown(np.ascontiguousarray(pixels[::-1, ::-1]), [overturned(line, pixels.shape) for line in TRUTH])
    for one, other in zip(upright, turned, strict=True):
        assert np.array_equal(one < 128, other < 128)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_true_lines_are_cut_upright_though_cleaning_misjudged_the_page(
    turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, upright = shown(page(), TRUTH)
    monkeypatch.setattr("pipeline.clean.quarter_turns", lambda ink: turns)
    _, turned = shown(page(), TRUTH)
    for one, other in zip(upright, turned, strict=True):
        assert np.array_equal(one < 128, other < 128)


def test_a_true_line_that_climbs_is_levelled() -> None:
    turned = cv2.warpAffine(
        page(), cv2.getRotationMatrix2D((600, 500), 4, 1), page().shape[1::-1], borderValue=(250, 250, 250)
    )
    matrix = cv2.getRotationMatrix2D((600, 500), 4, 1)
    corners = [
        np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float) for x0, y0, x1, y1 in (t["bbox"] for t in TRUTH)
    ]
    truth = [
        {"type": "text", "text": line["text"], "polygon": cv2.transform(box[None], matrix)[0].tolist()}
        for line, box in zip(TRUTH, corners, strict=True)
    ]
    _, level = shown(page(), TRUTH)
    _, climbing = shown(turned, truth)
    for one, other in zip(level, climbing, strict=True):
        assert other.shape[0] < 1.15 * one.shape[0] + 4


def test_true_lines_are_found_in_a_photo_of_their_page() -> None:
    pixels = page()
    height, width = pixels.shape[:2]
    photo = cv2.resize(pixels, (width * 2, height * 2))
    doubled = [{**line, "bbox": [2 * value for value in line["bbox"]]} for line in TRUTH]
    clean, layout = find_on(photo)
    recorder = Recorder()
    outlines = [polygon / 2 for polygon in found_polygons(clean, layout)]
    read_against_truth(LabelledPage("page", pixels, TRUTH), clean, layout, recorder, outlines, doubled)
    found, true = recorder.batches
    for one, other in zip(found, true, strict=True):
        assert int((other < 128).sum()) == pytest.approx(int((one < 128).sum()), rel=0.03)


def test_a_true_line_without_text_is_told() -> None:
    with pytest.raises(UnreadableFileError, match=r"Line 1 in page\.json has no text"):
        _read(page(), [{"type": "text", "bbox": [100, 145, 1200, 225]}], TEXT)


def test_the_table_ends_with_all_pages_together() -> None:
    rows = format_readings([PageReading("a", 100, 12, 10, 10), PageReading("b", 300, 8, 8, 6)]).splitlines()
    assert rows[-1].split() == ["all", "pages", "400", "4.00", "5.00", "1.00", "0.50"]


def test_a_page_without_true_lines_is_no_fault() -> None:
    blank = np.full((400, 400, 3), 250, np.uint8)
    assert _read(blank, []).points_above_reader(0) == pytest.approx(0)

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from pipeline.document import Transcription
from pipeline.evaluate import LabelledPage, find_on
from pipeline.page_reading import PageReading, crop_true_line, format_readings, read_against_truth
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


def test_a_true_crop_shows_paper_outside_its_outline() -> None:
    grey = cv2.cvtColor(page(), cv2.COLOR_BGR2GRAY)
    triangle = np.array([[100, 300], [400, 300], [100, 200]], float)
    crop = crop_true_line(grey, triangle)
    assert crop.shape == (108, 308)
    assert set(crop[:40, 200:].ravel()) == {250}


def test_a_true_crop_is_levelled_by_its_baseline() -> None:
    grey = np.full((300, 500), 250, np.uint8)
    cv2.line(grey, (50, 200), (450, 100), 0, 3)
    corners = np.array([[40, 80], [460, 80], [460, 220], [40, 220]], float)
    ys, _ = np.nonzero(crop_true_line(grey, corners, [[50, 200], [450, 100]]) < 100)
    assert np.ptp(ys) < 6


def test_the_table_ends_with_all_pages_together() -> None:
    rows = format_readings([PageReading("a", 100, 12, 10, 10), PageReading("b", 300, 8, 8, 6)]).splitlines()
    assert rows[-1].split() == ["all", "pages", "400", "4.00", "5.00", "1.00", "0.50"]


def test_a_page_without_true_lines_is_no_fault() -> None:
    blank = np.full((400, 400, 3), 250, np.uint8)
    assert _read(blank, []).points_above_reader(0) == pytest.approx(0)

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.clean import clean_page
from pipeline.flatten import facing_pages, find_fold
from pipeline.lines import find_lines
from pipeline.photos import LEVELS, opened, photograph
from tests.handmade import TEXT, page, rule, shade, turn, write

LEFT, RIGHT = page(TEXT[:5], size=(1600, 1240)), rule(page(TEXT, size=(1600, 1240)))
KEEP = np.array([(100.0, 100), (2380, 100), (2380, 1540), (100, 1540)])


@pytest.mark.parametrize("seed", range(3))
def test_two_facing_pages_are_parted_where_they_meet_and_each_has_its_lines(seed: int) -> None:
    level = replace(LEVELS["middle"], desks=("dark", "wood"), finger=0.0)
    photo = photograph(opened(LEFT, RIGHT, seed), level, seed, KEEP)
    fold = find_fold(photo.pixels)
    assert fold is not None
    height, width = photo.pixels.shape[:2]
    true = photo.photo_points(np.array([(1240.0, 100), (1240.0, 1500)]))
    at = (fold.top + (fold.bottom - fold.top) * true[:, 1] / height) * width
    assert np.abs(at - true[:, 0]).max() < 0.012 * width
    counts = [len(find_lines(clean_page(pixels))) for pixels in facing_pages(photo.pixels, fold)]
    assert counts == [5, len(TEXT)]


def test_two_facing_pages_that_fill_a_scan_are_parted_too() -> None:
    spread = opened(LEFT, RIGHT, 1)
    fold = find_fold(spread)
    assert fold is not None
    assert not fold.on_desk
    assert (fold.top, fold.bottom) == pytest.approx((0.5, 0.5), abs=0.01)
    assert [len(find_lines(clean_page(pixels))) for pixels in facing_pages(spread, fold)] == [5, len(TEXT)]


def _two_columns() -> np.ndarray:
    paper = np.full((1200, 1700, 3), 250, np.uint8)
    for number, text in enumerate(TEXT):
        for x in (80, 920):
            write(paper, text[:20], x, 150 + 120 * number)
    return paper


def _folded_letter() -> np.ndarray:
    """A broad sheet, once folded, written on from side to side."""
    paper = np.full((1200, 1700, 3), 250, np.uint8)
    for number, text in enumerate(TEXT):
        write(paper, text + " and " + text[:18], 60, 150 + 120 * number)
    return opened(paper[:, :850], paper[:, 850:], 2)


def _with_a_line_between_columns() -> np.ndarray:
    paper = _two_columns()
    cv2.line(paper, (850, 0), (850, 1200), (60, 40, 30), 4)
    return paper


@pytest.mark.parametrize(
    "pixels",
    [
        page(),
        _two_columns(),
        _with_a_line_between_columns(),
        _folded_letter(),
        shade(_two_columns()),
        np.ascontiguousarray(np.rot90(page())),
        turn(_two_columns(), 5),
        np.full((900, 1400, 3), 250, np.uint8),
        np.random.default_rng(1).integers(0, 255, (300, 500, 3)).astype(np.uint8),
        np.full((1, 1, 3), 255, np.uint8),
    ],
    ids=["page", "columns", "line", "letter", "shaded", "sideways", "turned", "blank", "noise", "one pixel"],
)
def test_one_page_stays_one_page(pixels: np.ndarray) -> None:
    assert find_fold(pixels) is None


@pytest.mark.parametrize("seed", range(3))
def test_a_photo_of_one_broad_page_is_not_parted(seed: int) -> None:
    photo = photograph(_two_columns(), LEVELS["hard"], seed)
    assert find_fold(photo.pixels) is None

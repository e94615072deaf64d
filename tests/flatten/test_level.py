import cv2
import numpy as np
import pytest

from pipeline.clean import clean_page
from pipeline.flatten import straightening
from pipeline.lines import find_lines
from tests.handmade import TEXT, page, rule, turn


def _ink(pixels: np.ndarray) -> np.ndarray:
    return pixels[::2, ::2].min(axis=2) < 180


def _bent(pixels: np.ndarray, bow: float) -> np.ndarray:
    xs = np.arange(pixels.shape[1])
    shift = np.round(bow * np.sin(xs / pixels.shape[1] * np.pi)).astype(int)
    rows = np.clip(np.arange(pixels.shape[0])[:, None] + shift[None], 0, pixels.shape[0] - 1)
    return pixels[rows, xs[None]]


@pytest.mark.parametrize("bow", [-50, 35, 60])
def test_a_bend_is_seen_by_the_writing_alone(bow: float) -> None:
    drop = straightening(_ink(_bent(page(), bow)))
    assert drop is not None
    shares = np.linspace(0, 1, drop.shape[1])
    middle = drop[drop.shape[0] // 3] * 1600
    true = -bow * np.sin(shares * np.pi)
    inside = (shares > 0.12) & (shares < 0.85)
    error = (middle - true)[inside]
    assert np.std(error) < 3


@pytest.mark.parametrize(
    "pixels",
    [
        page(),
        rule(page()),
        turn(page(), 0.4),
        np.ascontiguousarray(np.rot90(page())),
        np.full((1600, 1240, 3), 250, np.uint8),
        page(("one short line",)),
    ],
    ids=["page", "ruled", "hardly turned", "on its side", "blank", "one line"],
)
def test_a_page_that_lies_straight_stays_as_it_is(pixels: np.ndarray) -> None:
    assert straightening(_ink(pixels)) is None


def _fanned(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """The page as a sheet whose corner was guessed far off comes out: upper lines climb, lower ones are level."""
    height, width = pixels.shape[:2]
    rise = width * np.tan(np.deg2rad(degrees))
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = corners.copy()
    moved[0, 1] += rise
    turn = cv2.getPerspectiveTransform(corners, moved)
    return cv2.warpPerspective(pixels, turn, (width, height), borderValue=(250, 250, 250))


@pytest.mark.parametrize("degrees", [8, 12, 14])
def test_ruled_lines_that_climb_by_many_degrees_at_one_end_of_the_page_come_level(degrees: float) -> None:
    pixels = rule(page(TEXT + TEXT[:4], pitch=105))
    # What is left of the desk on both sides stands out more than any row.
    pixels[300:1400, :12] = pixels[300:1400, -12:] = 20
    lines = find_lines(clean_page(_fanned(pixels, degrees)))
    slopes = [line.baseline[-1] - line.baseline[0] for line in lines if np.ptp(line.baseline[:, 0]) > 400]
    assert len(slopes) == 12
    assert max(abs(np.rad2deg(np.arctan2(rise, run))) for run, rise in slopes) < 1.5

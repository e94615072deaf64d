import cv2
import numpy as np
import pytest

from pipeline.flatten.sides import Side, not_askew, side_between


def _side(start: tuple[float, float], end: tuple[float, float]) -> Side:
    return Side(np.array(start), np.array(end), np.zeros(1), False)


BOTTOM = _side((640.0, 830.0), (40.0, 770.0))


@pytest.mark.parametrize(("start", "end"), [((240.0, 150.0), (700.0, 430.0)), ((240.0, 430.0), (700.0, 150.0))])
def test_a_guessed_side_that_runs_askew_is_laid_along_the_opposite_one_and_cuts_nothing_off(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    laid = not_askew(_side(start, end), BOTTOM)
    ways = laid.end - laid.start, BOTTOM.start - BOTTOM.end
    assert np.degrees(np.arctan2(ways[0][1], ways[0][0])) == pytest.approx(
        np.degrees(np.arctan2(ways[1][1], ways[1][0]))
    )
    for corner in (start, end):  # on the line or below it, on the sheet's side
        along = (corner[0] - laid.start[0]) / ways[0][0]
        assert laid.start[1] + along * ways[0][1] <= corner[1] + 1e-6


def test_a_guessed_side_that_runs_as_perspective_lets_it_stays() -> None:
    side = _side((200.0, 20.0), (700.0, 160.0))
    assert not_askew(side, BOTTOM) is side


def _sheet_on_desk(height: int = 400, width: int = 600) -> np.ndarray:
    """A light sheet on a dark desk whose upper side runs straight from (60, 80) to (540, 120)."""
    picture = np.full((height, width, 3), 60, np.uint8)
    cv2.fillPoly(picture, [np.array([(60, 80), (540, 120), (560, 380), (40, 380)])], (230, 230, 230))
    return picture


def _rim(picture: np.ndarray) -> np.ndarray:
    sheet = (picture[..., 0] > 150).astype(np.uint8)
    outlines, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return max(outlines, key=cv2.contourArea)[::-1, 0].astype(np.float64)


def test_a_side_runs_straight_past_a_finger_on_it() -> None:
    picture = _sheet_on_desk()
    cv2.line(picture, (510, 0), (490, 170), (70, 90, 130), 60)
    side = side_between(picture, _rim(picture), np.array([60.0, 80.0]), np.array([540.0, 120.0]))
    assert side.seen
    points = side.points(np.linspace(0.02, 0.98, 20))
    assert np.abs(points[:, 1] - (80 + (points[:, 0] - 60) / 12)).max() < 1.5


def test_a_side_that_leaves_the_picture_goes_on_straight_and_not_along_the_pictures_edge() -> None:
    picture = _sheet_on_desk()[95:]
    start, end = np.array([58.0, 0.0]), np.array([540.0, 25.0])
    side = side_between(picture, _rim(picture), start, end)
    assert side.seen
    points = side.points(np.linspace(0.02, 0.98, 20))
    assert np.abs(points[:, 1] - (-15 + (points[:, 0] - 60) / 12)).max() < 1.5


@pytest.mark.parametrize(("at", "step"), [(0.5, 12), (0.5, 14), (0.52, 14)])
def test_a_side_on_a_light_desk_that_goes_on_along_its_shadow_is_still_seen(at: float, step: int) -> None:
    x = np.linspace(40, 560, 105)
    past = (x - 40) / 520 - at
    side = np.column_stack([x, 100 - np.where(past > 0, step + 60 * past, 0)])
    picture = np.full((400, 600, 3), 205, np.uint8)
    sheet = np.vstack([side, [(560, 380), (40, 380)]])
    cv2.fillPoly(picture, [(16 * sheet).round().astype(np.int32)], (230, 230, 230), cv2.LINE_AA, 4)
    picture = cv2.GaussianBlur(picture, (0, 0), 1)
    found = side_between(picture, side.round(), side[0], side[-1])
    assert found.seen
    points = found.points(np.linspace(0.02, 0.98, 40))
    assert np.abs(points[:, 1] - np.interp(points[:, 0], *side.T)).max() < step

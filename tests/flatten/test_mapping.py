import cv2
import numpy as np
import pytest

from pipeline.flatten import Flattening, bent, flat_picture
from pipeline.flatten.mapping import CELLS

PERSPECTIVE = cv2.getPerspectiveTransform(
    np.array([(0, 0), (300, 0), (300, 400), (0, 400)], np.float32),
    np.array([(60, 40), (380, 70), (420, 520), (30, 460)], np.float32),
).astype(np.float64)


def _flattening() -> Flattening:
    shares = np.linspace(0, 1, CELLS + 1)
    wave = 12 * np.sin(shares * 3)
    bends = np.stack([np.zeros((CELLS + 1, CELLS + 1)), np.tile(wave, (CELLS + 1, 1))], axis=-1)
    return Flattening(300, 400, PERSPECTIVE, bends)


def _points() -> np.ndarray:
    return np.random.default_rng(1).uniform((5, 20), (295, 380), (50, 2))


def test_points_go_to_the_photo_and_come_back() -> None:
    sheet = _flattening()
    assert np.abs(sheet.flat_points(sheet.source_points(_points())) - _points()).max() < 0.01


def test_the_flat_page_shows_at_each_point_what_the_photo_shows_where_it_came_from() -> None:
    sheet = _flattening()
    ys, xs = np.mgrid[:600, :480].astype(np.float32)
    photo = np.uint8(128 + 60 * np.sin(xs / 20) + 60 * np.cos(ys / 25))
    flat = sheet.flattened(photo)
    assert flat.shape == (400, 300)
    points = np.round(_points())
    seen = [flat[int(y), int(x)] for x, y in points]
    x, y = sheet.source_points(points).T
    assert np.abs(np.array(seen, float) - (128 + 60 * np.sin(x / 20) + 60 * np.cos(y / 25))).max() < 4


def test_a_picture_as_it_is_stays_as_it_is() -> None:
    photo = np.random.default_rng(2).integers(0, 255, (90, 70, 3)).astype(np.uint8)
    sheet = flat_picture(70, 90)
    assert np.array_equal(sheet.flattened(photo), photo)
    assert np.allclose(sheet.source_points(_points()), _points())


@pytest.mark.parametrize("degrees", [0, 7])
def test_turning_and_bending_a_flattened_page_comes_on_top(degrees: float) -> None:
    sheet = _flattening()
    turn = np.vstack([cv2.getRotationMatrix2D((150, 200), degrees, 1), [0, 0, 1]])
    drop = np.full((CELLS + 1, CELLS + 1), 0.05)
    points = _points()
    moved = np.column_stack([points + np.array([0, 20]), np.ones(len(points))]) @ turn.T
    found = bent(sheet, turn, (300, 400), drop).source_points(points)
    assert np.abs(found - sheet.source_points(moved[:, :2])).max() < 0.6

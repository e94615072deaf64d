from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.photos import LEVELS, moved_truth, photograph
from tests.handmade import page

HARD = LEVELS["hard"]


def _grid(width: int, height: int) -> np.ndarray:
    xs, ys = np.meshgrid(np.linspace(0, width, 9), np.linspace(0, height, 9))
    return np.column_stack([xs.ravel(), ys.ravel()])


@pytest.mark.parametrize("level", LEVELS)
def test_points_come_back_from_the_photo_where_they_were_on_the_page(level: str) -> None:
    photo = photograph(page(size=(500, 400)), LEVELS[level], 3)
    points = _grid(400, 500)
    assert np.abs(photo.page_points(photo.photo_points(points)) - points).max() < 0.01


@pytest.mark.parametrize("seed", range(4))
def test_what_is_on_the_page_is_where_its_points_say(seed: int) -> None:
    flat = np.full((800, 620, 3), 245, np.uint8)
    dots = _grid(620, 800)[(_grid(620, 800) % [620, 800] > 0).all(axis=1)]
    for x, y in np.round(dots).astype(int):
        cv2.circle(flat, (int(x), int(y)), 5, (0, 0, 0), -1)
    level = replace(HARD, finger=0.0, close=0.0)
    photo = photograph(flat, level, seed)
    grey = cv2.cvtColor(photo.pixels, cv2.COLOR_BGR2GRAY).astype(float)
    for x, y in np.round(photo.photo_points(np.round(dots))).astype(int):
        around = grey[y - 12 : y + 13, x - 12 : x + 13]
        assert grey[y - 1 : y + 2, x - 1 : x + 2].mean() < 0.6 * np.percentile(around, 90)


def test_the_same_seed_makes_the_same_photo_and_another_one_another() -> None:
    flat = page(size=(400, 300))
    first, again, other = (photograph(flat, HARD, seed).pixels for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert first.shape != other.shape or np.abs(first.astype(int) - other).mean() > 1


@pytest.mark.parametrize("seed", range(12))
def test_the_lines_are_in_the_picture_and_no_finger_is_on_them(seed: int) -> None:
    level = replace(HARD, finger=1.0, close=1.0)
    keep = np.array([(40.0, 60), (260, 60), (260, 300), (40, 300)])
    flat = np.full((400, 300, 3), 245, np.uint8)
    bare, held = (photograph(flat, replace(level, finger=finger), seed, keep) for finger in (0.0, 1.0))
    points = held.photo_points(keep)
    assert (points >= 0).all()
    assert (points <= np.array(held.pixels.shape[1::-1])).all()
    assert np.allclose(points, bare.photo_points(keep))


def test_hard_photos_are_darker_steeper_and_more_bent_than_easy_ones() -> None:
    flat = page(size=(400, 300))
    leaning, slopes = {}, {}
    for name in ("easy", "hard"):
        photos = [photograph(flat, LEVELS[name], seed) for seed in range(8)]
        slopes[name] = np.mean([np.abs(photo.surface.slope).max() for photo in photos])
        sides = [photo.photo_points(np.array([(0.0, 0), (300, 0), (300, 400), (0, 400)])) for photo in photos]
        leaning[name] = np.mean([np.log(np.linalg.norm(s[1] - s[0]) / np.linalg.norm(s[2] - s[3])) ** 2 for s in sides])
    assert slopes["hard"] > 3 * slopes["easy"]
    assert leaning["hard"] > 2 * leaning["easy"]


def test_true_lines_move_along_and_boxes_become_outlines_that_bend() -> None:
    photo = photograph(page(size=(500, 400)), HARD, 1)
    truth = [
        {"id": "a", "type": "text", "text": "one", "bbox": [50, 60, 350, 90]},
        {"id": "b", "polygon": [[50, 100], [350, 100], [350, 140]], "baseline": [[50, 130], [350, 130]], "text": "two"},
    ]
    box, line = moved_truth(truth, photo)
    assert "bbox" not in box
    assert (box["text"], box["type"]) == ("one", "text")
    assert len(box["polygon"]) > 8
    assert np.allclose(photo.page_points(np.array(box["polygon"])).min(axis=0), (50, 60), atol=0.5)
    assert np.allclose(photo.page_points(np.array(line["baseline"])), [(50, 130), (350, 130)], atol=0.5)

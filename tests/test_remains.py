"""What is on a photo of a page beside its paper and ink: fingers and the desk go, shadows stay."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.binarize import paper_light
from pipeline.clean import clean_page
from pipeline.lines import find_lines
from pipeline.photos import LEVELS, photograph
from pipeline.remains import without_solids
from tests.handmade import TEXT, page

KEEP = np.array([(100.0, 100), (960, 100), (960, 1400), (100, 1400)])
FINGER = replace(LEVELS["hard"], finger=1.0, close=0.0, desks=("dark", "wood"))
CLOSE = replace(LEVELS["hard"], finger=0.0, close=1.0, desks=("dark", "wood"))


@pytest.mark.parametrize(("level", "seed"), [(FINGER, 1), (CLOSE, 2)], ids=["finger", "desk"])
def test_a_finger_or_a_corner_of_the_desk_is_no_line_and_takes_none(level, seed: int) -> None:
    photo = photograph(page(TEXT + TEXT[:4], pitch=105), level, seed, KEEP)
    clean = clean_page(photo.pixels)
    baselines = [photo.page_points(clean.source_points(line.baseline)) for line in find_lines(clean)]
    assert len(baselines) == 12
    for number in range(12):
        assert any(
            abs(line[:, 1].mean() - (200 + 105 * number)) < 16 and line[0, 0] < 160 and line[-1, 0] > 680
            for line in baselines
        ), number


def test_only_what_is_thick_and_comes_in_from_the_rim_is_taken_out() -> None:
    small = np.full((1200, 1000), 255, np.uint8)
    cv2.circle(small, (0, 600), 40, 90, 18)  # the ring of a finger
    cv2.circle(small, (500, 600), 30, 60, -1)  # a blot
    cv2.line(small, (0, 300), (300, 300), 60, 5)  # a stroke that leaves the page
    light = np.full((150, 125), 200, np.uint8)
    left = without_solids(small, light)
    assert left[560:640, :60].min() == 255
    assert np.array_equal(left[:, 100:], small[:, 100:])
    assert np.array_equal(left[280:320], small[280:320])


def test_what_is_left_of_a_desk_beside_a_known_side_is_around_the_sheet() -> None:
    photo = np.full((1200, 1000), 235, np.uint8)
    photo[:, :80] = photo[200:1000, :140] = 50
    photo = np.clip(photo + np.random.default_rng(1).normal(0, 6, photo.shape), 0, 255).astype(np.uint8)
    known = np.zeros_like(photo)
    known[:, :80] = 255
    light = paper_light(photo, known)
    assert not light[40:110, :17].any()
    assert light[:, 20:].min() > 200


@pytest.mark.parametrize("degrees", [8, -12, 16])
def test_a_corner_in_deep_shadow_of_a_page_turned_on_white_is_paper(degrees: float) -> None:
    ys, xs = np.mgrid[:1200, :1000]
    shaded = (235 * (0.2 + 0.8 * np.clip(np.hypot(xs, ys) / 500, 0, 1))).astype(np.uint8)
    matrix = cv2.getRotationMatrix2D((500, 600), degrees, 1)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    width, height = round(1200 * sin + 1000 * cos), round(1200 * cos + 1000 * sin)
    matrix[:, 2] += (width - 1000) / 2, (height - 1200) / 2
    light = paper_light(cv2.warpAffine(shaded, matrix, (width, height), borderValue=255))
    for point in ((60, 60), (150, 60), (60, 150)):
        x, y = matrix @ np.array([*point, 1.0])
        assert light[int(y / 8), int(x / 8)] > 0

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.clean import clean_page
from pipeline.flatten import flatten
from pipeline.flatten.sheet import find_sheet
from pipeline.lines import find_lines
from pipeline.photos import LEVELS, Photo, photograph
from tests.handmade import TEXT, page, rule, shade, turn

HARD = replace(LEVELS["hard"], finger=0.0, close=0.0)
CORNERS = np.array([(0, 0), (1240, 0), (1240, 1600), (0, 1600)], np.float64)


@pytest.mark.parametrize(("desk", "seed"), [("dark", 2), ("wood", 3), ("cloth", 4), ("papers", 5)])
def test_the_corners_of_a_sheet_are_found_on_any_desk(desk: str, seed: int) -> None:
    level = replace(HARD, desks=(desk,), curl=10)
    photo = photograph(page(), level, seed)
    sheet = find_sheet(photo.pixels)
    assert sheet is not None
    assert all(side.seen for side in sheet.sides)
    margin = photo.margin * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    error = np.array([side.start for side in sheet.sides]) - photo.photo_points(CORNERS + margin)
    assert np.linalg.norm(error, axis=1).max() < 0.012 * 1240


@pytest.mark.parametrize(
    "pixels",
    [
        page(),
        rule(page()),
        shade(page()),
        turn(page(), 7),
        np.full((1600, 1240, 3), 250, np.uint8),
        np.zeros((300, 200, 3), np.uint8),
        np.full((1, 1, 3), 255, np.uint8),
        np.random.default_rng(1).integers(0, 255, (400, 300, 3)).astype(np.uint8),
    ],
    ids=["page", "ruled", "shaded", "turned", "blank", "black", "one pixel", "noise"],
)
def test_no_sheet_is_seen_where_there_is_none(pixels: np.ndarray) -> None:
    assert flatten(pixels) is None


def test_bent_lines_are_straight_on_the_flat_page() -> None:
    photo = photograph(page(), replace(HARD, desks=("dark",), curl=24), 11)
    sheet = flatten(photo.pixels)
    assert sheet is not None
    line = np.column_stack([np.linspace(150, 1100, 40), np.full(40, 900.0)])
    seen = photo.photo_points(line)
    bow = np.abs(seen[:, 1] - np.polyval(np.polyfit(*seen.T, 1), seen[:, 0])).max()
    flat = sheet.flat_points(seen)
    left = np.abs(flat[:, 1] - np.polyval(np.polyfit(*flat.T, 1), flat[:, 0])).max()
    assert left < max(4.0, 0.35 * bow)


@pytest.mark.parametrize("level", LEVELS)
def test_every_line_of_a_photographed_page_is_found_where_it_is(level: str) -> None:
    photo = photograph(page(), LEVELS[level], 4, np.array([(100.0, 100), (1140, 100), (1140, 940), (100, 940)]))
    clean = clean_page(photo.pixels)
    heights = sorted(
        float(photo.page_points(clean.source_points(line.baseline))[:, 1].mean()) for line in find_lines(clean)
    )
    near = [min(abs(height - (200 + 100 * n)) for height in heights) for n in range(len(TEXT))]
    assert max(near) < 14
    assert len(heights) <= len(TEXT) + 1


def test_points_of_a_flattened_page_come_back() -> None:
    photo = photograph(page(), replace(HARD, desks=("dark",)), 6)
    clean = clean_page(photo.pixels)
    assert clean.sheet is not None
    points = np.random.default_rng(3).uniform((200, 200), (1000, 1200), (40, 2))
    assert np.abs(clean.clean_points(clean.source_points(points)) - points).max() < 0.1


def test_the_skew_of_a_photographed_page_is_how_far_its_writing_climbs_in_the_photo() -> None:
    paper = page()
    level = replace(HARD, tilt=0, curl=0, roll=0, desks=("dark",), shadows=0, darkest=0.9)
    photo = photograph(paper, level, 2).pixels
    height, width = photo.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 9, 0.8)
    turned = cv2.warpAffine(photo, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    assert clean_page(turned).skew_degrees == pytest.approx(9, abs=0.5)


def test_a_finger_and_a_shadow_on_a_light_desk_cut_no_line_off() -> None:
    keep = np.array([(100.0, 100), (900, 100), (900, 1400), (100, 1400)])
    level = replace(HARD, finger=1.0, desks=("light",), darkest=0.3)
    photo = photograph(page(TEXT + TEXT[:4], pitch=105), level, 305, keep)
    clean = clean_page(photo.pixels)
    baselines = [photo.page_points(clean.source_points(line.baseline)) for line in find_lines(clean)]
    for number in range(12):
        assert any(
            abs(line[:, 1].mean() - (200 + 105 * number)) < 16 and line[0, 0] < 160 and line[-1, 0] > 680
            for line in baselines
        ), number


@pytest.mark.parametrize("seed", [10, 11, 14])
def test_a_finger_on_a_wooden_desk_hides_no_sheet(seed: int) -> None:
    photo = photograph(page(), replace(HARD, finger=1.0, desks=("wood",), curl=5), seed, np.array([(300.0, 300)]))
    assert flatten(photo.pixels) is not None


def _whole_lines(photo: Photo, pitch: int, count: int) -> tuple[int, int]:
    """How many lines of a photographed `page` are found from end to end, and how many lines are found at all."""
    clean = clean_page(photo.pixels)
    baselines = [photo.page_points(clean.source_points(line.baseline)) for line in find_lines(clean)]
    whole = sum(
        any(
            abs(line[:, 1].mean() - (200 + pitch * number)) < 16 and line[0, 0] < 160 and line[-1, 0] > 680
            for line in baselines
        )
        for number in range(count)
    )
    return whole, len(baselines)


KEEP = np.array([(100.0, 100), (960, 100), (960, 1400), (100, 1400)])


def test_a_sheet_on_a_light_desk_is_found() -> None:
    photo = photograph(page(TEXT + TEXT[:4], pitch=105), replace(HARD, finger=0.5, desks=("light",)), 8, KEEP)
    whole, found = _whole_lines(photo, 105, 12)
    assert whole == 12
    assert found <= 13


@pytest.mark.parametrize("seed", [92, 104])
def test_sides_on_a_light_desk_bend_no_more_than_those_of_the_sheet(seed: int) -> None:
    photo = photograph(page(TEXT + TEXT[:4], pitch=105), replace(HARD, desks=("light",)), seed, KEEP)
    sheet = find_sheet(photo.pixels)
    assert sheet is not None
    low, high = -photo.margin, photo.margin + np.array([1240, 1600])
    for number, side in enumerate(sheet.sides):
        assert side.seen
        points = photo.page_points(side.points(np.linspace(0.02, 0.98, 25)))
        across = points[:, 1 - number % 2]
        true = high[1 - number % 2] if number in (1, 2) else low
        assert np.abs(across - true).max() < 20


def test_a_patterned_desk_beside_a_sheet_of_which_one_side_is_seen_is_no_writing() -> None:
    level = replace(HARD, close=1.0, desks=("cloth", "wood", "dark"))
    photo = photograph(page(TEXT + TEXT[:4], pitch=105), level, 11, KEEP)
    sheet = find_sheet(photo.pixels)
    assert sheet is not None
    assert not sheet.is_whole
    whole, found = _whole_lines(photo, 105, 12)
    assert whole == 12
    assert found <= 13


def _in_sharp_shadow() -> np.ndarray:
    shaded = turn(page(TEXT + TEXT, pitch=85), 4)
    height, width = shaded.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.array([(230, 0), (width, 0), (width, 1090), (370, 1330)])], 255)
    dark = 1 - 0.55 * cv2.GaussianBlur(mask, (0, 0), 5)[:, :, None] / 255
    return np.asarray(shaded * dark, np.uint8)


def test_a_sharp_shadow_on_a_page_cuts_no_writing_off() -> None:
    shaded = _in_sharp_shadow()
    sheet = find_sheet(shaded)
    assert sheet is None or not sheet.is_whole
    clean = clean_page(shaded)
    long = [line for line in find_lines(clean) if np.ptp(line.baseline[:, 0]) > 500]
    assert len(long) == len(TEXT) * 2


def test_a_dark_band_printed_across_a_scan_is_no_desk() -> None:
    printed = page()
    printed[:110] = (120, 60, 20)
    assert find_sheet(printed) is None

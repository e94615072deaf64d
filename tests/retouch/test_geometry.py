"""Outlines and baselines joined, cut, drawn and moved, on level, slanted and sideways pages."""

import math

import cv2
import numpy as np
import pytest

from pipeline.document import Line, Page, Point
from pipeline.errors import RetouchError
from pipeline.retouch.geometry import Ink, cut, drawn, frame_of, joined, moved

SKEWS = [0.0, 7.0, -15.0, 90.0, 180.0, -90.0]


def page(skew: float = 0.0) -> Page:
    return Page(0, 1000, 1000, 300, skew)


def turned(points: list[Point], skew: float) -> tuple[Point, ...]:
    """Points of a level page on one turned counter-clockwise around its middle."""
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    return tuple((500 + (x - 500) * cos + (y - 500) * sin, 500 - (x - 500) * sin + (y - 500) * cos) for x, y in points)


def box_line(x0: float, x1: float, skew: float = 0.0, y: float = 500) -> Line:
    """A line 40 px high whose baseline runs at `y`."""
    polygon = [(x0, y - 30), (x1, y - 30), (x1, y + 10), (x0, y + 10)]
    return Line("", turned(polygon, skew), turned([(x0, y), (x1, y)], skew))


def mask(polygon: tuple[Point, ...]) -> np.ndarray:
    picture = np.zeros((1000, 1000), np.uint8)
    cv2.fillPoly(picture, [np.round(np.array(polygon)).astype(np.int32)], 1)
    return picture


@pytest.mark.parametrize("skew", SKEWS)
def test_lines_side_by_side_join_to_one_outline_and_baseline(skew: float) -> None:
    parts = [box_line(500, 700, skew), box_line(200, 450, skew)]
    whole = joined(parts, frame_of(parts[0], page(skew)))
    expected = mask(box_line(200, 700, skew).polygon)
    agreement = (mask(whole.polygon) & expected).sum() / (mask(whole.polygon) | expected).sum()
    assert agreement > 0.97
    assert np.allclose(whole.baseline[0], turned([(200, 500)], skew)[0], atol=0.2)
    assert np.allclose(whole.baseline[-1], turned([(700, 500)], skew)[0], atol=0.2)


def test_of_lines_above_one_another_the_longer_one_gives_the_baseline() -> None:
    whole = joined([box_line(200, 700), box_line(300, 400, y=470)], frame_of(box_line(200, 700), page()))
    assert {y for _, y in whole.baseline} == {500}
    assert mask(whole.polygon)[450, 350] == 1
    assert mask(whole.polygon)[450, 250] == 0


@pytest.mark.parametrize("skew", SKEWS)
def test_the_halves_of_a_cut_make_the_whole(skew: float) -> None:
    line = box_line(200, 700, skew)
    frame = frame_of(line, page(skew))
    place = float(frame.inside(turned([(350, 480)], skew))[0, 0])
    before, behind = cut(line, frame, place)
    for part, x0, x1 in ((before, 200, 350), (behind, 350, 700)):
        expected = mask(box_line(x0, x1, skew).polygon)
        assert (mask(part.polygon) & expected).sum() > 0.97 * (mask(part.polygon) | expected).sum()
    assert np.allclose([before.baseline[-1], behind.baseline[0]], turned([(350, 500)], skew) * 2, atol=0.2)


@pytest.mark.parametrize("place", [100, 200, 203, 698, 900, math.nan])
def test_a_line_is_cut_only_inside(place: float) -> None:
    line = box_line(200, 700)
    with pytest.raises(RetouchError, match="inside"):
        cut(line, frame_of(line, page()), place)


def test_a_drawn_box_is_a_line_with_a_baseline_in_either_direction() -> None:
    box = drawn((300, 120, 100, 80), page())
    assert box == drawn((100, 80, 300, 120), page())
    assert box.polygon == ((100, 80), (300, 80), (300, 120), (100, 120))
    assert box.baseline == ((100, 110.4), (300, 110.4))


@pytest.mark.parametrize("skew", SKEWS)
def test_a_drawn_box_has_a_baseline_along_the_writing_of_its_page(skew: float) -> None:
    written = box_line(300, 700, skew)
    (x0, y0), (x1, y1) = np.min(written.polygon, axis=0), np.max(written.polygon, axis=0)
    (left, top), (right, bottom) = drawn((x0, y0, x1, y1), page(skew)).baseline
    angle = math.degrees(math.atan2(top - bottom, right - left))
    assert abs((angle - skew + 180) % 360 - 180) < 0.5
    assert (
        np.hypot(*np.subtract(np.mean([(left, top), (right, bottom)], axis=0), np.mean(written.baseline, axis=0))) < 12
    )


def test_what_is_drawn_over_the_edge_ends_at_the_edge() -> None:
    assert drawn((-50, 900, 200, 1200), page()).polygon == ((0, 900), (200, 900), (200, 1000), (0, 1000))


@pytest.mark.parametrize(
    "outline",
    [
        (10, 10, 12, 200), (1100, 10, 1300, 40), [(10, 10), (90, 90)], [(10, 10), (50, 50), (90, 90)],
        (10, 10, math.nan, 90), (1, 2, 3), [], [(0.0, 0.0)] * 2000,
    ],
)  # fmt: skip
def test_what_is_no_outline_is_said_in_a_sentence(outline: list[Point]) -> None:
    with pytest.raises(RetouchError, match=r"^[A-Z].*\.$"):
        drawn(outline, page())


def test_the_baseline_moves_and_stretches_with_its_outline() -> None:
    assert moved(box_line(200, 700), (300, 570, 550, 650), page()) == Ink(
        ((300, 570), (550, 570), (550, 650), (300, 650)), ((300, 630), (550, 630))
    )

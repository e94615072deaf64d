"""Outlines and baselines as people change them: joined, cut, drawn, moved. Pixels of the page as it came in."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.document import Line, Page, Point
from pipeline.errors import RetouchError

Points = NDArray[np.float64]
SMALLEST = 4
MOST_POINTS = 1000
# Where the baseline runs in an outline that comes without one, from its top (0) to its bottom (1).
BASELINE_AT = 0.76


class Ink(NamedTuple):
    """Where a line is on its page."""

    polygon: tuple[Point, ...]
    baseline: tuple[Point, ...]


class Frame:
    """Coordinates along a line of writing: u runs with it, v across it, downwards. `angle` is clockwise, in radians."""

    def __init__(self, angle: float) -> None:
        cos, sin = np.cos(angle), np.sin(angle)
        self._turn = np.array([[cos, -sin], [sin, cos]])

    def inside(self, points: Sequence[Point] | Points) -> Points:
        """(N, 2) points of the page as (u, v)."""
        return np.asarray(points, np.float64).reshape(-1, 2) @ self._turn

    def outside(self, points: Points) -> tuple[Point, ...]:
        """The inverse of `inside`."""
        return _rounded(points @ self._turn.T)


def frame_of(line: Line, page: Page) -> Frame:
    """The frame of a line; of one without baseline, that of its page."""
    if len(line.baseline) < 2 or line.baseline[0] == line.baseline[-1]:
        return page_frame(page)
    (x0, y0), (x1, y1) = line.baseline[0], line.baseline[-1]
    return Frame(float(np.arctan2(y1 - y0, x1 - x0)))


def page_frame(page: Page) -> Frame:
    """The frame in which the writing of a page is level."""
    return Frame(-np.radians(page.skew_degrees))


def joined(lines: Sequence[Line], frame: Frame) -> Ink:
    """One outline around several lines, along the ink of each, and one baseline; in order of `frame`'s u."""
    tops: list[Points] = []
    bottoms: list[Points] = []
    outlines = [frame.inside(line.polygon) for line in lines]
    us = np.unique(np.concatenate([outline[:, 0] for outline in outlines]))
    for outline in outlines:
        top, bottom = _edges(outline, us)
        tops.append(top)
        bottoms.append(bottom)
    top, bottom = np.min(tops, axis=0), np.max(bottoms, axis=0)
    covered = np.isfinite(top)
    # Slanted ends would notch the outline where a gap between two lines begins.
    thick = bottom - top > 0.5 * np.median((bottom - top)[covered])
    covered &= thick | (us == us[0]) | (us == us[-1])
    across = us[covered]
    polygon = np.vstack(
        [np.column_stack([across, top[covered]]), np.column_stack([across, bottom[covered]])[::-1]],
    )
    # The longest line says where the baseline runs; the others only where it does not reach.
    baselines = sorted((frame.inside(line.baseline) for line in lines if line.baseline), key=lambda b: -np.ptp(b[:, 0]))
    baseline = np.zeros((0, 2))
    for other in baselines:
        free = other if not len(baseline) else other[~_within(other[:, 0], baseline[:, 0])]
        baseline = np.vstack([baseline, free])
    return Ink(frame.outside(_simple(polygon)), frame.outside(baseline[np.argsort(baseline[:, 0])]))


def cut(line: Line, frame: Frame, place: float) -> tuple[Ink, Ink]:
    """The parts of a line before and behind u = `place`. Raises RetouchError outside the line."""
    polygon, baseline = frame.inside(line.polygon), frame.inside(line.baseline)
    if not polygon[:, 0].min() + SMALLEST <= place <= polygon[:, 0].max() - SMALLEST:
        raise RetouchError("A line can only be split at a place inside it.")
    parts = []
    for side in (-1, 1):
        part = _clipped(polygon, place, side)
        kept = baseline[side * (baseline[:, 0] - place) > 0]
        if len(baseline):
            at_cut = [place, np.interp(place, *baseline[np.argsort(baseline[:, 0])].T)]
            kept = np.vstack([kept, at_cut] if side < 0 else [at_cut, kept])
        parts.append(Ink(frame.outside(part), frame.outside(kept)))
    return parts[0], parts[1]


def drawn(outline: Sequence[float] | Sequence[Point], page: Page) -> Ink:
    """A box (x0, y0, x1, y1) or polygon as a person draws it, inside its page, with a baseline. Raises RetouchError."""
    points = np.asarray(outline, np.float64)
    is_box = points.shape == (4,)
    if is_box:
        (x0, x1), (y0, y1) = sorted(points[::2]), sorted(points[1::2])
        points = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    if points.ndim != 2 or points.shape[1:] != (2,) or not 3 <= len(points) <= MOST_POINTS:
        raise RetouchError("An outline is a box (x0, y0, x1, y1) or at least three points (x, y).")
    if not np.isfinite(points).all():
        raise RetouchError("An outline is made of numbers.")
    points = points.clip(0, (page.width, page.height))
    if np.ptp(points, axis=0).min() < SMALLEST or cv2.contourArea(points.astype(np.float32)) < SMALLEST**2:
        raise RetouchError(f"Please draw the line on its page, at least {SMALLEST} pixels wide and high.")
    return Ink(_rounded(points), baseline_in(points, page, is_box=is_box))


def baseline_in(outline: Sequence[Point] | Points, page: Page, *, is_box: bool = False) -> tuple[Point, ...]:
    """A straight baseline in an outline that comes without one, as slanted as the writing of the page."""
    frame = page_frame(page)
    inside = frame.inside(outline)
    (left, top), (right, bottom) = inside.min(axis=0), inside.max(axis=0)
    height = bottom - top
    if is_box:
        # An upright box around slanted writing is higher than the writing, by what this rises.
        slant = np.tan(np.radians(abs((page.skew_degrees + 45) % 90 - 45)))
        height = max(height - 2 * slant * (right - left), 0.3 * height)
    base = (top + bottom) / 2 + (BASELINE_AT - 0.5) * height
    return frame.outside(np.array([(left, base), (right, base)]))


def moved(line: Line, outline: Sequence[float] | Sequence[Point], page: Page) -> Ink:
    """A line's new outline, and its baseline moved and stretched along. Raises RetouchError."""
    new = drawn(outline, page)
    if not line.baseline:
        return new
    old_box, new_box = (np.asarray([np.min(p, axis=0), np.max(p, axis=0)]) for p in (line.polygon, new.polygon))
    shares = (np.asarray(line.baseline) - old_box[0]) / np.maximum(np.ptp(old_box, axis=0), 1)
    baseline = new_box[0] + shares * np.ptp(new_box, axis=0)
    return Ink(new.polygon, _rounded(baseline))


def _rounded(points: Points) -> tuple[Point, ...]:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in points)


def _edges(outline: Points, us: Points) -> tuple[Points, Points]:
    """Upper and lower edge of an outline at each of `us`, infinite where it does not reach."""
    top, bottom = np.full(len(us), np.inf), np.full(len(us), -np.inf)
    for (u0, v0), (u1, v1) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if u0 > u1:
            u0, v0, u1, v1 = u1, v1, u0, v0
        here = (us >= u0) & (us <= u1)
        for vs in (v0 + (v1 - v0) * (us[here] - u0) / (u1 - u0),) if u1 > u0 else (v0, v1):
            top[here], bottom[here] = np.minimum(top[here], vs), np.maximum(bottom[here], vs)
    return top, bottom


def _within(us: Points, other: Points) -> NDArray[np.bool_]:
    return (us >= other.min()) & (us <= other.max())


def _clipped(polygon: Points, place: float, side: int) -> Points:
    """The part of a polygon with side * (u - place) >= 0 (Sutherland and Hodgman 1974)."""
    kept: list[Points] = []
    for one, other in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if side * (one[0] - place) >= 0:
            kept.append(one)
        if (one[0] - place) * (other[0] - place) < 0:
            kept.append(one + (other - one) * (place - one[0]) / (other[0] - one[0]))
    return np.array(kept)


def _simple(polygon: Points) -> Points:
    """Without points that move the outline by less than a pixel."""
    kept = cv2.approxPolyDP(polygon.astype(np.float32)[:, None], 0.75, True)[:, 0]
    return np.asarray(kept if len(kept) > 2 else polygon, np.float64)

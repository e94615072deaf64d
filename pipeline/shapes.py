"""What the layout needs to know of a line: box, baseline, size of writing, and marks in its ink."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import cv2
import numpy as np

from pipeline.clean import CleanPage
from pipeline.document import Box
from pipeline.lines import TextLine

Marker = Literal["", "bullet", "number", "set_off"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the layout needs to know of a line: its box, mean baseline height, size of writing, and marks of its ink."""

    line: TextLine
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float
    marker: Marker = ""
    underlined: bool = False


class Part(NamedTuple):
    """A piece of connected ink; y is counted from the baseline, down."""

    x0: int
    y0: int
    x1: int
    y1: int
    area: int


def find_owners(page: CleanPage, lines: Sequence[TextLine]) -> np.ndarray:
    """Which line each pixel belongs to: (h, w) int32, 0 for none, else the line's place in `lines` plus one."""
    owners = np.zeros(page.ink.shape, np.int32)
    for number, line in enumerate(lines, start=1):
        cv2.fillPoly(owners, [np.round(line.polygon).astype(np.int32)], number)
    return owners


def measure(page: CleanPage, lines: Sequence[TextLine], owners: np.ndarray) -> list[Shape]:
    shapes = []
    for number, line in enumerate(lines, start=1):
        (x0, y0), (x1, y1) = line.polygon.min(axis=0), line.polygon.max(axis=0)
        rows, cols = slice(max(int(y0), 0), int(y1) + 1), slice(max(int(x0), 0), int(x1) + 1)
        ys, xs = np.nonzero(page.ink[rows, cols] & (owners[rows, cols] == number))
        size = (y1 - y0) / 2
        if ys.size:
            # Most ink lies between baseline and x-height; single ascenders and tails do not count.
            above = np.interp(xs + cols.start, line.baseline[:, 0], line.baseline[:, 1]) - (ys + rows.start)
            low, high = np.percentile(above, (10, 90))
            size = max(float(high - low), 1.0)
        shapes.append(
            Shape(line, float(x0), float(y0), float(x1), float(y1), float(line.baseline[:, 1].mean()), float(size))
        )
    return shapes


def unit_of(shapes: Sequence[Shape]) -> float:
    """The usual height of a line of writing from ascender to descender, in pixels."""
    return max(float(np.median([s.size for s in shapes])) * 2, 8.0) if shapes else 48.0


def box_of(shape: Shape) -> Box:
    return int(shape.x0), int(shape.y0), int(shape.x1) + 1, int(shape.y1) + 1


def with_marks(page: CleanPage, owners: np.ndarray, number: int, shape: Shape, unit: float) -> Shape:
    return replace(
        shape,
        marker=_marker(page.ink, owners, number, shape, unit),
        underlined=_is_underlined(page.ink, shape, unit),
    )


def _marker(ink: np.ndarray, owners: np.ndarray, number: int, shape: Shape, unit: float) -> Marker:
    """What stands set off by a gap at the start of the line."""
    lead, gap = _lead(_first_parts(ink, owners, number, shape, unit), unit)
    if not lead:
        return ""
    top, bottom = min(part.y0 for part in lead), max(part.y1 for part in lead)
    width, height, last = max(part.x1 for part in lead) - lead[0].x0, bottom - top, lead[-1]
    fill = sum(part.area for part in lead) / (width * height)
    if 0.02 * unit < -(top + bottom) / 2 < 0.55 * unit:
        is_dot = max(width, height) < (0.5 if fill > 0.6 else 0.3) * unit and gap > 0.25 * unit
        is_dash = 0.2 * unit < width < 1.3 * unit and height < min(0.5 * width, 0.35 * unit)
        if is_dot or is_dash:
            return "bullet"
    ends_in_dot = max(last.x1 - last.x0, last.y1 - last.y0) < 0.27 * unit and abs(last.y0 + last.y1) / 2 < 0.25 * unit
    if len(lead) > 1 and ends_in_dot and height > 0.4 * unit and gap > 0.28 * unit:
        return "number"
    return "set_off" if gap > 0.4 * unit else ""


def _first_parts(ink: np.ndarray, owners: np.ndarray, number: int, shape: Shape, unit: float) -> list[Part]:
    """Connected ink where the line starts, by its left edge; a bullet may lie just outside the line's outline."""
    base = int(shape.line.baseline[0, 1])
    top, left = max(int(base - 1.1 * unit), 0), max(int(shape.x0 - 1.8 * unit), 0)
    window = np.s_[top : int(base + 0.4 * unit), left : int(shape.x0 + 3.5 * unit)]
    own, free = owners[window] == number, owners[window] == 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink[window] & (own | free)).astype(np.uint8))
    owned = set(np.unique(labels[own]))  # what is free is a bullet or speckle, and only large enough a bullet
    sizes = stats[:, [2, 3]].max(axis=1) / unit
    found = stats[[n for n in range(1, len(stats)) if sizes[n] > (0.07 if n in owned else 0.15)]].tolist()
    return sorted(Part(x, y + top - base, x + w, y + h + top - base, area) for x, y, w, h, area in found)


def _lead(parts: list[Part], unit: float) -> tuple[list[Part], float]:
    """The parts before the first gap, by their right edge, and the gap's width; none if they are too wide.

    A lone upright stroke is passed over: the margin line of the paper.
    """
    if len(parts) > 1 and parts[0].x1 - parts[0].x0 < 0.2 * unit < parts[0].y1 - parts[0].y0 - 0.2 * unit:
        parts = parts[1:] if parts[1].x0 - parts[0].x1 > 0.25 * unit else parts
    for count in range(1, len(parts)):
        end = max(part.x1 for part in parts[:count])
        if end - parts[0].x0 > 1.4 * unit:
            break
        gap = parts[count].x0 - end
        if gap > 0.2 * unit:
            return sorted(parts[:count], key=lambda part: part.x1), float(gap)
    return [], 0.0


def keep_aligned_numbers(shapes: list[Shape], unit: float) -> list[Shape]:
    """A number starts a list item only where another one stands in the same column: "M. Dupont" is no list.

    In a column of numbers, what else is set off is one too: the dot may touch the digit.
    """

    def settled(shape: Shape) -> Shape:
        if shape.marker not in ("number", "set_off"):
            return shape
        others = sum(
            other.marker == "number" and other is not shape and abs(other.x0 - shape.x0) < 0.7 * unit
            for other in shapes
        )
        return replace(shape, marker="number" if others > (shape.marker == "set_off") else "")

    return [settled(shape) for shape in shapes]


def is_bare_stroke(page: CleanPage, owners: np.ndarray, number: int, shape: Shape, unit: float) -> bool:
    """Whether the line is no writing but one long flat stroke: an underline, or a rule drawn across the page."""
    x0, y0, x1, y1 = (max(value, 0) for value in box_of(shape))
    mine = page.ink[y0:y1, x0:x1] & (owners[y0:y1, x0:x1] == number)
    flat = _flat_strokes(mine, unit)
    return bool(mine.any(axis=0).sum() > 2 * unit and (flat & mine).sum() > 0.6 * mine.sum())


def _is_underlined(ink: np.ndarray, shape: Shape, unit: float) -> bool:
    """Whether a stroke runs under most of the line."""
    top, bottom = int(shape.base - 0.1 * unit), int(shape.base + 0.75 * unit)
    left, right = max(int(shape.x0), 0), int(shape.x1) + 1
    band = ink[max(top, 0) : bottom, left:right]
    return bool(band.size and _flat_strokes(band, unit).any(axis=0).mean() > 0.6)


def _flat_strokes(ink: np.ndarray, unit: float) -> np.ndarray:
    """Ink that runs on level for the height of a line, as (h, w) bool; a stroke drawn by hand may wave a little."""
    thick = cv2.dilate(ink.astype(np.uint8), np.ones((max(int(0.06 * unit), 1), 1), np.uint8))
    return cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, max(int(0.9 * unit), 3)), np.uint8)) > 0

"""Ink that belongs to no line and is large: drawings, diagrams, displayed formulas."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.document import Box

GRID = 4  # strokes are gathered on a grid this many pixels wide: fast, and exact enough for a picture with a margin


def find_figures(ink: np.ndarray, owners: np.ndarray, lines: Sequence[Box], unit: float) -> tuple[Box, ...]:
    """Boxes of figures, top-down, none overlapping another.

    ink: (h, w) bool; owners: (h, w) int32, 0 where no line is; lines: their boxes; unit: height of a line of writing.
    """
    strokes = _free_strokes(ink, owners > 0, unit)
    boxes = []
    for box, weight in _gather(strokes, ink.shape, unit):
        x0, y0, x1, y1 = box
        if max(x1 - x0, y1 - y0) < 2.5 * unit or min(x1 - x0, y1 - y0) < 1.2 * unit:
            continue
        inside = [line for line in lines if contains(box, line)]
        written = sum(int(ink[b[1] : b[3], b[0] : b[2]].sum()) for b in inside)
        if written > weight:  # a frame around text
            continue
        boxes.append(_padded(_around([box, *inside]), ink.shape, 0.25 * unit))
    return tuple(sorted(_merged(boxes), key=lambda b: (b[1], b[0])))


def contains(figure: Box, line: Box) -> bool:
    """Whether most of a line lies in a figure."""
    width = min(figure[2], line[2]) - max(figure[0], line[0])
    height = min(figure[3], line[3]) - max(figure[1], line[1])
    area = (line[2] - line[0]) * (line[3] - line[1])
    return width > 0 and height > 0 and width * height > 0.6 * area


def _free_strokes(ink: np.ndarray, written: np.ndarray, unit: float) -> list[tuple[Box, int]]:
    """Connected strokes (box, ink pixels) that are mostly outside lines, without speckle, ruling and page borders."""
    height, width = ink.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    in_lines = np.bincount(labels[written & ink], minlength=count)
    strokes = []
    for number in np.flatnonzero(in_lines < 0.4 * stats[:, cv2.CC_STAT_AREA]):
        x, y, w, h, area = (int(v) for v in stats[number])
        at_edge = x < 0.3 * unit or y < 0.3 * unit or x + w > width - 0.3 * unit or y + h > height - 0.3 * unit
        is_ruling = (h < 0.35 * unit and w > 0.3 * width) or (w < 0.35 * unit and h > 0.3 * height)
        is_border = at_edge and (max(w / width, h / height) > 0.3 or min(w, h) < unit)
        is_blot = area > 0.6 * w * h and min(w, h) > 0.7 * unit
        if number and max(w, h) > 0.5 * unit and not is_ruling and not is_border and not is_blot:
            strokes.append(((x, y, x + w, y + h), area))
    return strokes


def _gather(strokes: Sequence[tuple[Box, int]], shape: tuple[int, ...], unit: float) -> list[tuple[Box, int]]:
    """Strokes close to each other as one: (box around them, ink pixels)."""
    near = 0.35 * unit  # each grows by this much, so strokes up to twice as far apart meet
    mask = np.zeros((shape[0] // GRID + 1, shape[1] // GRID + 1), np.uint8)
    for (x0, y0, x1, y1), _ in strokes:
        corners = [int(v / GRID) for v in (max(x0 - near, 0), max(y0 - near, 0), x1 + near, y1 + near)]
        mask[corners[1] : corners[3] + 1, corners[0] : corners[2] + 1] = 1
    _, labels = cv2.connectedComponents(mask)
    groups: dict[int, list[tuple[Box, int]]] = {}
    for stroke in strokes:
        groups.setdefault(int(labels[stroke[0][1] // GRID, stroke[0][0] // GRID]), []).append(stroke)
    return [(_around([box for box, _ in group]), sum(area for _, area in group)) for group in groups.values()]


def _around(boxes: Sequence[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _padded(box: Box, shape: tuple[int, ...], margin: float) -> Box:
    return (
        max(int(box[0] - margin), 0),
        max(int(box[1] - margin), 0),
        min(int(box[2] + margin), shape[1]),
        min(int(box[3] + margin), shape[0]),
    )


def _merged(boxes: list[Box]) -> list[Box]:
    """The boxes with overlapping ones joined, until none overlaps."""
    merged: list[Box] = []
    for box in boxes:
        touching = [o for o in merged if o[0] < box[2] and box[0] < o[2] and o[1] < box[3] and box[1] < o[3]]
        rest = [o for o in merged if o not in touching]
        merged = _merged([*rest, _around([box, *touching])]) if touching else [*merged, box]
    return merged

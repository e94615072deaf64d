"""Large ink that is not writing: drawings, diagrams, graphs."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.document import Box

GRID = 4  # strokes are gathered on a grid this many pixels wide: fast, and exact enough for a picture with a margin


@dataclass(frozen=True, slots=True)
class Stroke:
    """Ink that hangs together. `is_sure` says that it can only be drawn, not written."""

    box: Box
    area: int
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Boxes top-down, none overlapping another; `drawn` are the places of lines that are parts of a drawing."""

    boxes: tuple[Box, ...]
    drawn: frozenset[int]


def find_figures(ink: np.ndarray, owners: np.ndarray, lines: Sequence[Box], unit: float) -> Figures:
    """Figures of a page.

    ink: (h, w) bool; owners: (h, w) int32, 0 where no line is, else its place in `lines` plus one; lines: their boxes;
    unit: height of a line of writing.
    """
    strokes, drawn_ink = _strokes(ink, owners, unit)
    all_ink = np.bincount(owners[ink], minlength=len(lines) + 1)
    drawn = {place for place in range(len(lines)) if drawn_ink[place + 1] > 0.5 * all_ink[place + 1] > 0}
    boxes = []
    for group in _gather(strokes, ink.shape, unit):
        box = _around([stroke.box for stroke in group])
        width, height = box[2] - box[0], box[3] - box[1]
        written = sum(int(all_ink[p + 1]) for p, line in enumerate(lines) if p not in drawn and contains(box, line))
        is_large = max(width, height) > 3 * unit and min(width, height) > 1.9 * unit
        is_frame = written > sum(stroke.area for stroke in group)  # a box drawn around text
        # A root or a large sign in the row of a line is a part of it.
        is_inline = any(
            p not in drawn
            and contains(line, box)
            and line[2] - line[0] > 1.5 * width
            and line[3] - line[1] < 3.5 * unit
            for p, line in enumerate(lines)
        )
        if is_large and not is_frame and not is_inline and any(stroke.is_sure for stroke in group):
            boxes.append(box)
    drawn = {place for place in drawn if any(_touch(box, lines[place]) for box in boxes)}
    words = [line for place, line in enumerate(lines) if place in drawn or line[2] - line[0] < 4 * unit]
    boxes = [_with_words(box, [*words, *(line for line in lines if contains(box, line))], unit) for box in boxes]
    merged = _merged([_padded(box, ink.shape, 0.4 * unit) for box in boxes])
    return Figures(tuple(sorted(merged, key=lambda b: (b[1], b[0]))), frozenset(drawn))


def contains(figure: Box, line: Box) -> bool:
    """Whether most of a line lies in a figure."""
    width = min(figure[2], line[2]) - max(figure[0], line[0])
    height = min(figure[3], line[3]) - max(figure[1], line[1])
    area = (line[2] - line[0]) * (line[3] - line[1])
    return width > 0 and height > 0 and width * height > 0.6 * area


def _strokes(ink: np.ndarray, owners: np.ndarray, unit: float) -> tuple[list[Stroke], np.ndarray]:
    """What may be parts of drawings, without speckle, ruling and page borders; and how much ink of each line is drawn.

    Writing crosses any upright or level cut many times in the height of a line, the strokes of a drawing few times.
    """
    height, width = ink.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    in_lines = np.bincount(labels[(owners > 0) & ink], minlength=count)
    drawn_ink = np.zeros(int(owners.max(initial=0)) + 1, np.int64)
    strokes = []
    for number in np.flatnonzero(stats[:, [2, 3]].max(axis=1) > 0.5 * unit):
        x, y, w, h, area = (int(v) for v in stats[number])
        at_edge = x < 0.3 * unit or y < 0.3 * unit or x + w > width - 0.3 * unit or y + h > height - 0.3 * unit
        is_border = at_edge and (max(w / width, h / height) > 0.3 or min(w, h) < unit)
        is_ruling = min(w, h) < 0.35 * unit and max(w, h) > 3 * min(w, h)
        is_blot = area > 0.6 * w * h and min(w, h) > 0.7 * unit
        if not number or is_border or is_ruling or is_blot:
            continue
        is_free, is_big = in_lines[number] < 0.4 * area, max(w, h) > 1.9 * unit and min(w, h) > 1.4 * unit
        window = np.s_[y : y + h, x : x + w]
        cuts = _cuts(labels[window] == number, unit) if is_big else np.inf
        is_sure = max(w, h) > 2.5 * unit and cuts < (1.8 if is_free else 1.3)
        if is_free or is_sure or (min(w, h) > 1.9 * unit and cuts < 2.1):
            strokes.append(Stroke((x, y, x + w, y + h), area, is_sure))
            drawn_ink += np.bincount(owners[window][labels[window] == number], minlength=len(drawn_ink))
    return strokes, drawn_ink


def _cuts(stroke: np.ndarray, unit: float) -> float:
    """How often level and upright cuts cross the stroke, in the height of a line of writing."""
    level = (stroke[:, 1:] & ~stroke[:, :-1]).sum() + stroke[:, 0].sum()
    upright = (stroke[1:] & ~stroke[:-1]).sum() + stroke[0].sum()
    return float(level + upright) * unit / stroke.size


def _gather(strokes: Sequence[Stroke], shape: tuple[int, ...], unit: float) -> list[list[Stroke]]:
    """Strokes that are close to each other."""
    near = 0.35 * unit  # each grows by this much, so strokes up to twice as far apart meet
    mask = np.zeros((shape[0] // GRID + 1, shape[1] // GRID + 1), np.uint8)
    for stroke in strokes:
        x0, y0, x1, y1 = stroke.box
        left, top, right, bottom = (int(v / GRID) for v in (max(x0 - near, 0), max(y0 - near, 0), x1 + near, y1 + near))
        mask[top : bottom + 1, left : right + 1] = 1
    _, labels = cv2.connectedComponents(mask)
    groups: dict[int, list[Stroke]] = {}
    for stroke in strokes:
        groups.setdefault(int(labels[stroke.box[1] // GRID, stroke.box[0] // GRID]), []).append(stroke)
    return list(groups.values())


def _with_words(box: Box, words: Sequence[Box], unit: float) -> Box:
    """The figure with the single words that stand in it or at its edge."""
    reach = _grown(box, 1.2 * unit)
    return _around([box, *(word for word in words if _touch(reach, word))])


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _grown(box: Box, margin: float) -> Box:
    return int(box[0] - margin), int(box[1] - margin), int(box[2] + margin), int(box[3] + margin)


def _around(boxes: Sequence[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _padded(box: Box, shape: tuple[int, ...], margin: float) -> Box:
    x0, y0, x1, y1 = _grown(box, margin)
    return max(x0, 0), max(y0, 0), min(x1, shape[1]), min(y1, shape[0])


def _merged(boxes: list[Box]) -> list[Box]:
    """The boxes with overlapping ones joined, until none overlaps."""
    merged: list[Box] = []
    for box in boxes:
        touching = [other for other in merged if _touch(other, box)]
        rest = [other for other in merged if other not in touching]
        merged = _merged([*rest, _around([box, *touching])]) if touching else [*merged, box]
    return merged

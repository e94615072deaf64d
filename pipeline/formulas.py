"""Formulas: rows between two brackets become one line, and lines that read as mathematics are called so."""

import re
from collections.abc import Sequence
from itertools import combinations

import cv2
import numpy as np

from pipeline.binarize import Mask
from pipeline.document import Box
from pipeline.lines import TextLine

# In heights of a line of writing: brackets that hold rows of a matrix, and how near to them the same formula goes on.
BRACKET, TALLEST, BESIDE = 0.95, 8.0, 1.0
# The share of a bracket's height in which its stroke is found straight above itself.
STRAIGHT = 0.75
_RELATIONS = re.compile(r"[=≠≈≤≥<>±×∑√∫→⇒↔⊥∈]")
# Of short words only those no label of geometry looks like: DE and LA in capitals are sides of a triangle.
_WORDS = re.compile(
    r"[^\W\d_]{3,}|\b(?:[Ss]o|[Ii]f|[Ii]s|[Oo]r|[Oo]f|[Tt]o|[Aa]s|[Ww]e|[Aa]t|[Ii]n|[Bb]y|[Ii]t|[Aa]n|[Bb]e|"
    r"[Ee]t|[Oo]u|[Ss]i|[Oo]ù|[Oo]n|[Ee]n|[Uu]n|[Dd]e|[Ll]a|[Ll]e|[Aa]u|[Dd]u|[Ii]l|[Nn]e)\b"
)
_FUNCTIONS = {"sin", "cos", "tan", "log", "exp", "lim", "max", "min", "det", "mod"}


def join_matrices(ink: Mask, lines: Sequence[TextLine]) -> tuple[list[TextLine], list[TextLine]]:
    """Lines that go on as they are, and formulas: the lines between two tall brackets, and beside them, as one."""
    if len(lines) < 2:
        return list(lines), []
    height = float(np.median([np.ptp(line.polygon[:, 1]) for line in lines]))
    boxes = [box for pair in combinations(_brackets(ink, height), 2) if (box := _matrix(pair, lines, height))]
    groups: list[set[int]] = []
    for box in boxes:
        members = {place for place, line in enumerate(lines) if _belongs(line, box, height)}
        touching = [group for group in groups if group & members]
        groups = [group for group in groups if group not in touching] + [members.union(*touching)]
    taken = set().union(*groups) if groups else set()
    corners = [np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float) for x0, y0, x1, y1 in boxes]
    formulas = []
    for group in groups:
        polygons = [lines[place].polygon for place in group]
        polygons += [
            c for c, box in zip(corners, boxes, strict=True) if any(_belongs(lines[p], box, height) for p in group)
        ]
        hull = cv2.convexHull(np.vstack(polygons).astype(np.float32))[:, 0].astype(np.float64)
        longest = max((lines[place].baseline for place in group), key=lambda line: float(np.ptp(line[:, 0])))
        formulas.append(TextLine(hull, longest))
    return [line for place, line in enumerate(lines) if place not in taken], formulas


def _brackets(ink: Mask, height: float) -> list[Box]:
    """Boxes of tall upright strokes."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    widths, heights = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    tall = (heights > BRACKET * height) & (heights < TALLEST * height) & (widths < 0.6 * heights)
    tall[0] = False
    found = []
    for number in np.flatnonzero(tall):
        x, y, width, high = (int(value) for value in stats[number, :4])
        stroke = labels[y : y + high, x : x + width] == number
        window = max(3, round(0.25 * high))
        near = cv2.dilate(stroke.astype(np.uint8), np.ones((1, window), np.uint8))
        if near.mean(axis=0).max() > STRAIGHT:
            found.append((x, y, x + width, y + high))
    return sorted(found)


def _matrix(pair: tuple[Box, Box], lines: Sequence[TextLine], height: float) -> Box | None:
    """The box around two brackets if rows of writing stand between them, else None."""
    left, right = pair
    top, bottom = max(left[1], right[1]), min(left[3], right[3])
    high = (left[3] - left[1], right[3] - right[1])
    if not 0 < right[0] - left[2] < 5 * max(high) or bottom - top < 0.7 * max(high):
        return None
    levels = sorted(
        level
        for line in lines
        if (level := _level_between(line, left[2], right[0], height)) is not None
        and top < level < bottom + 0.3 * height
    )
    if not levels or levels[-1] - levels[0] < 0.5 * height:
        return None
    # Two tall letters may reach into a line of prose above or below, but no such line ends between them.
    slack = 0.3 * height
    first, last = np.array([left[0], top]) - slack, np.array([right[2], bottom]) + slack
    if not any((line.polygon >= first).all() and (line.polygon <= last).all() for line in lines):
        return None
    return left[0], min(left[1], right[1]), right[2], max(left[3], right[3])


def _level_between(line: TextLine, x0: float, x1: float, height: float) -> float | None:
    """The height of a line's baseline between two columns; None where it is not written there."""
    left, right = max(x0, line.baseline[0, 0]), min(x1, line.baseline[-1, 0])
    if right - left < 0.15 * height:
        return None
    return float(np.interp((left + right) / 2, line.baseline[:, 0], line.baseline[:, 1]))


def _belongs(line: TextLine, box: Box, height: float) -> bool:
    """Whether a line stands in a matrix, or so close beside it that it is part of the formula."""
    reach = BESIDE * height
    level = _level_between(line, box[0] - reach, box[2] + reach, height)
    return level is not None and box[1] < level - 0.2 * height and level < box[3] + 0.2 * height


def reads_as_formula(text: str) -> bool:
    """Whether a line is a formula by itself: a relation between signs, and no word but names of functions."""
    words = [word for word in _WORDS.findall(text) if word.lower() not in _FUNCTIONS]
    return bool(_RELATIONS.search(text)) and not words

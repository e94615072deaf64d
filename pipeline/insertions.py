"""Words written small above a line, to be put in: lines of their own, or both would be read as one row of letters."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask
from pipeline.ridges import Ridge

# In small letters: how far from the middle of a line a piece of another row stays, and how high that row may stand.
CLEAR, HIGHEST = 0.35, 3.2
# In small letters: the least height of a letter in it, the widest gap between two, and the least width of it all.
LETTER, GAP, WIDTH = 0.25, 1.2, 0.8
# How many times as wide as high a word in one stroke of the pen may be: wider are underlines.
FLAT = 8
# How many strokes run down through a row of letters at least, and over what share of it the line has ink below.
STROKES, OVER = 4, 0.35


@dataclass(frozen=True, slots=True)
class Insertion:
    """pieces: the labels of its ink; ridge: its middle, as far as it goes; size: of its letters, in pixels."""

    pieces: NDArray[np.int64]
    ridge: Ridge
    size: float


def find_insertions(labels: NDArray[Any], stats: NDArray[Any], ridges: list[Ridge], size: float) -> list[Insertion]:
    """Rows of letters between lines that touch none of them; labels, stats: OpenCV's of the page's pieces of ink.

    Accents, bars and raised letters are none: too low, too few strokes, or nothing written below. Nor is part of a row
    of tiny print whose other letters touch a line.
    """
    host = _hosts(stats, ridges, size)
    found = []
    for number, ridge in enumerate(ridges):
        pieces = np.flatnonzero(host == number)
        for row in _rows(pieces, stats, size):
            insertion = _as_word(row, labels, stats, ridge, size)
            if insertion:
                found.append(insertion)
    return found


def _hosts(stats: NDArray[Any], ridges: list[Ridge], size: float) -> NDArray[np.int64]:
    """For each piece clear of all lines the place of the line below it, -1 for others."""
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    host, nearest = np.full(len(stats), -1), np.full(len(stats), HIGHEST * size)
    clear = stats[:, cv2.CC_STAT_HEIGHT] < 2 * size
    clear[0] = False
    for number, ridge in enumerate(ridges):
        middle = ridge.at((left + right) / 2)
        over = (left < ridge.x1) & (right > ridge.x0)
        clear &= ~over | (bottom < middle - CLEAR * size) | (top > middle + CLEAR * size)
        below = np.where(over & (bottom < middle), middle - (top + bottom) / 2, np.inf)
        host[below < nearest] = number
        nearest = np.minimum(nearest, below)
    return np.where(clear, host, -1)


def _rows(pieces: NDArray[np.int64], stats: NDArray[Any], size: float) -> list[NDArray[np.int64]]:
    """Pieces beside one another, at gaps no wider than between two words of a row."""
    left = stats[pieces, cv2.CC_STAT_LEFT]
    pieces = pieces[np.argsort(left)]
    left = stats[pieces, cv2.CC_STAT_LEFT]
    right = np.maximum.accumulate(left + stats[pieces, cv2.CC_STAT_WIDTH]) if len(pieces) else left
    cuts = np.flatnonzero(left[1:] - right[:-1] > GAP * size) + 1
    return [row for row in np.split(pieces, cuts) if len(row)]


def _as_word(
    row: NDArray[np.int64], labels: NDArray[Any], stats: NDArray[Any], ridge: Ridge, size: float
) -> Insertion | None:
    """The row, if it is one of letters that stands over those of the line."""
    heights, widths = stats[row, cv2.CC_STAT_HEIGHT], stats[row, cv2.CC_STAT_WIDTH]
    letters = row[(heights >= LETTER * size) & (widths < FLAT * heights)]
    if not len(letters):
        return None
    x0, y0 = stats[row, cv2.CC_STAT_LEFT].min(), stats[row, cv2.CC_STAT_TOP].min()
    x1 = (stats[row, cv2.CC_STAT_LEFT] + stats[row, cv2.CC_STAT_WIDTH]).max()
    y1 = (stats[row, cv2.CC_STAT_TOP] + stats[row, cv2.CC_STAT_HEIGHT]).max()
    if x1 - x0 < WIDTH * size:
        return None
    if _goes_on(row, (x0, y0, x1, y1), stats, size):
        return None
    ink = np.isin(labels[y0:y1, x0:x1], letters)
    if not ink.any():  # cut into other pieces meanwhile
        return None
    rise = ridge.at(np.arange(x0, x1).astype(np.float64))
    offset = float(np.median((rise[None] - np.arange(y0, y1)[:, None])[ink]))
    height = float(np.median(stats[letters, cv2.CC_STAT_HEIGHT]))
    if _strokes(ink, rise - offset - y0, height) < STROKES or _written_below(labels, rise, x0, size) < OVER:
        return None
    return Insertion(row, Ridge(int(x0), rise - offset), min(size, height))


def _goes_on(row: NDArray[np.int64], box: tuple[int, int, int, int], stats: NDArray[Any], size: float) -> bool:
    """Whether letters of other pieces stand beside the row on its height."""
    x0, y0, x1, y1 = box
    left, heights = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_HEIGHT]
    right, middle = left + stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_TOP] + heights / 2
    beside = (np.maximum(left - x1, x0 - right) < GAP * size) & (np.abs(middle - (y0 + y1) / 2) < 0.3 * (y1 - y0))
    beside &= (heights > LETTER * size) & (heights < 1.5 * (y1 - y0))
    beside[row] = False
    return bool(beside[1:].any())


def _strokes(ink: Mask, middle: NDArray[np.float64], height: float) -> float:
    """How many strokes a row of letters is crossed by, in the mean, along its middle and a little above and below."""
    columns = np.arange(ink.shape[1])
    counts = []
    for shift in (-0.15, 0.0, 0.15):
        rows = np.clip(np.round(middle + shift * height), 0, len(ink) - 1).astype(np.int64)
        along = ink[rows, columns]
        counts.append(sum(not a and b for a, b in pairwise([False, *along.tolist()])))
    return float(np.mean(counts))


def _written_below(labels: NDArray[Any], middle: NDArray[np.float64], x0: int, size: float) -> float:
    """In what share of the columns from x0 on the line whose middle is given has ink among its small letters."""
    rows = np.arange(round(-0.5 * size), round(0.5 * size) + 1)[:, None] + np.round(middle)[None].astype(np.int64)
    inside = (rows >= 0) & (rows < len(labels))
    columns = x0 + np.arange(len(middle))[None]
    return float(((labels[np.clip(rows, 0, len(labels) - 1), columns] > 0) & inside).any(axis=0).mean())

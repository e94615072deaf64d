"""Which way up a page of writing is: by the small shapes that strokes make, and by margins."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask
from pipeline.ridges import pieces, writing_unit

# One weight for each pair of a pattern and its half turn at each distance, learned by pipeline/train/orientation.py.
WEIGHTS = Path(__file__).resolve().parents[1] / "assets" / "orientation" / "weights.npy"
# Small letters are made so high, in pixels; patterns are 3 x 3 points of ink or paper so far apart.
LETTER, DISTANCES = 9.0, (1, 2, 3, 5)
# A point is ink where so much of it is.
INKED = 0.25
# What margins count for beside shapes, at most how much, and in how many bands they are looked at.
MARGINS, CLEAREST, BANDS = 3.0, 0.8, 90
# A page with fewer pieces of ink than this tells less: a drawing may look like letters upside down.
MANY = 200

_CODES = np.arange(512)
_TURNED = np.array([int(f"{code:09b}"[::-1], 2) for code in _CODES])
# Of a pattern and its half turn one stands for both; what stays itself when turned tells nothing.
_FIRST = _CODES[_CODES < _TURNED]


def uprightness(ink: Mask) -> float:
    """Above 0 on a page whose lines stand upright, below where it is upside down; 0 where nothing is written.

    The farther from 0 the surer; near 0 on a page of few strokes, whatever they look like.
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    unit = writing_unit(ink, stats[1:])
    if not unit:
        return 0.0
    told = float(shape_balance(ink, unit) @ _weights()) + MARGINS * straight_margin(ink)
    return told * min(1.0, int(np.count_nonzero(pieces(stats[1:]))) / MANY)


def shape_balance(ink: Mask, unit: float) -> NDArray[np.float64]:
    """(960,) for each pair of patterns how much more often the first is seen than the second, which is its half turn.

    unit: the height of small letters in pixels. Turned by 180 degrees, the page has the same numbers below 0.
    """
    factor = LETTER / unit
    mode = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    small = cv2.resize(ink.view(np.uint8) * np.float32(1), None, fx=factor, fy=factor, interpolation=mode)
    balances = []
    for distance in DISTANCES:
        # Windows of odd sizes, as those of even ones would not lie the same after half a turn.
        size = max(1, distance // 2 * 2 - 1)
        dots = (cv2.blur(small, (size, size)) > INKED).view(np.uint8)
        counts = np.bincount(_codes(dots, distance).ravel(), minlength=512)
        counts[0] = 0
        balances.append((counts[_FIRST] - counts[_TURNED[_FIRST]]) / max(int(counts.sum()), 1))
    return np.concatenate(balances)


def _codes(dots: NDArray[Any], distance: int) -> NDArray[np.uint16]:
    """For each place the 3 x 3 points around it, `distance` apart, as a number of nine bits."""
    around = 2 * distance
    dots = cv2.copyMakeBorder(dots, *(around,) * 4, cv2.BORDER_CONSTANT, value=0).astype(np.uint16)
    height, width = dots.shape[0] - around, dots.shape[1] - around
    codes = np.zeros((height, width), np.uint16)
    for place in range(9):
        y, x = place // 3 * distance, place % 3 * distance
        codes |= dots[y : y + height, x : x + width] << np.uint16(place)
    return codes


@lru_cache(maxsize=1)
def _weights() -> NDArray[np.float64]:
    weights: NDArray[np.float64] = np.load(WEIGHTS, allow_pickle=False).astype(np.float64)
    return weights


def straight_margin(ink: Mask) -> float:
    """Above 0 where lines begin under one another and end where they may; below where only their ends are in line."""
    height, width = ink.shape
    step = max(4, height // BANDS)
    bands: Mask = np.asarray(ink[: height // step * step].reshape(-1, step, width).any(axis=1))
    bands = bands[bands.sum(axis=1) >= 0.02 * width]
    if len(bands) < 6:
        return 0.0
    starts = np.argmax(bands, axis=1) / width
    ends = 1 - np.argmax(bands[:, ::-1], axis=1) / width
    # Indented lines and short ones are left out on the side where they would be on an upright page, and turned over.
    left, right = np.ptp(np.percentile(starts, (10, 70))), np.ptp(np.percentile(ends, (30, 90)))
    return float(np.clip(np.log((right + 0.03) / (left + 0.03)), -CLEAREST, CLEAREST))

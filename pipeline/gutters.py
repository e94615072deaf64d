"""Where a ridge runs over the white between columns, or from text into a note beside it, and has to be parted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask

# In writing sizes: how far from its middle a line has ink, and how far off the lines above and below it end.
BAND, BEYOND = 0.9, 3.2
# The least white between columns: beside lines that stop short of it above and below, or between two rows of pieces.
ALONE, IN_ROWS = 3.5, 2.2
# How much wider than the usual gap between words of its line.
WIDER = 1.5
# How far from the white the pieces of the row above or below may stand.
NEAR = 8.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A ridge at the reduced scale: its height at each of a run of columns, and how much ink it gathers."""

    xs: NDArray[np.int64]
    ys: NDArray[np.float64]
    strength: float


def at_gutters(curve: Curve, ink: Mask, unit: float) -> list[Curve]:
    """The curve, or the parts of it left and right of gutters; ink: (h, w) bool, unit: writing size at its scale."""
    heights = np.round(curve.ys).astype(np.int64)
    written = _written(ink, curve.xs, heights, -BAND * unit, BAND * unit)
    above = _written(ink, curve.xs, heights, -BEYOND * unit, -1.2 * unit)
    below = _written(ink, curve.xs, heights, 1.2 * unit, BEYOND * unit)
    gaps = [(start, stop) for start, stop in _runs(~written) if start and stop < len(written)]
    cuts = []
    for start, stop in gaps:
        words = [b - a for a, b in gaps if b - a > 0.8 * unit and (a, b) != (start, stop)]
        usual = float(np.median(words)) if len(words) > 1 else 0.0
        if stop - start >= max(IN_ROWS * unit, WIDER * usual) and _is_gutter(start, stop, above, below, unit):
            cuts.append((start + stop) // 2)
    parts = np.split(np.arange(len(curve.xs)), cuts)
    share = curve.strength / len(curve.xs)
    return [Curve(curve.xs[part], curve.ys[part], share * len(part)) for part in parts]


def _is_gutter(start: int, stop: int, above: NDArray[np.bool_], below: NDArray[np.bool_], unit: float) -> bool:
    """Whether the white from start to stop is one: it goes on above and below, where there are other lines."""
    reach = round(NEAR * unit)
    for row in (above, below):
        for a, b in _runs(~row[start:stop]):
            left, right = row[max(start + a - reach, 0) : start + a], row[start + b : start + b + reach]
            if b - a >= IN_ROWS * unit and left.any() and right.any():
                return True
    around = above | below
    free = max((b - a for a, b in _runs(~around[start:stop])), default=0)
    return free >= ALONE * unit and bool(around[max(start - reach, 0) : stop + reach].any())


def _written(
    ink: Mask, xs: NDArray[np.int64], heights: NDArray[np.int64], top: float, bottom: float
) -> NDArray[np.bool_]:
    """In which columns of a curve there is ink between two distances from it."""
    rows = np.arange(round(top), round(bottom) + 1)[:, None] + heights[None]
    inside = (rows >= 0) & (rows < len(ink))
    return (ink[np.clip(rows, 0, len(ink) - 1), xs[None]] & inside).any(axis=0)


def _runs(where: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Starts and stops of the runs of True."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]

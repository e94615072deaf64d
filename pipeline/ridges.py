"""Where lines of writing run: ridges of ink smeared along the lines, linked into one curve a line."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask


@dataclass(frozen=True, slots=True)
class Ridge:
    """The middle of a line's small letters: `ys[i]` is its height at column `x0 + i`."""

    x0: int
    ys: NDArray[np.float64]

    @property
    def x1(self) -> int:
        """The column after the last."""
        return self.x0 + len(self.ys)

    def at(self, xs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Heights at any columns, carried on level beyond the ends."""
        return np.interp(xs, np.arange(self.x0, self.x1), self.ys)


def writing_size(stats: NDArray[np.int32]) -> float:
    """The usual height of a connected piece of writing in pixels, from OpenCV's component statistics (without background)."""
    widths, heights = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    areas = stats[:, cv2.CC_STAT_AREA]
    letters = (heights >= 6) & (widths >= 3) & (widths < 40 * heights)
    if not letters.any():
        return 0.0
    heights, areas = heights[letters], areas[letters]
    order = np.argsort(heights)
    return float(heights[order][np.searchsorted(np.cumsum(areas[order]), areas.sum() / 2)])


def find_ridges(ink: Mask, size: float) -> list[Ridge]:
    """The ridges of a page of writing whose pieces are about `size` pixels high, in no order."""
    shrink = max(1, int(size / 8))
    small = cv2.resize(
        ink.view(np.uint8) * np.float32(1), None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA
    )
    unit = size / shrink
    smeared = cv2.GaussianBlur(small, (0, 0), sigmaX=1.1 * unit, sigmaY=0.28 * unit, borderType=cv2.BORDER_CONSTANT)
    reach = max(1, round(0.35 * unit))
    peak = cv2.dilate(smeared, np.ones((2 * reach + 1, 1), np.uint8))
    tops = (smeared >= peak) & (smeared > 0.12 * float(np.percentile(smeared[small > 0], 75)))
    linked = cv2.dilate(tops.view(np.uint8), np.ones((3, 3), np.uint8))
    _, labels = cv2.connectedComponents(linked, connectivity=8, ltype=cv2.CV_32S)
    ys, xs = np.nonzero(tops)
    strength, piece = smeared[ys, xs], labels[ys, xs]
    # One point a column and piece, the strongest; then pieces are curves.
    order = np.lexsort((strength, xs, piece))
    ys, xs, piece = ys[order], xs[order], piece[order]
    last = np.append((np.diff(piece) != 0) | (np.diff(xs) != 0), True)
    ys, xs, piece = ys[last], xs[last], piece[last]
    ridges = []
    for part_x, part_y in zip(*_groups(piece, xs, ys), strict=True):
        if len(part_x) >= 0.6 * unit:
            columns = np.arange(part_x[0], part_x[-1] + 1)
            heights = np.interp(columns, part_x, part_y)
            ridges.append((columns, heights))
    return [_enlarged(columns, heights, shrink) for columns, heights in _joined(ridges, unit)]


def _groups(piece: NDArray[np.int32], *values: NDArray[np.int64]) -> list[list[NDArray[np.int64]]]:
    cuts = np.nonzero(np.diff(piece))[0] + 1
    return [np.split(value, cuts) for value in values]


Curve = tuple[NDArray[np.int64], NDArray[np.float64]]


def _joined(curves: list[Curve], unit: float) -> list[Curve]:
    """Curves that carry on one another at the same height become one; the closest pair first."""
    curves = list(curves)
    while True:
        best, pair = np.inf, None
        for i, (xs, ys) in enumerate(curves):
            for j, (other_xs, other_ys) in enumerate(curves):
                gap = other_xs[0] - xs[-1]
                if i == j or gap < -0.5 * unit or gap > 7 * unit or xs[0] >= other_xs[0]:
                    continue
                rise = abs(_end(xs, ys, unit, gap / 2, last=True) - _end(other_xs, other_ys, unit, gap / 2, last=False))
                if rise < (0.45 if gap < 3 * unit else 0.35) * unit and rise * 3 + max(gap, 0) < best:
                    best, pair = rise * 3 + max(gap, 0), (i, j)
        if pair is None:
            return curves
        xs = np.concatenate([curves[pair[0]][0], curves[pair[1]][0]])
        ys = np.concatenate([curves[pair[0]][1], curves[pair[1]][1]])
        xs, first = np.unique(xs, return_index=True)
        columns = np.arange(xs[0], xs[-1] + 1)
        curves = [curve for k, curve in enumerate(curves) if k not in pair]
        curves.append((columns, np.interp(columns, xs, ys[first])))


def _end(xs: NDArray[np.int64], ys: NDArray[np.float64], unit: float, beyond: float, *, last: bool) -> float:
    """The height a curve would have `beyond` its end, judged by its last few letters."""
    count = max(3, round(4 * unit))
    part_x, part_y = (xs[-count:], ys[-count:]) if last else (xs[:count], ys[:count])
    slope = float(np.polyfit(part_x, part_y, 1)[0]) if len(part_x) >= 2 * unit else 0.0
    slope = float(np.clip(slope, -0.15, 0.15))
    return float(np.mean(part_y)) + slope * ((1 if last else -1) * (len(part_x) / 2 + beyond))


def _enlarged(xs: NDArray[np.int64], ys: NDArray[np.float64], shrink: int) -> Ridge:
    columns = np.arange(xs[0] * shrink, (xs[-1] + 1) * shrink)
    smooth = np.ones(2 * 8 + 1) / 17
    padded = np.pad(ys, 8, mode="edge")
    heights = (np.interp(columns, (xs + 0.5) * shrink, np.convolve(padded, smooth, "valid")) + 0.5) * shrink
    return Ridge(int(columns[0]), heights)

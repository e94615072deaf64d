"""Where lines of writing run: ridges of ink smeared along the lines, linked into one curve a line."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask
from pipeline.gutters import Curve, at_gutters

# In writing sizes: how far ink is smeared down, how close above a line another can't run, the widest gap in a line.
SPREAD, CLOSE, CLOSE_SHORT, WIDEST, FAINT = 0.4, 0.9, 1.4, 7.0, 0.12
# In writing sizes: no letter runs on level for so long.
RUN = 2.5
# How wide the strips are, in pixels, in which the distance of lines is looked for.
STRIP = 16
# How alike rows of ink are at the distance of lines, 0..1, where that distance is sure.
SURE = 0.25


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


def writing_unit(ink: Mask, stats: NDArray[Any]) -> float:
    """The height of small letters the page goes by, in pixels (0: nothing written).

    Lines of writing stand about 2.3 such units apart, which is surer to measure than the letters themselves: joined
    hands make pieces of whole words, printing hands of single strokes. `stats`: OpenCV's of all pieces but the paper.
    """
    size = _piece_height(stats)
    if not size:
        return 0.0
    pitch, is_sure = _pitch(ink, size)
    return min(pitch / 2.3, 1.6 * size if is_sure else min(size, 2.2 * _stroke_distance(ink, size)))


def pieces(stats: NDArray[Any]) -> NDArray[np.bool_]:
    """Which pieces of ink can be letters or words: no specks, no ruled lines. `stats`: OpenCV's."""
    widths, heights = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    letters: NDArray[np.bool_] = (heights >= 6) & (widths >= 3) & (widths < 40 * heights)
    return letters


def _piece_height(stats: NDArray[Any]) -> float:
    """Half of the ink is in pieces at most this high."""
    letters = pieces(stats)
    if not letters.any():
        return 0.0
    heights, areas = stats[letters, cv2.CC_STAT_HEIGHT], stats[letters, cv2.CC_STAT_AREA]
    order = np.argsort(heights)
    return float(heights[order][np.searchsorted(np.cumsum(areas[order]), areas.sum() / 2)])


def _stroke_distance(ink: Mask, size: float) -> float:
    """How far apart upright strokes usually stand in words, in pixels; small letters are about twice as high."""
    rows = ink[::3]
    ys, xs = np.nonzero(rows[:, 1:] & ~rows[:, :-1])
    steps = np.diff(xs)[np.diff(ys) == 0]
    steps = steps[steps < 1.5 * size]
    return float(np.median(steps)) if len(steps) else size


def _pitch(ink: Mask, size: float) -> tuple[float, bool]:
    """The usual distance of lines, and whether it shows: how far down upright strips of ink are most like themselves.

    It does not on a page of a few lines, or of notes that stand anywhere.
    """
    usual = 2.3 * size
    if ink.shape[1] < STRIP:
        return usual, True
    rows = cv2.resize(ink.view(np.uint8) * np.float32(1), None, fx=1 / STRIP, fy=0.5, interpolation=cv2.INTER_AREA)
    width = max(1, round(size / 4))
    strips = rows[:, : rows.shape[1] // width * width].reshape(len(rows), -1, width).sum(axis=2)
    if not strips.size or len(rows) < 2 * size:
        return usual, True
    strips = cv2.GaussianBlur(strips, (1, 5), 0)
    strips = strips - cv2.blur(strips, (1, int(1.5 * size) * 2 + 1))
    power = np.square(np.abs(np.fft.rfft(strips, 2 * len(strips), axis=0))).sum(axis=1)
    likeness = np.fft.irfft(power)[: len(strips)]
    lags = np.arange(len(likeness)) * 2.0
    unweighted = likeness
    likeness = likeness * np.exp(-0.5 * np.square(np.log(np.maximum(lags, 1) / (2.5 * size)) / 0.7))
    tops = (
        np.nonzero((likeness[1:-1] >= likeness[:-2]) & (likeness[1:-1] >= likeness[2:]) & (likeness[1:-1] > 0))[0] + 1
    )
    tops = tops[(lags[tops] > 0.9 * size) & (lags[tops] < 8 * size)]
    if not len(tops):
        return usual, True
    best = tops[likeness[tops] >= 0.4 * likeness[tops].max()][0]
    return float(lags[best]), bool(unweighted[best] > SURE * unweighted[0])


def find_ridges(ink: Mask, size: float) -> list[Ridge]:
    """The ridges of a page of writing whose pieces are about `size` pixels high, in no order."""
    shrink = max(1, int(size / 8))
    if ink.shape[1] < shrink:  # a page with nothing on it but an upright hair
        return []
    small = cv2.resize(
        ink.view(np.uint8) * np.float32(1), None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA
    )
    unit = size / shrink
    small[_underlines(small > 0.3, unit)] = 0
    if not small.any():
        return []
    smeared = cv2.GaussianBlur(small, (0, 0), sigmaX=1.3 * unit, sigmaY=SPREAD * unit, borderType=cv2.BORDER_CONSTANT)
    reach = max(1, round(SPREAD * unit))
    peak = cv2.dilate(smeared, np.ones((2 * reach + 1, 1), np.uint8))
    tops = (smeared >= peak) & (smeared > FAINT * float(np.percentile(smeared[small > 0], 75)))
    linked = cv2.dilate(tops.view(np.uint8), np.ones((3, 3), np.uint8))
    _, labels = cv2.connectedComponents(linked, connectivity=8, ltype=cv2.CV_32S)
    ys, xs = np.nonzero(tops)
    strength, piece = smeared[ys, xs], labels[ys, xs]
    # One point a column and piece, the strongest; then pieces are curves.
    order = np.lexsort((strength, xs, piece))
    ys, xs, piece, strength = ys[order], xs[order], piece[order], strength[order]
    last = np.append((np.diff(piece) != 0) | (np.diff(xs) != 0), True)
    ys, xs, piece, strength = ys[last], xs[last], piece[last], strength[last]
    cuts = np.nonzero(np.diff(piece))[0] + 1
    curves = []
    for part_x, part_y, part_s in zip(np.split(xs, cuts), np.split(ys, cuts), np.split(strength, cuts), strict=True):
        if len(part_x) >= 0.6 * unit:
            columns = np.arange(part_x[0], part_x[-1] + 1)
            curves.append(Curve(columns, np.interp(columns, part_x, part_y), float(part_s.sum())))
    across = np.arange(small.shape[1], dtype=np.float32)
    origin = cv2.GaussianBlur(
        small * across, (0, 0), sigmaX=1.3 * unit, sigmaY=SPREAD * unit, borderType=cv2.BORDER_CONSTANT
    ) / np.maximum(smeared, 1e-9)
    curves = _joined(_leading(curves, unit), unit, overlap=0.5, widest=WIDEST, step=0.6)
    # A raised letter, or a word written askew, may part a line in two that overlap.
    curves = _joined(curves, unit, overlap=2.0, widest=2.0, step=1.0)
    curves = [_put_right(curve, origin, unit) for curve in curves]
    parted = [part for curve in curves for part in at_gutters(curve, small > 0.1, unit)]
    return [_enlarged(curve, shrink) for curve in parted]


def _underlines(ink: Mask, unit: float) -> Mask:
    """Level strokes with white below: they would draw a ridge away from the middle of the letters."""
    thick = cv2.dilate(ink.view(np.uint8), np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, round(RUN * unit)), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8, ltype=cv2.CV_32S)
    reach = max(1, round(0.3 * unit))
    keep = np.zeros(count, bool)
    for number in range(1, count):
        x, y, width, height, _ = stats[number]
        below = ink[y + height : y + height + reach, x : x + width].any(axis=0).mean()
        keep[number] = below < 0.18 and width > RUN * unit and height < unit
    return keep[labels]


def _leading(curves: list[Curve], unit: float) -> list[Curve]:
    """Curves without those that run close above or below a stronger one, along rows of accents or tails."""
    curves = sorted(curves, key=lambda curve: -curve.strength)
    if not curves:
        return []
    kept: list[Curve] = []
    heights = np.full((len(curves), max(int(curve.xs[-1]) for curve in curves) + 1), np.nan)
    for curve in curves:
        close = CLOSE if len(curve.xs) > 6 * unit else CLOSE_SHORT
        near = np.abs(heights[: len(kept), curve.xs] - curve.ys) < close * unit
        if not len(kept) or near.any(axis=0).mean() < 0.6:
            heights[len(kept), curve.xs] = curve.ys
            kept.append(curve)
    return kept


def _joined(curves: list[Curve], unit: float, *, overlap: float, widest: float, step: float) -> list[Curve]:
    """Curves that carry on one another at the same height become one; the closest pairs first.

    In writing sizes: how far they may run beside each other, the widest gap, and how much higher the next may start.
    """
    if not curves:
        return []
    starts = np.array([curve.xs[0] for curve in curves])
    stops = np.array([curve.xs[-1] for curve in curves])
    gap = starts[None] - stops[:, None]
    tails, tail_slopes = np.array([_end(curve, unit, last=True) for curve in curves]).T
    heads, head_slopes = np.array([_end(curve, unit, last=False) for curve in curves]).T
    rise = np.abs(tails[:, None] + tail_slopes[:, None] * gap / 2 - heads[None] + head_slopes[None] * gap / 2)
    allowed = (gap >= -overlap * unit) & (gap <= widest * unit) & (starts[:, None] < starts[None])
    allowed &= (stops[:, None] < stops[None]) & (rise < np.where(gap < 3 * unit, step, 0.75 * step) * unit)
    np.fill_diagonal(allowed, False)
    before, after = np.nonzero(allowed)
    after_of: dict[int, int] = {}
    followers: set[int] = set()
    for pair in np.argsort((3 * rise + np.maximum(gap, 0))[before, after]):
        i, j = int(before[pair]), int(after[pair])
        if i not in after_of and j not in followers:
            after_of[i] = j
            followers.add(j)
    joined = []
    for first in range(len(curves)):
        if first in followers:
            continue
        chain = [first]
        while chain[-1] in after_of:
            chain.append(after_of[chain[-1]])
        xs = np.concatenate([curves[i].xs for i in chain])
        ys = np.concatenate([curves[i].ys for i in chain])
        xs, kept = np.unique(xs, return_index=True)
        columns = np.arange(xs[0], xs[-1] + 1)
        joined.append(Curve(columns, np.interp(columns, xs, ys[kept]), sum(curves[i].strength for i in chain)))
    return joined


def _end(curve: Curve, unit: float, *, last: bool) -> tuple[float, float]:
    """The height and slope of a curve at one end, judged by its last few letters."""
    count = max(3, round(5 * unit))
    ys = curve.ys[-count:] if last else curve.ys[:count]
    slope = 0.0
    if len(ys) >= 2 * unit:
        steps = np.arange(len(ys)) - (len(ys) - 1) / 2
        slope = float(np.clip((steps * ys).sum() / (steps * steps).sum(), -0.15, 0.15))
    return float(ys.mean()) + slope * (len(ys) / 2) * (1 if last else -1), slope


def _put_right(curve: Curve, origin: np.ndarray, unit: float) -> Curve:
    """The curve with each height at the column its ink came from, `origin` (H, W).

    Smeared ink of a rising line is too low at its last letters and too high at its first: it all comes from one side.
    """
    rows = np.clip(np.round(curve.ys).astype(np.int64), 0, len(origin) - 1)
    came = np.maximum.accumulate(np.clip(origin[rows, curve.xs], curve.xs[0], curve.xs[-1]))
    ys = np.interp(curve.xs, came, curve.ys)
    for last, beyond in ((False, curve.xs < came[0]), (True, curve.xs > came[-1])):
        slope = _end(curve, unit, last=last)[1]
        ys[beyond] += slope * (curve.xs[beyond] - came[-1 if last else 0])
    return Curve(curve.xs, ys, curve.strength)


def _enlarged(curve: Curve, shrink: int) -> Ridge:
    columns = np.arange(curve.xs[0] * shrink, (curve.xs[-1] + 1) * shrink)
    smooth = np.convolve(np.pad(curve.ys, 8, mode="edge"), np.ones(17) / 17, "valid")
    return Ridge(int(columns[0]), (np.interp(columns, (curve.xs + 0.5) * shrink, smooth) + 0.5) * shrink)

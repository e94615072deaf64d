"""Which line each piece of ink belongs to; pieces that run through two lines are cut."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.ridges import Ridge

CORE = 0.25  # half the height of a line's core, in writing sizes
EDGE = 0.6  # from which share of that half on ink is at the core's upper or lower edge
HANGS = 1.25  # how far from a line's core its dots, accents and bars stand, in writing sizes
# How much farther away what stands below a line counts, in writing sizes: most marks between two lines are accents.
BELOW = 0.3


@dataclass(frozen=True, slots=True)
class Pixels:
    """The ink of one line, row by row from the top."""

    xs: NDArray[np.int64]
    ys: NDArray[np.int64]


def share_out(
    labels: NDArray[Any],
    stats: NDArray[Any],
    centres: NDArray[Any],
    ridges: list[Ridge],
    size: float,
) -> list[Pixels]:
    """The ink of a labelled page that belongs to each ridge; what is far from all of them belongs to none."""
    if not ridges:
        return []
    count = len(stats)
    flat = np.flatnonzero(labels)
    ys, xs = np.divmod(flat, labels.shape[1])
    piece = labels.ravel()[flat]
    touched, through = _touched(xs, ys, piece, count, labels.shape, ridges, size)
    best = touched.argmax(axis=1)
    wide = touched >= np.minimum(0.7 * size, 0.5 * stats[:, cv2.CC_STAT_WIDTH])[:, None]
    # A single stroke through a line is one of its letters, such as a T whose bar meets a tail; tails end sooner.
    has_letters = np.isin(np.arange(len(ridges)), best[touched.max(axis=1) > 0])
    parts = wide | (through & has_letters)
    owner_of = np.where(touched.max(axis=1) > 0, best + 1, _nearest(stats, centres, ridges, size))
    owner_of[0] = 0
    owner = owner_of[piece]

    many = np.nonzero(parts.sum(axis=1) > 1)[0]
    if len(many):
        chosen = np.isin(piece, many)
        cut_x, cut_y, cut_piece = xs[chosen], ys[chosen], piece[chosen]
        distance = np.full((len(cut_x), len(ridges)), np.inf, np.float32)
        for number, ridge in enumerate(ridges):
            usable = parts[cut_piece, number]
            distance[usable, number] = np.abs(cut_y[usable] - ridge.at(cut_x[usable].astype(np.float64)))
        owner[chosen] = distance.argmin(axis=1) + 1
    order = np.argsort(owner, kind="stable")
    cuts = np.searchsorted(owner[order], np.arange(1, len(ridges) + 2))
    return [Pixels(xs[order[a:b]], ys[order[a:b]]) for a, b in pairwise(cuts)]


def _touched(
    xs: NDArray[np.int64],
    ys: NDArray[np.int64],
    piece: NDArray[Any],
    count: int,
    shape: tuple[int, ...],
    ridges: list[Ridge],
    size: float,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(pieces, ridges) each: in how many columns a piece has ink in a ridge's core, and whether it runs through it."""
    core = np.zeros(shape, np.int16)
    half = max(1, round(CORE * size))
    middle = np.zeros((len(ridges) + 1, shape[1]))
    for number, ridge in enumerate(ridges, start=1):
        columns = np.arange(ridge.x0, ridge.x1)
        points = np.column_stack([columns, np.round(ridge.ys)]).astype(np.int32)
        cv2.polylines(core, [points], False, number, thickness=2 * half + 1)
        middle[number] = ridge.at(np.arange(shape[1], dtype=np.float64))
    hit = core.ravel()[ys * shape[1] + xs]
    on = hit > 0
    pair = piece[on].astype(np.int64) * (len(ridges) + 1) + hit[on]
    below = ys[on] - middle[hit[on], xs[on]]

    def by_pair(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(pairs, minlength=count * (len(ridges) + 1)).reshape(count, -1)[:, 1:]

    through = (by_pair(pair[below < -EDGE * half]) > 0) & (by_pair(pair[below > EDGE * half]) > 0)
    return by_pair(np.unique(pair * shape[1] + xs[on]) // shape[1]), through


def _nearest(stats: NDArray[Any], centres: NDArray[np.float64], ridges: list[Ridge], size: float) -> NDArray[np.int64]:
    """For each piece the number of the line it hangs about (dots, accents, commas), 0 if none is near."""
    top = stats[:, cv2.CC_STAT_TOP]
    bottom = top + stats[:, cv2.CC_STAT_HEIGHT]
    distance, rank = np.empty((2, len(stats), len(ridges)))
    for number, ridge in enumerate(ridges):
        middle = ridge.at(centres[:, 0])
        under = top - (middle + 0.4 * size)
        apart = np.maximum(np.maximum(under, (middle - 0.4 * size) - bottom), 0)
        beside = np.maximum(np.maximum(ridge.x0 - centres[:, 0], centres[:, 0] - ridge.x1), 0)
        distance[:, number] = apart + 0.5 * beside
        rank[:, number] = distance[:, number] + np.where(under > 0, BELOW * size, 0)
    best = rank.argmin(axis=1)
    return np.where(distance[np.arange(len(stats)), best] < HANGS * size, best + 1, 0)

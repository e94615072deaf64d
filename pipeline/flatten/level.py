"""Bends of a page from its writing and ruling alone: how steep they run in each part of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.flatten.mapping import CELLS, Flattening, Points, through

# How much steeper than the whole parts of a page may run, in degrees: looked at first, and where that is not enough.
# Below STRAIGHT of difference nothing is bent.
REACHES, STRAIGHT = (9.0, 20.0), 1.5
# Columns and rows of parts: those that show whether a page is bent, and those that show how.
FEW, MANY = (3, 3), (6, 5)
# What is left of bends after the first round is seen in the next.
ROUNDS = 2
# How much sharper rows of ink must stand out once bent straight.
GAIN = 1.06
# The writing of a part must stand out from its other directions so clearly to be believed.
CLEAR = 1.25


@dataclass(frozen=True, slots=True)
class Slopes:
    """places: (N, 2) middles of parts of the page as shares of its width and height. degrees: (N,) their slopes, down
    to the right positive. sharp: (N,) how sharply their rows stand out."""

    places: Points
    degrees: Points
    sharp: Points


def straightening(ink: NDArray[np.bool_]) -> Points | None:
    """(CELLS + 1, CELLS + 1) how far down each point of a straight page lies on this one, as a share of its height.

    ink: (h, w) dark pixels of writing and ruling on a page that is level as a whole. None where all parts run alike,
    or too little is written.
    """
    ys, xs = np.nonzero(ink)
    step = max(1, len(ys) // 15_000)
    xs, ys = xs[::step].astype(np.float64), ys[::step].astype(np.float64)
    height, width = ink.shape
    if len(ys) < 250:
        return None
    few = _slopes(xs, ys, width, height, FEW, 1.0)
    if len(few.degrees) < 3 or np.ptp(few.degrees) < STRAIGHT:
        return None
    if _sharpness(xs) > _sharpness(ys):
        # A page on its side, or one bent so much that none of its rows stands out.
        on_side = _slopes(ys, xs, height, width, FEW, 1.0)
        if len(on_side.sharp) and np.median(on_side.sharp) > np.median(few.sharp):
            return None
    drop, moved = np.zeros((CELLS + 1, CELLS + 1)), ys
    for _ in range(ROUNDS):
        many = _slopes(xs, moved, width, height, MANY, 0.5)
        if len(many.degrees) < 8:
            return None
        drop = drop + _followed(_fitted(many), width / height)
        moved = ys
        for _ in range(3):  # the drop is known for where ink comes to lie, not for where it lies
            moved = ys - _at(drop, xs / width, moved / height) * height
    if _sharpness(moved) < GAIN * _sharpness(ys):
        return None
    return drop


def bent(sheet: Flattening, turn: Points, size: tuple[int, int], drop: Points) -> Flattening:
    """A flattening whose page is turned and straightened too.

    turn: 3x3, points of the turned page -> points of the sheet. size: (width, height) of the turned page.
    """
    width, height = size
    shares = np.linspace(0, 1, CELLS + 1)
    xs, ys = np.meshgrid(shares * width, shares * height)
    grid = np.column_stack([xs.ravel(), ys.ravel()])
    down = np.column_stack([np.zeros(grid.shape[0]), drop.ravel() * height])
    old = sheet.bend(through(turn, grid + down))
    bends = down + old @ np.linalg.inv(turn[:2, :2]).T
    return Flattening(width, height, sheet.perspective @ turn, bends.reshape(CELLS + 1, CELLS + 1, 2))


def flat_picture(width: int, height: int) -> Flattening:
    """A picture as it is, as a flattening that changes nothing."""
    return Flattening(width, height, np.eye(3), np.zeros((CELLS + 1, CELLS + 1, 2)))


def _slopes(xs: Points, ys: Points, width: int, height: int, parts: tuple[int, int], step: float) -> Slopes:
    """Slopes of overlapping parts of the page whose writing shows them clearly."""
    places, degrees, sharp = [], [], []
    for row in range(parts[1]):
        for column in range(parts[0]):
            x, y = (column + 0.5) / parts[0], (row + 0.5) / parts[1]
            inside = (np.abs(xs / width - x) < 0.7 / parts[0]) & (np.abs(ys / height - y) < 0.8 / parts[1])
            if inside.sum() < 250:
                continue
            found = _slope(xs[inside] - x * width, ys[inside], step)
            if found is not None:
                # Where its ink is, a part's slope is seen.
                places.append((xs[inside].mean() / width, ys[inside].mean() / height))
                degrees.append(found[0])
                sharp.append(found[1])
    return Slopes(np.array(places, np.float64).reshape(-1, 2), np.array(degrees), np.array(sharp))


def _slope(xs: Points, ys: Points, step: float) -> tuple[float, float] | None:
    """The slope in degrees at which rows stand out sharpest, and how sharply; None where no slope does clearly."""
    for reach in REACHES:
        angles = np.arange(-reach, reach + step / 2, step)
        scores = np.array([_sharpness(ys - xs * np.tan(np.deg2rad(angle)), 3.0) for angle in angles])
        best = int(np.argmax(scores))
        if best not in (0, len(angles) - 1):
            if scores[best] < CLEAR * np.median(scores):
                return None
            fine = angles[best] + np.arange(-step, step + 0.05, step / 5)
            sharp = np.array([_sharpness(ys - xs * np.tan(np.deg2rad(angle)), 2.0) for angle in fine])
            return float(fine[int(np.argmax(sharp))]), float(sharp.max())
    return None


def _sharpness(rows: Points, high: float = 2.0) -> float:
    """How sharply rows of ink stand out from the gaps between them."""
    profile = np.bincount(((rows - rows.min()) / high).astype(np.int64)).astype(np.float64)
    return float(np.square(np.diff(profile)).sum())


def _terms(places: Points) -> Points:
    """(N, 8) what a smooth field of slopes is a sum of: bends along the line, changing from top to bottom."""
    x, y = places.T - 0.5
    return np.column_stack([np.ones_like(x), y, x, x * y, x * x, x * x * y, x**3, y * y])


def _fitted(slopes: Slopes) -> Points:
    """(8,) shares of the terms in the slopes, as tangents; parts that don't fit count little."""
    terms, tangents = _terms(slopes.places), np.tan(np.deg2rad(slopes.degrees))
    weight: Points = np.ones(len(tangents))
    # A little pull to nothing keeps terms small of which few parts tell.
    calm = 0.05 * np.diag([0.0, 0.1, 0.1, 1, 1, 2, 4, 1])
    model = np.zeros(terms.shape[1])
    for _ in range(8):
        weighted = terms * weight[:, None]
        model = np.linalg.solve(weighted.T @ terms + calm, weighted.T @ tangents)
        error = np.abs(terms @ model - tangents)
        weight = 1 / np.maximum(1.0, error / np.tan(np.deg2rad(0.6))) ** 2
    return np.asarray(model, np.float64)


def _followed(model: Points, shape: float) -> Points:
    """(CELLS + 1, CELLS + 1) how far down lines that run as the model says have come at each place, from the middle of
    the page on, in page heights; shape: the page's width over its height."""
    shares, middle = np.linspace(0, 1, CELLS + 1), CELLS // 2
    ys = np.tile(shares[:, None], CELLS + 1)
    for way, columns in ((1, range(middle, CELLS)), (-1, range(middle, 0, -1))):
        step = way * shape / CELLS
        for column in columns:
            x, y = np.full(CELLS + 1, shares[column]), ys[:, column]
            half = y + step / 2 * (_terms(np.column_stack([x, y])) @ model)
            slope = _terms(np.column_stack([x + way / CELLS / 2, half])) @ model
            ys[:, column + way] = y + step * slope
    return np.asarray(ys - shares[:, None], np.float64)


def _at(grid: Points, x: Points, y: Points) -> Points:
    """(N,) the grid's values at shares of width and height, between its crossings in proportion to their distance."""
    x, y = (np.clip(part * CELLS, 0, CELLS - 1e-6) for part in (x, y))
    column, row = x.astype(np.int64), y.astype(np.int64)
    x, y = x - column, y - row
    above = grid[row, column] * (1 - x) + grid[row, column + 1] * x
    below = grid[row + 1, column] * (1 - x) + grid[row + 1, column + 1] * x
    return np.asarray(above * (1 - y) + below * y, np.float64)

"""How a page lies: its skew, and whether it lies on its side or upside down."""

import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask

MAX_SKEW = 20.0


def _points(ink: Mask, most: int = 20_000) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ys, xs = np.nonzero(ink)
    step = max(1, len(ys) // most)
    return xs[::step].astype(np.float64), ys[::step].astype(np.float64)


def _sharpness(xs: NDArray[np.float64], ys: NDArray[np.float64], degrees: float) -> float:
    """How sharply rows of ink stand out from the gaps between them when the page is turned by `degrees`."""
    angle = np.deg2rad(degrees)
    rows = ys * np.cos(angle) + xs * np.sin(angle)
    profile = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
    return float(np.square(np.diff(profile)).sum())


def _best_angle(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> tuple[float, float]:
    best, score = 0.0, _sharpness(xs, ys, 0.0)
    for step, reach in ((1.0, MAX_SKEW), (0.25, 1.0), (0.05, 0.25)):
        centre = best
        for degrees in np.arange(centre - reach, centre + reach + step / 2, step):
            sharpness = _sharpness(xs, ys, float(degrees))
            if sharpness > score:
                best, score = float(degrees), sharpness
    return best, score


def skew_degrees(ink: Mask) -> float:
    """The angle in degrees, counter-clockwise positive, by which the writing on a page climbs; 0 on an empty page."""
    xs, ys = _points(ink)
    if len(xs) < 50:
        return 0.0
    level, level_score = _best_angle(xs, ys)
    upright, upright_score = _best_angle(-ys, xs)
    return level if level_score >= upright_score else upright


def lies_on_its_side(ink: Mask) -> bool:
    """Whether lines of writing run up and down the (straightened, ruling-free) page."""
    xs, ys = _points(ink)
    if len(xs) < 50:
        return False
    return _sharpness(ys, xs, 0.0) > 2.0 * _sharpness(xs, ys, 0.0)

"""How a page lies: its skew, and whether it lies on its side or upside down."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask, reduced
from pipeline.orientation import uprightness

MAX_SKEW = 20.0
# On 95 upright pages of writing levelness is 2.6 at the least.
SIDEWAYS = 0.5
# How clearly a page must be upside down, and how clearly one on its side must show its top. Turned over, each of 95
# pages of writing comes to -1.2 or less; of 240 drawings 4 come below -1.
OVERTURNED, TOPPED = 1.0, 0.5


def _points(ink: Mask, most: int = 20_000) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ys, xs = np.nonzero(ink)
    step = max(1, len(ys) // most)
    return xs[::step].astype(np.float64), ys[::step].astype(np.float64)


def _sharpness(xs: NDArray[np.float64], ys: NDArray[np.float64], degrees: float, row: float) -> float:
    """How sharply rows of ink, `row` pixels high, stand out from the gaps between them if the page is turned so far."""
    angle = np.deg2rad(degrees)
    rows = (ys * np.cos(angle) + xs * np.sin(angle)) / row
    profile = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
    return float(np.square(np.diff(profile)).sum())


def _best_angle(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> tuple[float, float]:
    """The angle that makes rows sharpest, and how sharp. Rough steps look at high rows, so as not to step over it."""
    best, score = 0.0, 0.0
    for step, reach, row in ((1.0, MAX_SKEW, 6.0), (0.25, 1.0, 3.0), (0.05, 0.3, 1.0)):
        angles = [best, *(float(angle) for angle in np.arange(best - reach, best + reach + step / 2, step))]
        scores = [_sharpness(xs, ys, angle, row) for angle in angles]
        best, score = angles[int(np.argmax(scores))], max(scores)
    return best, score


def skew_degrees(ink: Mask) -> float:
    """The angle in degrees, counter-clockwise positive, by which the writing on a page climbs; 0 on an empty page."""
    xs, ys = _points(ink)
    if len(xs) < 50:
        return 0.0
    level, level_score = _best_angle(xs, ys)
    upright, upright_score = _best_angle(-ys, xs)
    return level if level_score >= upright_score else upright


def quarter_turns(ink: Mask) -> int:
    """By how many quarter turns clockwise a straightened, ruling-free page comes upright; 0 when in doubt."""
    if np.count_nonzero(ink) < 2000:
        return 0
    half = reduced(ink.view(np.uint8) * np.float32(1), 0.5)
    if _levelness(half) >= SIDEWAYS:
        return 2 if uprightness(ink) < -OVERTURNED else 0
    top = uprightness(np.ascontiguousarray(np.rot90(ink, -1)))
    if abs(top) < TOPPED:
        return 0
    return 3 if top < 0 else 1


def _levelness(ink: NDArray[Any]) -> float:
    """Well above 1 where writing runs level, well below where it runs up and down."""
    small = reduced(ink, 0.5)
    soft = cv2.GaussianBlur(small, (0, 0), 3)
    across, down = (float(np.square(cv2.Sobel(soft, cv2.CV_32F, *axis)).sum()) for axis in ((1, 0), (0, 1)))
    level, upright = cv2.blur(small, (81, 3)), cv2.blur(small, (3, 81))
    return down / max(across, 1e-9) * float(level.var() / max(upright.var(), 1e-9))

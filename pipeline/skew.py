"""How a page lies: its skew, and whether it lies on its side or upside down."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask, reduced

MAX_SKEW = 20.0
# On 95 upright pages of writing levelness is 2.6 at the least; 61 of them look overturned by 0.09 at the most.
SIDEWAYS, OVERTURNED = 0.5, 0.13
# What margins count for beside letters, at most how much, and in how many bands they are looked at.
MARGINS, CLEAREST, BANDS = 0.12, 0.8, 90


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
        return 2 if _overturned(half) > OVERTURNED else 0
    turned = cv2.rotate(half, cv2.ROTATE_90_CLOCKWISE)
    return 3 if _overturned(turned) > 0 else 1


def _levelness(ink: NDArray[Any]) -> float:
    """Well above 1 where writing runs level, well below where it runs up and down."""
    small = reduced(ink, 0.5)
    soft = cv2.GaussianBlur(small, (0, 0), 3)
    across, down = (float(np.square(cv2.Sobel(soft, cv2.CV_32F, *axis)).sum()) for axis in ((1, 0), (0, 1)))
    level, upright = cv2.blur(small, (81, 3)), cv2.blur(small, (3, 81))
    return down / max(across, 1e-9) * float(level.var() / max(upright.var(), 1e-9))


def _overturned(ink: NDArray[Any]) -> float:
    """Above 0 on a page upside down: by its letters and by its margins."""
    return _frayed_downwards(ink) - MARGINS * _straight_margin(ink)


def _frayed_downwards(ink: NDArray[Any]) -> float:
    """Latin writing ends sharply at the baseline and frays upwards into tall letters; above 0 where it frays down."""
    rows = cv2.GaussianBlur(cv2.blur(ink, (121, 1)), (1, 5), 0)[:, ::20]
    steps = np.diff(rows, axis=0)
    cubes = steps * steps * steps
    return float(cubes.sum() / max(np.abs(cubes).sum(), 1e-9))


def _straight_margin(ink: NDArray[Any]) -> float:
    """Above 0 where lines begin under one another and end where they may; below where only their ends are in line."""
    height, width = ink.shape
    step = max(4, height // BANDS)
    bands = ink[: height // step * step].reshape(-1, step, width).max(axis=1) > 0.3
    bands = bands[bands.sum(axis=1) >= 0.02 * width]
    if len(bands) < 6:
        return 0.0
    starts = np.argmax(bands, axis=1) / width
    ends = 1 - np.argmax(bands[:, ::-1], axis=1) / width
    # Indented lines and short ones are left out on the side where they would be on an upright page, and turned over.
    left, right = np.ptp(np.percentile(starts, (10, 70))), np.ptp(np.percentile(ends, (30, 90)))
    return float(np.clip(np.log((right + 0.03) / (left + 0.03)), -CLEAREST, CLEAREST))

"""The writing itself made to look like another hand's: slant, size, spacing, a bent baseline, another frame."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Column = NDArray[np.float32]


def bend(crop: Grey, rng: np.random.Generator, stretch: float, on: Callable[[str], bool]) -> Grey:
    """Slant, turn, scale, frame and warp in one resampling; `on` says whether a piece takes part."""
    height, width = crop.shape
    new_width = max(int(width * stretch), 24)
    paper = paper_of(crop)
    across = space(crop, paper, new_width, rng) if on("spacing") else np.linspace(0, width - 1, new_width)
    if on("ends"):
        across = across * _end_scale(height, width, rng) + rng.uniform(-0.2, 0.05) * height
    down = frame(crop, paper, rng, on("tight") and stretch > 0.92, on("loose") and stretch < 1.08)
    rise = np.zeros(new_width)
    if on("turn"):
        rise += np.linspace(-0.5, 0.5, new_width) * turn(height, new_width, rng)
    if on("wave"):
        rise += wave(height, new_width, rng)
    lean = rng.normal(0, 0.14) if on("slant") else 0.0
    map_x = across.astype(np.float32)[None] + (lean * (down - height / 2)).astype(np.float32)[:, None]
    map_y = down.astype(np.float32)[:, None] + rise.astype(np.float32)[None]
    if on("elastic"):
        dx, dy = elastic(height, new_width, rng)
        map_x, map_y = map_x + dx, map_y + dy
    return np.asarray(
        cv2.remap(crop, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=paper), np.uint8
    )


def _end_scale(height: int, width: int, rng: np.random.Generator) -> float:
    """Room for a margin of up to a third of the height at the end."""
    return 1 + rng.uniform(0, 0.35) * height / width


def space(crop: Grey, paper: int, new_width: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Source column of each new one: letters of uneven width, gaps between words wider or narrower."""
    height, width = crop.shape
    reach = max(height // 6, 3)
    clear = (cv2.reduce(crop, 0, cv2.REDUCE_MIN) > 0.8 * paper).astype(np.uint8)
    gaps = cv2.morphologyEx(clear, cv2.MORPH_OPEN, np.ones((1, reach), np.uint8)).ravel()
    cells = max(width // height, 2)
    weight = np.interp(np.linspace(0, cells - 1, width), np.arange(cells), rng.uniform(0.86, 1.16, cells))
    weight *= np.where(gaps > 0, np.clip(np.exp(rng.normal(0.2, 0.45)), 0.7, 2.3), 1.0)
    place = np.cumsum(weight)
    return np.interp(np.linspace(place[0], place[-1], new_width), place, np.arange(width))


def frame(crop: Grey, paper: int, rng: np.random.Generator, tight: bool, loose: bool) -> NDArray[np.float64]:
    """Source row of each row: as it was give or take, close around the ink, or with room above and below."""
    height = len(crop)
    top, bottom = -0.5, height - 0.5
    if tight:
        top, _, bottom = writing_rows(crop, paper, rng.uniform(0, 0.012))
        top -= rng.uniform(-0.01, 0.09) * height
        bottom += rng.uniform(-0.01, 0.09) * height
        room = max(0.58 * height - (bottom - top), 0) / 2  # short words are not blown up without end
        return np.linspace(top - room, bottom + room, height)
    squeeze = rng.uniform(1.2, 1.6) if loose else rng.uniform(0.88, 1.2)
    middle = height / 2 + rng.normal(0, 0.03 if squeeze < 1.2 else 0.08) * height
    return np.asarray(middle + (np.arange(height) - height / 2) * squeeze, np.float64)


def turn(height: int, width: int, rng: np.random.Generator) -> float:
    """How far the line climbs from end to end, in pixels: half a degree, and less than a fifth of the height."""
    climb = np.tan(np.radians(rng.normal(0, 0.6))) * width
    return float(np.clip(climb, -0.2 * height, 0.2 * height))


def wave(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The baseline rises and falls like writing on blank paper."""
    length = rng.uniform(3, 16) * height
    phase = 2 * np.pi * np.arange(width) / length + rng.uniform(0, 6.3)
    return (rng.normal(0, 0.025) * height * np.sin(phase)).astype(np.float64)


def elastic(height: int, width: int, rng: np.random.Generator) -> tuple[Column, Column]:
    """Shifts (H, W) that push each stroke a little from its place, smoothly."""
    cell, amount = rng.uniform(12, 22) * height / 72, rng.uniform(0.4, 1.5) * height / 72
    grid = rng.normal(0, amount, (2, max(int(height / cell), 2), max(int(width / cell), 2))).astype(np.float32)
    dx, dy = (cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC) for part in grid)
    return np.asarray(dx, np.float32), np.asarray(dy, np.float32)


def paper_of(crop: Grey) -> int:
    """The grey of most of the crop, which is paper."""
    return int(np.median(crop[::5, ::7]))


def writing_rows(crop: Grey, paper: int, lost: float = 0.0) -> tuple[float, float, float]:
    """Top row, baseline and bottom row of the ink; `lost` is the share of ink left out at top and at bottom."""
    darkness = np.maximum(paper - cv2.reduce(crop, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel(), 0)
    peak = float(darkness.max())
    if peak < 1:
        return 0.0, 0.7 * len(crop), len(crop) - 1.0
    darkness[darkness < 0.03 * peak] = 0
    share = np.cumsum(darkness) / darkness.sum()
    top, bottom = np.searchsorted(share, (lost + 1e-6, 1 - lost - 1e-6))
    body = np.flatnonzero(darkness > 0.5 * peak)
    return float(top), float(body[-1]), float(bottom)

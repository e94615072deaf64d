"""Pen strokes (IAM-OnDB) rendered as ink: a fresh pen, slant and size each time."""

from dataclasses import dataclass

import cv2
import numpy as np

# People write narrower on a board than on paper, where the pictures come from.
STRETCH = 1.15


@dataclass(frozen=True, slots=True, eq=False)
class PenStrokes:
    """A line as the pen went. steps: (N, 2) int16 from point to point; pen_up: (N,), 1 where the pen leaves."""

    steps: np.ndarray
    pen_up: np.ndarray

    drawn = True

    def width(self) -> int:
        """Width in pixels at 64 px line height, roughly: for sorting into batches."""
        points = self._points()
        low, high = np.percentile(points, (1, 99), axis=0)
        return int(64 * STRETCH * (high[0] - low[0]) / max(high[1] - low[1], 1))

    def read(self, rng: np.random.Generator) -> np.ndarray:
        """Draw the line with a random pen: (H, W) uint8, dark ink on white."""
        points = self._points()
        slant = rng.normal(0, 0.12)
        points[:, 0] -= slant * points[:, 1]
        # Capture glitches stray far from the line, so the frame comes from percentiles.
        low, high = np.percentile(points, (0.3, 99.7), axis=0)
        height = int(rng.integers(58, 92))
        margin = rng.integers(2, 9, 4)
        scale = (height - margin[0] - margin[1]) / max(high[1] - low[1], 1)
        stretch = scale * STRETCH
        width = int(np.clip((high[0] - low[0]) * stretch + margin[2] + margin[3], 24, 3000))
        place = (points - low) * (stretch, scale) + (margin[2], margin[0])
        shift = 4  # fractional bits: sub-pixel pen positions
        fixed = np.round(place * (1 << shift)).astype(np.int32)
        breaks = np.flatnonzero(self.pen_up) + 1
        image = np.zeros((height, width), np.uint8)
        thickness = int(rng.choice((1, 2, 3, 4, 5), p=(0.12, 0.38, 0.3, 0.15, 0.05)))
        strokes = [stroke for stroke in np.split(fixed, breaks) if len(stroke)]
        cv2.polylines(image, strokes, False, 255, thickness, cv2.LINE_AA, shift)
        soft = rng.random() < 0.5
        return 255 - (cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 0.9)) if soft else image)

    def _points(self) -> np.ndarray:
        return np.cumsum(self.steps.astype(np.float64), axis=0)

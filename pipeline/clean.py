"""Photo or scan -> flat page: evenly lit, upright, level, without ruling, bleed-through and speckle."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import (
    Grey,
    Mask,
    even_light,
    find_ink,
    find_ruling,
    paper_light,
    pen_grey,
    reduced,
    stroke_levels,
)
from pipeline.skew import quarter_turns, skew_degrees

# Decisions are made on a copy of about this many pixels (an A4 page at 125 dpi), the result is at full size.
WORKING_PIXELS = 1_500_000
SMALLEST_SKEW = 0.25


@dataclass(frozen=True, slots=True)
class CleanPage:
    """A page ready for reading.

    grey: (h, w) uint8, paper 255, strokes dark, upright and level. ink: (h, w) bool, the strokes. skew_degrees: how
    far the page as it came in was turned, counter-clockwise positive. to_source: 3x3, clean -> source pixels.
    """

    grey: Grey
    ink: Mask
    skew_degrees: float
    to_source: NDArray[np.float64]

    def source_points(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 2) points of the clean page as points of the page as it came in."""
        moved = np.column_stack([points, np.ones(len(points))]) @ self.to_source.T
        return moved[:, :2] / moved[:, 2:]


def clean_page(pixels: Grey) -> CleanPage:
    """Cleans an (H, W, 3) BGR page of any size; a blank page comes back without ink."""
    grey = pen_grey(pixels)
    scale = min(1.0, float(np.sqrt(WORKING_PIXELS / grey.size)))
    small = reduced(grey, scale) if scale < 1 else grey
    light = paper_light(small)
    small = even_light(small, light)
    grey = even_light(grey, light)

    skew = skew_degrees(_coarse(small))
    forward = np.eye(3)
    if abs(skew) >= SMALLEST_SKEW:
        small, _ = _turned(small, -skew)
        grey, forward = _turned(grey, -skew)
    else:
        skew = 0.0
    ruling, ruled = find_ruling(255 - small)
    bare = cv2.max(small, ruling)
    ink = find_ink(255 - bare, ruled)
    turns = quarter_turns(ink)
    for _ in range(turns):
        forward = np.array([[0.0, -1.0, grey.shape[0] - 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]) @ forward
        grey = cv2.rotate(grey, cv2.ROTATE_90_CLOCKWISE)
    ruling, ink = np.rot90(ruling, -turns), np.rot90(ink, -turns)

    # Whatever is not within a hair of a stroke becomes paper: ruling, bleed-through, speckle and paper grain.
    size = (grey.shape[1], grey.shape[0])
    near = cv2.dilate(np.ascontiguousarray(ink).view(np.uint8), np.ones((3, 3), np.uint8)) * np.uint8(255) & ~ruling
    grey = cv2.max(grey, cv2.resize(~near, size, interpolation=cv2.INTER_LINEAR))
    threshold = 255 - stroke_levels(255 - bare)[1]
    skew = (skew + 90.0 * turns + 180.0) % 360.0 - 180.0
    return CleanPage(grey, grey <= threshold, skew, np.linalg.inv(forward).astype(np.float64))


def _coarse(grey: Grey) -> Mask:
    quarter = reduced(grey, 0.5)
    return quarter < 255 - stroke_levels(255 - quarter)[1]


def _turned(grey: Grey, degrees: float) -> tuple[Grey, NDArray[np.float64]]:
    """The page turned counter-clockwise on a canvas that holds all of it, and the 3x3 matrix that does so."""
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = (round(width * cos + height * sin), round(width * sin + height * cos))
    turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    turned = cv2.warpAffine(grey, turn, size, flags=cv2.INTER_LINEAR, borderValue=255)
    return turned, np.vstack([turn, [0.0, 0.0, 1.0]])

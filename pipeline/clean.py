"""Photo or scan -> flat page: evenly lit, upright, level, without ruling, bleed-through and speckle."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import (
    LIGHT,
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
from pipeline.flatten import Flattening, bent, find_sheet, flat_picture, flattening_of, straightening, through
from pipeline.flatten.mapping import Points
from pipeline.remains import slivers, without_solids
from pipeline.skew import quarter_turns, skew_degrees

# Decisions are made on a copy of about this many pixels (an A4 page at 125 dpi), the result is at full size.
WORKING_PIXELS = 1_500_000
SMALLEST_SKEW = 0.25
# What a desk is painted with beside a sheet that can't be laid flat: as what no photo shows is on a flattened page.
DESK = 255


@dataclass(frozen=True, slots=True)
class CleanPage:
    """A page ready for reading.

    grey: (h, w) uint8, paper 255, strokes dark, upright and level. ink: (h, w) bool, the strokes. skew_degrees: how
    far the page as it came in was turned, counter-clockwise positive. to_source: 3x3, clean -> source pixels; where a
    sheet was flattened, `sheet` leads on from there to the photo. even: (h, w) uint8, the page with its ruling and
    faint marks left on it, which is what readers are shown, for they miss ink less than they mind ruling.
    """

    grey: Grey
    ink: Mask
    skew_degrees: float
    to_source: NDArray[np.float64]
    sheet: Flattening | None = None
    even: Grey | None = None

    def source_points(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 2) points of the clean page as points of the page as it came in."""
        flat = through(self.to_source, points)
        return flat if self.sheet is None else self.sheet.source_points(flat)

    def clean_points(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 2) points of the page as it came in as points of the clean page: the inverse of `source_points`."""
        flat = points if self.sheet is None else self.sheet.flat_points(points)
        return through(np.linalg.inv(self.to_source), flat)


def clean_page(pixels: Grey, *, stands: bool = False) -> CleanPage:
    """Cleans an (H, W, 3) BGR page of any size; a blank one comes back without ink, one that `stands` unturned."""
    pen, found = pen_grey(pixels), find_sheet(pixels)
    sheet = flattening_of(found.sides) if found and found.is_whole else None
    is_flattened = sheet is not None
    desk = found.desk(max(pen.shape)) if found else []
    for part in desk:
        cv2.fillPoly(pen, [np.round(part).astype(np.int32)], DESK)
    small, light = _evenly_lit(pen, sheet, desk)
    coarse = _coarse(small)
    skew = skew_degrees(coarse)
    drop = straightening(_turned(coarse.view(np.uint8) * np.uint8(255), -skew, 0)[0] > 127)
    if drop is not None:
        sheet = sheet or flat_picture(pen.shape[1], pen.shape[0])
        turn, size = _turn((sheet.height, sheet.width), -skew)
        sheet = bent(sheet, np.linalg.inv(turn), size, drop)
        small, light = _evenly_lit(pen, sheet, desk)
        skew = skew_degrees(_coarse(small))
    grey = even_light(pen if sheet is None else sheet.flattened(pen), light)
    forward = np.eye(3)
    if abs(skew) >= SMALLEST_SKEW:
        small, _ = _turned(small, -skew)
        grey, forward = _turned(grey, -skew)
    else:
        skew = 0.0
    ruling, ruled = find_ruling(255 - small)
    bare = cv2.max(small, ruling)
    ink = find_ink(255 - bare, ruled)
    if is_flattened:
        ink &= ~slivers(ink)
    turns = 0 if stands else quarter_turns(ink)
    for _ in range(turns):
        forward = np.array([[0.0, -1.0, grey.shape[0] - 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]) @ forward
        grey = cv2.rotate(grey, cv2.ROTATE_90_CLOCKWISE)
    ruling, ink = np.rot90(ruling, -turns), np.rot90(ink, -turns)

    # Whatever is not within a hair of a stroke becomes paper: ruling, bleed-through, speckle and paper grain.
    size, even = (grey.shape[1], grey.shape[0]), grey
    near = cv2.dilate(np.ascontiguousarray(ink).view(np.uint8), np.ones((3, 3), np.uint8)) * np.uint8(255) & ~ruling
    grey = cv2.max(grey, cv2.resize(~near, size, interpolation=cv2.INTER_LINEAR))
    threshold = 255 - stroke_levels(255 - bare)[1]
    skew = (skew + 90.0 * turns + 180.0) % 360.0 - 180.0
    clean = CleanPage(grey, grey <= threshold, skew, np.linalg.inv(forward).astype(np.float64), sheet, even)
    return clean if sheet is None else replace(clean, skew_degrees=_climb(clean))


def _climb(page: CleanPage) -> float:
    """By how many degrees writing in the middle of a flattened page climbs in the photo."""
    height, width = page.grey.shape
    across = np.array([(0.4 * width, 0.5 * height), (0.6 * width, 0.5 * height)])
    (x0, y0), (x1, y1) = page.source_points(across)
    return float(np.rad2deg(np.arctan2(y0 - y1, x1 - x0)))


def _evenly_lit(pen: Grey, sheet: Flattening | None, desk: list[Points]) -> tuple[Grey, Grey]:
    """The page with paper at 255 everywhere, at the working size, and the light taken out of it.

    desk: (N, 2) outlines of what of the photo is no part of the page.
    """
    pixels = pen.size if sheet is None else sheet.width * sheet.height
    scale = min(1.0, float(np.sqrt(WORKING_PIXELS / pixels)))
    small = reduced(pen, scale) if scale < 1 else pen
    outside = None
    if desk:
        outside = reduced(np.zeros_like(small), LIGHT)
        for part in desk:
            cv2.fillPoly(outside, [np.round(part * scale * LIGHT).astype(np.int32)], 255)
    if sheet is not None:
        small = sheet.flattened(small, scale)
        outside = None if outside is None else sheet.flattened(outside, scale * LIGHT)
    light = paper_light(small, outside)
    small = even_light(small, light)
    return small if sheet is None and light.all() else without_solids(small, light), light


def _coarse(grey: Grey) -> Mask:
    quarter = reduced(grey, 0.5)
    return quarter < 255 - stroke_levels(255 - quarter)[1]


def _turned(grey: Grey, degrees: float, paper: int = 255) -> tuple[Grey, NDArray[np.float64]]:
    """The page turned counter-clockwise on a canvas that holds all of it, and the 3x3 matrix that does so."""
    turn, size = _turn(grey.shape, degrees)
    return cv2.warpAffine(grey, turn[:2], size, flags=cv2.INTER_LINEAR, borderValue=paper), turn


def _turn(shape: tuple[int, ...], degrees: float) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The 3x3 matrix that turns a (height, width) page counter-clockwise, and the (width, height) of its canvas."""
    height, width = shape[:2]
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = (round(width * cos + height * sin), round(width * sin + height * cos))
    turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return np.vstack([turn, [0.0, 0.0, 1.0]]), size

"""Which part of a picture is the sheet, roughly: what floods from its writing before anything does from the rim."""

import cv2
import numpy as np

from pipeline.flatten.mapping import Pixels, Points
from pipeline.flatten.writing import like_paper

# A sheet fills at least so much of the picture; less is a card or a stamp on the page.
LEAST_AREA = 0.2
# A page with less writing, as a share of the picture, is sought from the picture's middle.
LEAST_WRITTEN = 0.002
# How much of the light may be left in shadows on the paper.
SHADOWS = 0.25, 0.5


def core_of(written: Pixels) -> Pixels:
    """(h, w) uint8, 1 where the sheet surely is: between its writing, or in the middle where nothing is written."""
    core = np.zeros_like(written)
    if cv2.countNonZero(written) > LEAST_WRITTEN * written.size:
        outlines, _ = cv2.findContours(written, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        cv2.fillConvexPoly(core, cv2.convexHull(np.vstack(outlines)), 1)
    else:
        height, width = written.shape
        core[round(0.35 * height) : round(0.65 * height), round(0.35 * width) : round(0.65 * width)] = 1
    return core


def rims(small: Pixels, core: Pixels) -> list[Pixels]:
    """(h, w) bool each: the picture's rim, and what of it has not the colour of the paper in the core, in the deepest
    shadow or a lighter one."""
    rim = np.ones(core.shape, np.bool_)
    rim[2:-2, 2:-2] = False
    paper = np.median(small[::4, ::4][core[::4, ::4] > 0], axis=0)
    found = [rim]
    for least_light in SHADOWS:
        unlike = rim.copy()
        unlike[rim] = ~like_paper(small[rim], paper, least_light)
        found.append(unlike)
    return found


def without_sides(rim: Pixels, open_sides: tuple[bool, ...]) -> Pixels:
    """The rim without those sides (top, right, bottom, left) that are open."""
    rim = rim.copy()
    for part, is_open in zip((rim[:2], rim[:, -2:], rim[-2:], rim[:, :2]), open_sides, strict=True):
        if is_open:
            part[:] = False
    return rim


def outline_of(small: Pixels, core: Pixels, desk: Pixels) -> Points:
    """(N, 2) the sheet's outline, clockwise, from where it surely is and the rim where desk is; a point if it's none.

    small: (h, w, 3) BGR without ink. core: (h, w) uint8. desk: (h, w) bool.
    """
    markers = np.where(core > 0, 1, 2 * desk).astype(np.int32)
    sheet = (cv2.watershed(small, markers) == 1).astype(np.uint8)
    # The watershed leaves a rim of its own at the picture's edge.
    sheet = cv2.copyMakeBorder(sheet[1:-1, 1:-1], 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    sheet = cv2.morphologyEx(sheet, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15)))
    outlines, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return np.zeros((1, 2))
    return np.asarray(max(outlines, key=cv2.contourArea)[::-1, 0], np.float64)


def corners_of(outline: Points) -> Points:
    """(4, 2) those points of an outline that are its corners, clockwise from the upper left one."""
    centre, size, angle = cv2.minAreaRect(outline.astype(np.float32))
    turn = np.deg2rad((angle + 45) % 90 - 45)
    if round((angle - np.rad2deg(turn)) / 90) % 2:
        size = (size[1], size[0])
    cos, sin = np.cos(turn), np.sin(turn)
    level = (outline - centre) @ np.array([[cos, -sin], [sin, cos]]) / np.maximum(size, 1)
    return np.array([outline[np.argmax(level @ way)] for way in np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])])


def is_sheet(corners: Points, shape: tuple[int, ...]) -> bool:
    """Whether four corners can be those of a page before a camera: large, and no angle far from a right one."""
    if cv2.contourArea(corners.astype(np.float32)) < LEAST_AREA * shape[0] * shape[1]:
        return False
    out, back = np.roll(corners, -1, axis=0) - corners, np.roll(corners, 1, axis=0) - corners
    lengths = np.linalg.norm(out, axis=1) * np.linalg.norm(back, axis=1)
    return bool(np.all(np.abs((out * back).sum(axis=1)) < 0.5 * lengths))

"""Sides of a sheet -> the way from its flat page to the photo."""

import cv2
import numpy as np

from pipeline.flatten.mapping import CELLS, Flattening, Points, through
from pipeline.flatten.sheet import Side

# More than this share of its length no side of a page bends; then what was found is no side.
MOST_BEND = 0.15
# What is left out along the sheet's sides, as a share of its width: their shadow, and the blur between page and desk.
RIM = 0.004


def flattening_of(sides: tuple[Side, Side, Side, Side]) -> Flattening | None:
    """The flat page inside four sides (top, right, bottom, left); None where they bend more than paper does.

    Perspective follows from the corners. How far the sides leave straight lines bends the page between them, in
    proportion to the distance from either: what a cylinder of paper looks like in perspective, to a good part.
    """
    corners = np.array([side.start for side in sides])
    lengths = [float(np.linalg.norm(side.end - side.start)) for side in sides]
    width, height = round(max(lengths[0], lengths[2])), round(max(lengths[1], lengths[3]))
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    inset = RIM * width * np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])
    perspective = cv2.getPerspectiveTransform((flat - inset).astype(np.float32), corners.astype(np.float32))
    perspective = np.asarray(perspective, np.float64)
    back = np.linalg.inv(perspective)
    shares = np.linspace(0, 1, CELLS + 1)
    top, right, bottom, left = (
        _bend(side, back, shares * length, axis)
        for side, length, axis in zip(sides, (width, height, width, height), (0, 1, 0, 1), strict=True)
    )
    if max(np.abs(top).max(), np.abs(bottom).max()) > MOST_BEND * width:
        return None
    if max(np.abs(left).max(), np.abs(right).max()) > MOST_BEND * height:
        return None
    # Where the picture ends before the page does, it bends as on the other side.
    top, bottom = (top if sides[0].seen else bottom), (bottom if sides[2].seen else top)
    left, right = (left if sides[3].seen else right), (right if sides[1].seen else left)
    down, across = shares[:, None], shares[None]
    bends = np.stack(
        [left[:, None] * (1 - across) + right[:, None] * across, top[None] * (1 - down) + bottom[None] * down], axis=-1
    )
    return Flattening(width, height, perspective, bends)


def _bend(side: Side, back: Points, places: Points, axis: int) -> Points:
    """How far a side leaves its straight line at places along it, seen on the flat page."""
    if not side.seen:
        return np.zeros(len(places))
    points = through(back, side.points(np.linspace(0, 1, 4 * CELLS)))
    order = np.argsort(points[:, axis])
    points = points[order]
    ends = np.polyfit([points[0, axis], points[-1, axis]], [points[0, 1 - axis], points[-1, 1 - axis]], 1)
    return np.interp(places, points[:, axis], points[:, 1 - axis] - np.polyval(ends, points[:, axis]))

"""Where points of a flattened page lie in the photo: perspective, and the bends that paper makes."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# (N, 2) float64, x and y, or what is made of such; NumPy's and OpenCV's types know no more.
Points = NDArray[Any]
Pixels = NDArray[Any]
# Bends are smooth: cells of the page's bends, and pixels of the flat page between which its map runs straight enough.
CELLS, STEP = 32, 16
# A photo is flattened so many rows at a time, so that their map stays in the processor's cache.
STRIP = 8 * STEP


@dataclass(frozen=True, slots=True)
class Flattening:
    """A flat page of width x height pixels and the way from its points to those of the photo.

    bends: (CELLS + 1, CELLS + 1, 2) float64, what is added to a flat point, in flat pixels, at crossings of a grid that
    spans the page; then perspective, 3x3, leads to the photo. Outside the page the bends of its rim go on.
    """

    width: int
    height: int
    perspective: Points
    bends: Points

    def source_points(self, points: Points) -> Points:
        """(N, 2) points of the flat page as points of the photo."""
        points = np.asarray(points, np.float64)
        return through(self.perspective, points + self.bend(points))

    def flat_points(self, points: Points) -> Points:
        """(N, 2) points of the photo as points of the flat page."""
        aim = through(np.linalg.inv(self.perspective), np.asarray(points, np.float64))
        found = aim
        for _ in range(6):
            found = aim - self.bend(found)
        return found

    def flattened(self, photo: Pixels, scale: float = 1.0) -> Pixels:
        """The flat page of a photo, (height, width) or (height, width, 3); what the photo does not show is white.

        scale: of the photo as given here to the one that was flattened; the page then is as much smaller.
        """
        width, height = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        columns, rows = width // STEP + 3, height // STEP + 3
        # Pixel centres of cells that enlarging puts in the right place; one more on each side than is needed.
        xs, ys = np.meshgrid(*(STEP * (np.arange(count) - 0.5) for count in (columns, rows)))
        where = self.source_points(np.column_stack([xs.ravel(), ys.ravel()]) / scale - 0.5)
        where = ((where + 0.5) * scale - 0.5).astype(np.float32)
        coarse = where.T.reshape(2, rows, columns)
        flat = np.empty((height, width, *photo.shape[2:]), photo.dtype)
        for top in range(0, height, STRIP):
            strip = flat[top : top + STRIP]
            part = coarse[:, top // STEP : (top + STRIP) // STEP + 2]
            x, y = (
                cv2.resize(axis, None, fx=STEP, fy=STEP, interpolation=cv2.INTER_LINEAR)[
                    STEP : STEP + len(strip), STEP : STEP + width
                ]
                for axis in part
            )
            cv2.remap(photo, x, y, cv2.INTER_LINEAR, dst=strip, borderValue=(255, 255, 255))
        return flat

    def bend(self, points: Points) -> Points:
        """(N, 2) the bends at flat points, between the grid's crossings in proportion to their distance."""
        place = np.clip(points / [self.width, self.height], 0, 1) * CELLS
        corner = np.minimum(place.astype(np.int64), CELLS - 1)
        x, y = (place - corner).T[:, :, None]
        column, row = corner.T
        above = self.bends[row, column] * (1 - x) + self.bends[row, column + 1] * x
        below = self.bends[row + 1, column] * (1 - x) + self.bends[row + 1, column + 1] * x
        return np.asarray(above * (1 - y) + below * y, np.float64)


def through(matrix: Points, points: Points) -> Points:
    """(N, 2) points after a 3x3 perspective matrix."""
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)

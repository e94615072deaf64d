"""Where a curled page lies before a camera: a cylinder of paper seen in perspective, both ways for points."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.photos.levels import Level

# (N, 2) float64, x and y, or what is made of such; NumPy's and OpenCV's types know no more.
Points = NDArray[Any]
# Each step leaves a third of the error at the most: enough for a hundredth of a pixel.
STEPS = 9


@dataclass(frozen=True, slots=True)
class Surface:
    """A page of width x height pixels, bent round an axis that lies in it, and the camera that looks at it.

    axis: the direction in which the paper bends, as an angle to the page's x axis in radians. along, across, up: (K,)
    arc length on the paper, and where it lies after bending, in page widths. camera: 3x4, bent page -> photo.
    slope: (K,) the paper's angle at `along` in radians.
    """

    width: int
    height: int
    axis: float
    along: Points
    across: Points
    up: Points
    slope: Points
    camera: Points

    def photo_points(self, points: Points) -> Points:
        """(N, 2) points of the page as points of the photo."""
        s, t = self._unrolled(points)
        x, z = np.interp(s, self.along, self.across), np.interp(s, self.along, self.up)
        cos, sin = np.cos(self.axis), np.sin(self.axis)
        bent = np.column_stack([x * cos - t * sin, x * sin + t * cos, z, np.ones(len(x))])
        seen = bent @ self.camera.T
        return np.asarray(seen[:, :2] / seen[:, 2:], np.float64)

    def page_points(self, points: Points) -> Points:
        """(N, 2) points of the photo as points of the page, found step by step from the flat page's perspective."""
        grid = self._grid()
        flat, _ = cv2.findHomography(self.photo_points(grid), grid)
        aim = _through(flat, np.asarray(points, np.float64))
        found = aim
        for _ in range(STEPS):
            found = found + aim - _through(flat, self.photo_points(found))
        return found

    def slope_at(self, points: Points) -> Points:
        """(N,) how steep the paper is at points of the page, in radians."""
        return np.interp(self._unrolled(points)[0], self.along, self.slope)

    def shifted(self, move: Points) -> "Surface":
        """The same page in a picture whose origin lies elsewhere: `move` (2,) is added to all points of the photo."""
        shift = np.array([[1.0, 0.0, move[0]], [0.0, 1.0, move[1]], [0.0, 0.0, 1.0]])
        return replace(self, camera=shift @ self.camera)

    def _unrolled(self, points: Points) -> tuple[Points, Points]:
        """Points in page widths from the middle: along the bend, and along its axis."""
        x, y = (np.asarray(points, np.float64) - [self.width / 2, self.height / 2]).T / self.width
        cos, sin = np.cos(self.axis), np.sin(self.axis)
        return x * cos + y * sin, y * cos - x * sin

    def _grid(self) -> Points:
        xs, ys = np.meshgrid(np.linspace(0, self.width, 12), np.linspace(0, self.height, 12))
        return np.column_stack([xs.ravel(), ys.ravel()])


def random_surface(width: int, height: int, level: Level, rng: np.random.Generator) -> Surface:
    """A page bent, tilted and turned at random, in about as many pixels as it has when flat."""
    along = np.linspace(-3, 3, 1201)
    slope = _random_slope(along, level, rng)
    step = along[1] - along[0]
    across, up = (np.cumsum(part) * step for part in (np.cos(slope), np.sin(slope)))
    middle = len(along) // 2
    across, up = across - across[middle], up - up[middle]
    axis = np.deg2rad(rng.normal(0, 6))  # a bend across the lines: books and sheets lie with their spine upright

    tilt, toward = np.deg2rad(level.tilt * rng.uniform(0.4, 1)), rng.uniform(0, 2 * np.pi)
    roll = np.deg2rad(rng.uniform(-level.roll, level.roll))
    turn = _rotation(np.array([0.0, 0.0, roll])) @ _rotation(tilt * np.array([np.cos(toward), np.sin(toward), 0.0]))
    # The page's diagonal fills most of the picture: 40 to 65 degrees, phones being held nearer or farther off.
    far = np.hypot(1, height / width) * rng.uniform(0.78, 1.35)
    focal = far * width
    camera = np.diag([focal, focal, 1.0]) @ np.column_stack([turn, [0.0, 0.0, far]])
    return Surface(width, height, float(axis), along, across, up, slope, camera)


def _random_slope(along: Points, level: Level, rng: np.random.Generator) -> Points:
    """The paper's angle at each arc length: an open book, rising to its spine, or a loose sheet in one or two waves."""
    steep = np.deg2rad(level.curl * rng.uniform(0.3, 1) * rng.choice([-1, 1]))
    inside = np.clip(along, -0.6, 0.6)
    if rng.random() < 0.5:
        side = rng.choice([-1, 1])
        return np.asarray(steep * np.exp((side * inside - 0.5) / rng.uniform(0.12, 0.4)), np.float64)
    return np.asarray(steep * np.sin(rng.uniform(2, 6) * inside + rng.uniform(0, 2 * np.pi)), np.float64)


def _rotation(vector: Points) -> Points:
    return np.asarray(cv2.Rodrigues(vector)[0], np.float64)


def _through(matrix: Points, points: Points) -> Points:
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)

"""A flat page -> the photo of it: bent, tilted, on a desk, lit, and stored by a phone."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.photos.geometry import Points, Surface, random_surface
from pipeline.photos.levels import Level
from pipeline.photos.light import develop, light_field, lit, with_noise
from pipeline.photos.surroundings import add_finger, paint_desk

Pixels = NDArray[Any]
# Geometry is computed at every eighth pixel of the photo; between, it runs straight enough.
CELL = 8


@dataclass(frozen=True, slots=True)
class Photo:
    """pixels: (h, w, 3) BGR. surface: where each point of the page, `margin` pixels of paper added, went."""

    pixels: Pixels
    surface: Surface
    margin: int

    def photo_points(self, points: Points) -> Points:
        """(N, 2) points of the flat page as points of the photo."""
        return self.surface.photo_points(np.asarray(points, np.float64) + self.margin)

    def page_points(self, points: Points) -> Points:
        """(N, 2) points of the photo as points of the flat page."""
        return self.surface.page_points(points) - self.margin


def photograph(page: Pixels, level: Level, seed: tuple[int, ...] | int, keep: Points | None = None) -> Photo:
    """A photo of an (H, W, 3) BGR page, the same for the same seed.

    keep: (N, 2) points of the page, such as the outlines of its lines, that are in the picture and under no finger.
    """
    rng = np.random.default_rng(seed)
    margin = _bare_margin(page)
    sheet = _paper(page, margin, rng)
    height, width = sheet.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    kept = corners if keep is None or not len(keep) else np.asarray(keep, np.float64) + margin
    surface, size = _framed(random_surface(width, height, level, rng), corners, kept, level, rng)

    where = _page_at(surface, size)
    seen = cv2.remap(sheet, where[0], where[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = _inside(*where, width, height)
    desk = paint_desk(level.desks[rng.integers(len(level.desks))], size[1], size[0], rng)
    light = light_field(size[1], size[0], level, rng)
    apart = _reduced(inside, CELL)
    paper_light = light * _shading(surface, where, rng)
    light = light * _sheet_shadow(apart, width / CELL, rng) * (1 - apart[..., None]) + paper_light * apart[..., None]
    # The phone exposes for the brightest part of the page.
    light *= rng.uniform(0.9, 1.05) / np.percentile(paper_light[apart > 0.9], 95)
    photo = cv2.blendLinear(seen, desk, inside, 1 - inside)
    if rng.random() < level.finger:
        add_finger(photo, surface.photo_points(corners), surface.photo_points(kept), rng)
    return Photo(develop(lit(photo, light), width, level, rng), surface, margin)


def _bare_margin(page: Pixels) -> int:
    """How much paper to add around: some where the page's rim is one colour, as that of a cut-out is, else none."""
    rim = np.concatenate([part.reshape(-1) for part in (page[:4], page[-4:], page[:, :4], page[:, -4:])])
    return page.shape[1] // 16 if np.ptp(np.percentile(rim, (1, 99))) <= 3 else 0


def _paper(page: Pixels, margin: int, rng: np.random.Generator) -> Pixels:
    """The page on paper with some tint and grain, its blacks no blacker than ink."""
    if margin:
        page = cv2.copyMakeBorder(page, *(margin,) * 4, cv2.BORDER_REPLICATE)
    ink = rng.uniform(15, 50)
    tint = np.array([rng.uniform(0.88, 0.98), rng.uniform(0.93, 1.0), rng.uniform(0.94, 1.0)]) * rng.uniform(0.88, 1)
    table = (ink + np.arange(256)[:, None] * (1 - ink / 255)) * tint
    return with_noise(cv2.LUT(page, table.astype(np.uint8)[None]), 3.0, rng)


def _framed(
    surface: Surface, corners: Points, kept: Points, level: Level, rng: np.random.Generator
) -> tuple[Surface, tuple[int, int]]:
    """The surface with its place in the picture, and the picture's (width, height)."""
    page, text = surface.photo_points(_rim(corners)), surface.photo_points(kept)
    unit = surface.width
    low, high = page.min(axis=0), page.max(axis=0)
    room = rng.uniform(0.02, 0.12, (2, 2)) * unit
    low, high = low - room[0], high + room[1]
    if rng.random() < level.close:
        # At least a little inside the page on some sides, but all that is to be kept stays in.
        cut = rng.random((2, 2)) < 0.6
        low = np.where(cut[0], text.min(axis=0) - 0.012 * unit, low)
        high = np.where(cut[1], text.max(axis=0) + 0.012 * unit, high)
    else:
        # Phones make pictures of 3 x 4; more desk comes in where the page is slimmer, up to a point.
        width, height = high - low
        long, short = max(width, height), min(width, height)
        wider = np.array([1.0, 0.0] if width < height else [0.0, 1.0]) * np.clip(0.75 * long - short, 0, 0.3 * unit)
        share = rng.uniform(0.2, 0.8)
        low, high = low - wider * share, high + wider * (1 - share)
    size = np.ceil(high - low).astype(int)
    return surface.shifted(-low), (int(size[0]), int(size[1]))


def _rim(corners: Points) -> Points:
    """(80, 2) points along the sides of a quadrilateral."""
    share = np.linspace(0, 1, 20, endpoint=False)[:, None]
    return np.vstack([a + (b - a) * share for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])


def _page_at(surface: Surface, size: tuple[int, int]) -> tuple[Pixels, Pixels]:
    """(h, w) float32, twice: x and y of the point of the page that each pixel of the photo shows."""
    columns, rows = (length // CELL + 3 for length in size)
    # A cell more than needed on each side, so that enlarging has something to lean on at the rim.
    xs, ys = np.meshgrid(*(CELL * (np.arange(count) - 0.5) - 0.5 for count in (columns, rows)))
    found = surface.page_points(np.column_stack([xs.ravel(), ys.ravel()])).astype(np.float32)
    x, y = (
        cv2.resize(part.reshape(rows, columns), (columns * CELL, rows * CELL), interpolation=cv2.INTER_LINEAR)
        for part in found.T
    )
    inside = slice(CELL, CELL + size[1]), slice(CELL, CELL + size[0])
    return x[inside], y[inside]


def _inside(x: Pixels, y: Pixels, width: int, height: int) -> Pixels:
    """(h, w) float32: 1 on the sheet, 0 beside it, between at its edge."""
    across = cv2.min(x, width - 1 - x)
    down = cv2.min(y, height - 1 - y)
    return np.clip(cv2.min(across, down) + 0.5, 0, 1)


def _reduced(field: Pixels, cell: int) -> Pixels:
    height, width = field.shape[:2]
    return cv2.resize(field, (max(2, width // cell), max(2, height // cell)), interpolation=cv2.INTER_AREA)


def _sheet_shadow(inside: Pixels, width: float, rng: np.random.Generator) -> Pixels:
    """(h, w, 1): how the sheet darkens the desk beside it. width: the sheet's, in the same pixels."""
    depth = width * rng.uniform(0.004, 0.02)
    fall = np.round(depth * rng.uniform(-1, 1, 2)).astype(int)
    beneath = np.roll(cv2.GaussianBlur(inside, (0, 0), max(0.5, depth)), fall, (0, 1))
    return 1 - rng.uniform(0.2, 0.6) * beneath[..., None]


def _shading(surface: Surface, where: tuple[Pixels, Pixels], rng: np.random.Generator) -> Pixels:
    """(h, w, 1), one for each cell: paper that leans away from the lamp is darker."""
    x, y = (_reduced(part, CELL) for part in where)
    slope = surface.slope_at(np.column_stack([x.ravel(), y.ravel()])).reshape(x.shape).astype(np.float32)
    lamp = rng.uniform(-1, 1)
    return np.clip(np.cos(slope) + lamp * np.sin(slope), 0.3, 1.15)[..., None]

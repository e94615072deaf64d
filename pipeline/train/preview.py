"""A sheet of training lines as the network gets them, to be looked at before a long training."""

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from pipeline.engines.line_image import normalize_line
from pipeline.train.augment import augment
from pipeline.train.fonts import font_samples

ROWS, FONT_ROWS, VERSIONS = 18, 6, 3
CELL_WIDTH, CELL_HEIGHT, GAP = 440, 32, 4
BACKGROUND = 150


class Drawable(Protocol):
    """What a sheet needs of a labelled line."""

    def image(self, rng: np.random.Generator) -> np.ndarray:
        """Grey crop (H, W) uint8, dark ink on light paper. Raises OSError."""
        ...


def sheet(samples: Sequence[Drawable], seed: int) -> bytes:
    """A PNG of `samples` and of lines drawn with fonts, which are trained on beside them. Raises OSError."""
    rows = [draw_sheet(samples, seed, ROWS)] if samples else []
    rows.append(draw_sheet(font_samples(FONT_ROWS, seed), seed, FONT_ROWS))
    return cv2.imencode(".png", np.vstack(rows), (cv2.IMWRITE_PNG_COMPRESSION, 9))[1].tobytes()


def draw_sheet(samples: Sequence[Drawable], seed: int, rows: int) -> np.ndarray:
    """A row for each of up to `rows` samples drawn by lot: as it is, then augmented versions of it; grey uint8.

    Under each version stands the ink that is left of it for the network, dark on white.
    """
    rng = np.random.default_rng((seed, 11))
    chosen = rng.choice(len(samples), min(rows, len(samples)), replace=False)
    return np.vstack([_row(samples[int(place)], rng) for place in sorted(chosen)])


def _row(sample: Drawable, rng: np.random.Generator) -> np.ndarray:
    image = sample.image(rng)
    versions = [augment(image, rng, rng.uniform(0.78, 1.22)) for _ in range(VERSIONS)]
    return np.hstack([_pair(image), *(_pair(version) for version in versions)])


def _pair(crop: np.ndarray) -> np.ndarray:
    """The crop above its normalized ink."""
    return np.vstack([_cell(crop), _cell(255 - normalize_line(crop)), _cell(np.zeros((1, 0), np.uint8))[: 2 * GAP]])


def _cell(crop: np.ndarray) -> np.ndarray:
    """The crop on a cell of the sheet; of what is still too long at two thirds of the height, the end is left out."""
    cell = np.full((CELL_HEIGHT + GAP, CELL_WIDTH + GAP), BACKGROUND, np.uint8)
    height, width = crop.shape
    if width:
        scale = CELL_HEIGHT / height * max(min(1, CELL_WIDTH * height / CELL_HEIGHT / width), 2 / 3)
        size = max(int(width * scale), 1), max(int(height * scale), 1)
        shown = min(size[0], CELL_WIDTH)
        cell[: size[1], :shown] = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)[:, :shown]
    return cell

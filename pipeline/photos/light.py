"""Light on the page, and what lens, sensor and JPEG make of it."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.photos.levels import Level

Pixels = NDArray[Any]
# What stands for a factor of 1 in 8 bits, so that paper can be lit a little above it.
FULL_LIGHT = 200.0


def light_field(height: int, width: int, level: Level, rng: np.random.Generator) -> Pixels:
    """(height / 8, width / 8, 3) factors: a lamp to one side, the colour of its light, darker corners, shadows."""
    rows, columns = max(2, height // 8), max(2, width // 8)
    ys, xs = np.mgrid[:rows, :columns].astype(np.float32)
    ys, xs = ys / rows - 0.5, xs / columns - 0.5
    turn = rng.uniform(0, 2 * np.pi)
    least = rng.uniform(level.darkest, min(1.0, level.darkest + 0.3))
    fall = np.clip(xs * np.cos(turn) + ys * np.sin(turn) + 0.5, 0, 1.3)
    field = 1 - (1 - least) * fall
    field *= 1 - rng.uniform(0.1, 0.3) * (1 - level.darkest) * (xs**2 + ys**2) * 2
    for _ in range(int(rng.integers(level.shadows + 1))):
        field *= _shadow(rows, columns, level, rng)
    colour = np.array([1.0, 1.0, 1.0]) + (1 - level.darkest) * rng.uniform(-0.12, 0.3) * np.array([-1.0, 0.0, 0.45])
    return field.astype(np.float32)[..., None] * colour.astype(np.float32)


def lit(photo: Pixels, light: Pixels) -> Pixels:
    """The (h, w, 3) uint8 scene under light given as factors on a coarser grid."""
    height, width = photo.shape[:2]
    coarse = np.clip(light * FULL_LIGHT, 0, 255).astype(np.uint8)
    factors = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(photo, factors, scale=1 / FULL_LIGHT)


def with_noise(pixels: Pixels, strength: float, rng: np.random.Generator) -> Pixels:
    """Blotches of two pixels with a standard deviation of `strength` grey levels, mostly without colour."""
    tile = rng.standard_normal((331, 331, 1), np.float32) + 0.4 * rng.standard_normal((331, 331, 3), np.float32)
    tile = np.clip(128 + 40 * cv2.GaussianBlur(tile, (0, 0), 0.7) * 2, 0, 255).astype(np.uint8)
    height, width = pixels.shape[:2]
    noise = np.tile(tile, (height // 331 + 1, width // 331 + 1, 1))[:height, :width]
    return cv2.addWeighted(pixels, 1, noise, strength / 40, -128 * strength / 40)


def _shadow(rows: int, columns: int, level: Level, rng: np.random.Generator) -> Pixels:
    """A hand's, a head's or the phone's shadow: it reaches in from an edge, with a more or less soft rim."""
    mask = np.zeros((rows, columns), np.uint8)
    middle = rng.uniform(0.15, 0.85, 2) * (columns, rows)
    away = rng.uniform(0, 2 * np.pi)
    far = middle + 3 * max(rows, columns) * np.array([np.cos(away), np.sin(away)])
    if rng.random() < 0.5:
        thick = int(rng.uniform(0.2, 0.5) * columns)
        cv2.line(mask, middle.astype(int).tolist(), far.astype(int).tolist(), 255, thick)
        cv2.circle(mask, middle.astype(int).tolist(), thick // 2, 255, -1)
    else:
        box = cv2.boxPoints(
            (tuple(((middle + far) / 2).tolist()), (3.0 * max(rows, columns), 0.9 * columns), float(np.rad2deg(away)))
        )
        cv2.fillPoly(mask, [np.round(box).astype(np.int32)], 255)
    soft = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.008, 0.05) * columns).astype(np.float32) / 255
    return 1 - soft * rng.uniform(0.15, 0.75) * (1 - level.darkest)


def develop(photo: Pixels, page_width: int, level: Level, rng: np.random.Generator) -> Pixels:
    """The (h, w, 3) uint8 picture that a phone stores of such a scene: out of focus, shaken, noisy, compressed."""
    sigma = page_width / 1000 * level.blur * rng.uniform(0.5, 1)
    photo = cv2.GaussianBlur(photo, (0, 0), sigma)
    if rng.random() < 0.4:
        photo = cv2.filter2D(photo, -1, _shake(2.5 * sigma, rng), borderType=cv2.BORDER_REPLICATE)
    stored = with_noise(photo, level.noise * rng.uniform(0.4, 1), rng)
    _, packed = cv2.imencode(".jpg", stored, (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(level.quality, 96))))
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))


def _shake(length: float, rng: np.random.Generator) -> Pixels:
    """A kernel that smears along a line of about `length` pixels in any direction."""
    size = 2 * int(np.ceil(length / 2)) + 1
    kernel = np.zeros((size, size), np.float32)
    angle, middle = rng.uniform(0, np.pi), (size - 1) / 2
    reach = np.array([np.cos(angle), np.sin(angle)]) * middle
    cv2.line(kernel, np.round(middle - reach).astype(int).tolist(), np.round(middle + reach).astype(int).tolist(), 1.0)
    return cv2.GaussianBlur(kernel, (3, 3), 0) / kernel.sum()

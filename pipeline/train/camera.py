"""How a page comes into the machine: light, blur, noise, few pixels, JPEG."""

import cv2
import numpy as np

from pipeline.train.paper import field, ink_of, multiply, piece_of_grain
from pipeline.train.warp import Grey, paper_of


def darken_paper(crop: Grey, rng: np.random.Generator) -> Grey:
    """Grey, brown or badly lit paper, a little uneven."""
    level = rng.uniform(0.45, 0.95)
    return multiply(crop, field(crop.shape, level * 0.85, level, rng))


def cast_shadow(crop: Grey, rng: np.random.Generator) -> Grey:
    """The edge of a hand's or a phone's shadow crosses the line."""
    height, width = crop.shape
    small = np.full((max(height // 4, 2), max(width // 4, 2)), 255, np.uint8)
    rows, columns = small.shape
    start, end = rng.uniform(-0.2, 1.2, 2) * columns
    side = columns if rng.random() < 0.5 else 0
    corners = np.array([(start, 0), (end, rows), (side, rows), (side, 0)])
    cv2.fillPoly(small, [np.round(corners).astype(np.int32)], int(255 * rng.uniform(0.5, 0.85)))
    soft = 2 * int(rng.integers(1, max(rows // 2, 2))) + 1
    small = cv2.blur(small, (soft, soft))
    return multiply(crop, np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8))


def binarize(crop: Grey, rng: np.random.Generator) -> Grey:
    """Hard black and white, as old scanners give it."""
    level, _ = cv2.threshold(crop, 0, 255, cv2.THRESH_OTSU)
    return np.asarray(cv2.threshold(crop, level + rng.integers(-15, 25), 255, cv2.THRESH_BINARY)[1], np.uint8)


def defocus(crop: Grey, rng: np.random.Generator) -> Grey:
    """The lens not quite in focus, or a soft scan."""
    sigma = rng.uniform(0.4, 1.4) * len(crop) / 72
    size = 3 if sigma < 0.8 else 5 if sigma < 1.3 else 7
    return np.asarray(cv2.GaussianBlur(crop, (size, size), sigma), np.uint8)


def shake(crop: Grey, rng: np.random.Generator) -> Grey:
    """The camera moved, in any direction."""
    length = int(rng.integers(3, 6))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    middle, reach = (length - 1) / 2, np.array([np.cos(angle), np.sin(angle)]) * (length - 1) / 2
    ends = np.round([middle - reach, middle + reach]).astype(int)
    cv2.line(kernel, ends[0].tolist(), ends[1].tolist(), 1)
    return np.asarray(cv2.filter2D(crop, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE), np.uint8)


def lower_resolution(crop: Grey, rng: np.random.Generator) -> Grey:
    """Too few pixels, enlarged again."""
    height, width = crop.shape
    part = rng.uniform(0.45, 0.9)
    size = max(int(width * part), 8), max(int(height * part), 8)
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if part < 0.6 else cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def add_noise(crop: Grey, rng: np.random.Generator) -> Grey:
    """A sensor's noise, or the fibres of the paper; never so strong that faint ink drowns in it."""
    contrast = max(paper_of(crop) - ink_of(crop), 0)
    strength = min(rng.uniform(1.5, 10), 2 + 0.08 * contrast) / 32
    noise = piece_of_grain(crop.shape, rng, rng.choice((1, 1, 1.7, 2.6)))
    return np.asarray(cv2.addWeighted(crop, 1, noise, strength, -128 * strength), np.uint8)


def compress(crop: Grey, rng: np.random.Generator) -> Grey:
    """JPEG of low quality."""
    _, packed = cv2.imencode(".jpg", crop, (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 70))))
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)

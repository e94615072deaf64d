"""What lies on and under the ink: pens, rulings, neighbours, the back of the sheet."""

from functools import lru_cache

import cv2
import numpy as np

from pipeline.train.warp import Grey, paper_of, writing_rows


def multiply(crop: Grey, layer: Grey) -> Grey:
    """Two layers of grey seen through each other; 255 is clear."""
    return np.asarray(cv2.multiply(crop, layer, scale=1 / 255), np.uint8)


@lru_cache(maxsize=1)
def grain() -> Grey:
    """Noise around 128, 32 strong: a sheet to cut pieces from, as fresh noise is slow."""
    return np.clip(np.random.default_rng(1).normal(128, 32, (288, 4608)), 0, 255).astype(np.uint8)


def piece_of_grain(shape: tuple[int, int], rng: np.random.Generator, size: float = 1.0) -> Grey:
    """Noise of `shape`, its grains `size` pixels wide."""
    height, width = (max(int(length / size), 1) for length in shape)
    sheet = grain()
    y, x = rng.integers(max(len(sheet) - height, 1)), rng.integers(max(sheet.shape[1] - width, 1))
    piece = sheet[y : y + height, x : x + width]
    if piece.shape != shape:
        return np.asarray(cv2.resize(piece, shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    return piece


def field(shape: tuple[int, int], low: float, high: float, rng: np.random.Generator, rows: int = 2) -> Grey:
    """A layer that drifts between `low` and `high` (0..1) along the line."""
    cells = rng.uniform(low * 255, high * 255, (rows, max(shape[1] // (2 * shape[0]), 2))).astype(np.uint8)
    return np.asarray(cv2.resize(cells, shape[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def ink_of(crop: Grey) -> int:
    """The grey of the darkest ink."""
    return int(np.quantile(crop[::3, ::3], 0.01))


def change_pen(crop: Grey, rng: np.random.Generator) -> Grey:
    """A broader or a finer pen."""
    shape = int(rng.choice((cv2.MORPH_CROSS, cv2.MORPH_RECT, cv2.MORPH_ELLIPSE)))
    kernel = cv2.getStructuringElement(shape, (2, 2) if rng.random() < 0.55 else (3, 3))
    changed = cv2.erode(crop, kernel) if rng.random() < 0.6 else cv2.dilate(crop, kernel)
    part = rng.uniform(0.35, 1)
    return np.asarray(cv2.addWeighted(changed, part, crop, 1 - part, 0), np.uint8)


def vary_pressure(crop: Grey, rng: np.random.Generator) -> Grey:
    """Ink that comes and goes along the line."""
    return 255 - multiply(255 - crop, field(crop.shape, 0.55, 1, rng))


def roughen(crop: Grey, rng: np.random.Generator) -> Grey:
    """The grain of paper in a pencil's or a dry ballpoint's stroke."""
    holes = cv2.convertScaleAbs(piece_of_grain(crop.shape, rng, rng.uniform(1, 2)), alpha=rng.uniform(1.2, 2.6), beta=0)
    return 255 - multiply(255 - crop, np.asarray(holes, np.uint8))


def fade(crop: Grey, rng: np.random.Generator) -> Grey:
    """Faint pencil, or blue and red ink turned grey."""
    paper, kept, curve = paper_of(crop), rng.uniform(0.35, 0.85), rng.uniform(0.75, 1.4)
    ink = np.clip((paper - np.arange(256)) / max(paper, 1), 0, 1) ** curve
    return np.asarray(cv2.LUT(crop, (paper * (1 - kept * ink)).astype(np.uint8)), np.uint8)


def add_neighbour(crop: Grey, rng: np.random.Generator) -> Grey:
    """A bit of the line above or below reaches into the crop."""
    height, width = crop.shape
    top, _, bottom = (int(row) for row in writing_rows(crop, paper_of(crop), 0.001))
    depth = min(int(height * rng.uniform(0.05, 0.17)), bottom - top)
    if depth < 1:
        return crop
    piece = np.roll(crop, int(rng.integers(width // 4, width - width // 4)), axis=1)
    kept = crop.copy()
    if rng.random() < 0.5:
        kept[:depth] = np.minimum(crop[:depth], piece[bottom - depth : bottom])
    else:
        kept[height - depth :] = np.minimum(crop[height - depth :], piece[top : top + depth])
    return kept


def add_end_bits(crop: Grey, rng: np.random.Generator) -> Grey:
    """A sliver of a letter, a bracket or a drawing at one end."""
    height, width = crop.shape
    reach = int(min(height * rng.uniform(0.03, 0.14), width // 8))
    if reach < 1:
        return crop
    start = int(rng.integers(0, width - reach))
    kept, sliver = crop.copy(), crop[:, start : start + reach]
    sliver = np.roll(sliver, int(rng.normal(0, 0.15) * height), axis=0)
    place = slice(0, reach) if rng.random() < 0.5 else slice(width - reach, width)
    kept[:, place] = np.minimum(kept[:, place], sliver)
    return kept


def underline(crop: Grey, rng: np.random.Generator) -> Grey:
    """A line drawn by hand under a part of the text."""
    _, baseline, _ = writing_rows(crop, paper_of(crop))
    return _draw_by_hand(crop, baseline + rng.uniform(0.05, 0.22) * len(crop), ink_of(crop), rng)


def strike(crop: Grey, rng: np.random.Generator) -> Grey:
    """A faint line through a part of the text."""
    _, baseline, _ = writing_rows(crop, paper_of(crop))
    faint = paper_of(crop) - rng.uniform(0.1, 0.35) * (paper_of(crop) - ink_of(crop))
    return _draw_by_hand(crop, baseline - rng.uniform(0.08, 0.25) * len(crop), int(faint), rng)


def _draw_by_hand(crop: Grey, y: float, ink: int, rng: np.random.Generator) -> Grey:
    height, width = crop.shape
    length = int(width * rng.uniform(0.1, 0.9))
    start = int(rng.integers(0, max(width - length, 1)))
    xs = np.linspace(start, start + length, 8)
    ys = y + rng.normal(0, 0.01, 8) * height + np.linspace(-0.5, 0.5, 8) * rng.normal(0, 0.05) * height
    points = np.round(np.column_stack([xs, np.minimum(ys, height - 1)]) * 16).astype(np.int32)
    layer = np.full_like(crop, 255)
    cv2.polylines(layer, [points], False, ink, int(rng.integers(1, 4)), cv2.LINE_AA, 4)
    return np.asarray(cv2.min(crop, layer), np.uint8)


def bleed_through(crop: Grey, rng: np.random.Generator) -> Grey:
    """Mirrored writing shows faintly from the back of the sheet."""
    height, width = crop.shape
    shift = int(rng.integers(-height // 2, height // 2)), int(rng.integers(width))
    back = np.roll(cv2.flip(crop, 1), shift, axis=(0, 1))
    if height > 12:
        back = cv2.blur(back, (3, 3) if rng.random() < 0.6 else (5, 5))
    strength = rng.uniform(0.06, 0.3)
    faint = cv2.convertScaleAbs(back, alpha=strength, beta=255 * (1 - strength))
    return multiply(crop, np.asarray(faint, np.uint8))


def add_specks(crop: Grey, rng: np.random.Generator) -> Grey:
    """Dust and stray dots."""
    height, width = crop.shape
    kept = crop.copy()
    for _ in range(rng.integers(1, 8)):
        spot = int(rng.integers(width)), int(rng.integers(height))
        cv2.circle(kept, spot, int(rng.integers(0, 2)), int(rng.integers(0, 160)), -1, cv2.LINE_AA)
    return kept

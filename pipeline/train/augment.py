"""Line crops made to look like other pens, papers and cameras."""

import cv2
import numpy as np


def augment(crop: np.ndarray, rng: np.random.Generator, stretch: float = 1.0) -> np.ndarray:
    """A new crop of the same text, `stretch` times as wide: (H, W) grey uint8, dark ink on light paper."""
    crop = bend(crop, rng, stretch)
    if rng.random() < 0.25:
        crop = change_pen(crop, rng)
    if rng.random() < 0.08:
        crop = add_neighbours(crop, rng)
    if rng.random() < 0.15:
        crop = rule(crop, rng)
    if rng.random() < 0.08:
        crop = bleed_through(crop, rng)
    if rng.random() < 0.08:
        crop = binarize(crop, rng)
    elif rng.random() < 0.35:
        crop = relight(crop, rng)
    if rng.random() < 0.35:
        crop = photograph(crop, rng)
    return crop


def bend(crop: np.ndarray, rng: np.random.Generator, stretch: float) -> np.ndarray:
    """Slant, turn, scale, shift and warp in one resampling."""
    height, width = crop.shape
    squeeze = rng.uniform(0.85, 1.2)  # above 1 the text becomes smaller than the crop
    new_width = max(int(width * stretch), 24)
    x, y = np.meshgrid(np.arange(new_width, dtype=np.float32), np.arange(height, dtype=np.float32))
    x_centred, y_centred = x - new_width / 2, y - height / 2
    slant, turn = rng.normal(0, 0.13), np.tan(np.radians(rng.normal(0, 0.6)))
    wave_length = rng.uniform(3, 16) * height
    wave = rng.normal(0, 0.02) * height * np.sin(2 * np.pi * x[0] / wave_length + rng.uniform(0, 6.3))
    map_x = width / 2 + x_centred / stretch + slant * y_centred
    map_y = height / 2 + y_centred * squeeze + turn * x_centred + wave + rng.normal(0, 0.025) * height
    if rng.random() < 0.35:
        cells = (max(height // 16, 2), max(new_width // 16, 2))
        amount = rng.uniform(0.4, 1.4)
        map_x += cv2.resize(rng.normal(0, amount, cells), (new_width, height), interpolation=cv2.INTER_CUBIC)
        map_y += cv2.resize(rng.normal(0, amount, cells), (new_width, height), interpolation=cv2.INTER_CUBIC)
    paper = int(np.median(crop[:3])) if crop.size else 255
    return cv2.remap(crop, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_CONSTANT, borderValue=paper)  # fmt: skip


def change_pen(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A broader or a finer pen."""
    kernel = cv2.getStructuringElement(
        int(rng.choice((cv2.MORPH_CROSS, cv2.MORPH_RECT))), (2, 2) if rng.random() < 0.6 else (3, 3)
    )
    changed = cv2.erode(crop, kernel) if rng.random() < 0.6 else cv2.dilate(crop, kernel)
    return cv2.addWeighted(changed, (part := rng.uniform(0.4, 1)), crop, 1 - part, 0)


def add_neighbours(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A bit of the line above or below reaches into the crop."""
    height = len(crop)
    depth, skip = int(height * rng.uniform(0.06, 0.2)), height // 8
    crop, piece = crop.copy(), np.roll(crop, int(rng.integers(crop.shape[1])), axis=1)
    if rng.random() < 0.5:
        crop[:depth] = np.minimum(crop[:depth], piece[height - depth - skip : height - skip])
    else:
        crop[height - depth :] = np.minimum(crop[height - depth :], piece[skip : depth + skip])
    return crop


def rule(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Ruled or squared paper, or an underline."""
    height, width = crop.shape
    ruled = np.zeros_like(crop)
    y, slope = rng.uniform(0.55, 0.95) * height, rng.normal(0, 0.004) * width
    cv2.line(ruled, (0, int(y)), (width, int(y + slope)), 255, int(rng.integers(1, 3)), cv2.LINE_AA)
    if rng.random() < 0.2:
        pitch = int(rng.integers(18, 60))
        for x in range(int(rng.integers(pitch)), width, pitch):
            cv2.line(ruled, (x, 0), (x, height), 255, 1)
    darkness = rng.uniform(0.1, 0.75)
    return np.asarray(crop * (1 - ruled / 255.0 * darkness), np.uint8)


def bleed_through(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mirrored writing shows faintly from the back of the sheet."""
    back = np.roll(crop[:, ::-1], tuple(rng.integers(-20, 20, 2)), axis=(0, 1))
    back = cv2.GaussianBlur(np.ascontiguousarray(back), (0, 0), rng.uniform(0.8, 2))
    strength = rng.uniform(0.06, 0.25)
    return np.asarray(crop * (1 - strength * (1 - back / 255.0)), np.uint8)


def relight(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fainter ink, greyer paper, a shadow across."""
    ink_lift = rng.uniform(0, 0.55)
    paper = rng.uniform(0.6, 1)
    light = np.ones(1, np.float32)
    if rng.random() < 0.35:
        cells = rng.uniform(0.65, 1, (2, 5)).astype(np.float32)
        light = np.asarray(cv2.resize(cells, crop.shape[::-1], interpolation=cv2.INTER_CUBIC))
    faded = 1 - (1 - crop / np.float32(255)) ** rng.uniform(0.7, 1.5) * (1 - ink_lift)
    return np.asarray(np.clip(faded * paper * light, 0, 1) * 255, np.uint8)


def binarize(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Hard black and white, as old scanners give it."""
    level, _ = cv2.threshold(crop, 0, 255, cv2.THRESH_OTSU)
    return np.where(crop > level + rng.integers(-15, 30), 255, 0).astype(np.uint8)


def photograph(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blur, low resolution, noise or JPEG."""
    height, width = crop.shape
    kind = rng.random()
    if kind < 0.35:
        return cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 1.3))
    if kind < 0.6:
        part = rng.uniform(0.45, 0.9)
        small = cv2.resize(crop, None, fx=part, fy=part, interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if kind < 0.8:
        noise = np.empty(crop.shape, np.int16)
        cv2.randn(noise, np.zeros(1), np.full(1, rng.uniform(2, 14)))
        return np.clip(crop + noise, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", crop, (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 70))))
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE))

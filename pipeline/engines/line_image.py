"""One line of ink as the CRNN sees it, in training and in use alike."""

from collections.abc import Sequence

import cv2
import numpy as np

HEIGHT = 64
MAX_WIDTH = 4096
# Below this contrast (0 = black ink, 1 = no ink) a crop counts as faint or empty and is not stretched further.
FAINTEST_INK = 0.75
# A line with a smaller share of ink than this holds no writing.
LEAST_INK = 0.002
# Pixels from letter to letter, and how far a line is squeezed or stretched to get there.
PITCH = 16
STRETCH = (0.55, 2.0)


def side_by_side(images: Sequence[np.ndarray]) -> np.ndarray:
    """Ink images (64, W) of any width as one batch (B, 1, 64, W), padded with paper to a multiple of 32."""
    widest = max(image.shape[1] for image in images)
    batch = np.zeros((len(images), 1, HEIGHT, -(-widest // 32) * 32), np.uint8)
    for row, image in zip(batch, images, strict=True):
        row[0, :, : image.shape[1]] = image
    return batch


def normalize_line(crop: np.ndarray, pitch: float = PITCH) -> np.ndarray:
    """A line crop's ink (`clear_ink`), its letters set `pitch` px apart (`spread`)."""
    return spread(clear_ink(crop), pitch)


def clear_ink(crop: np.ndarray) -> np.ndarray:
    """Scale a line crop to 64 px height, even out its paper, and stretch its ink.

    crop: (H, W) grey or (H, W, 3) BGR uint8, dark ink on light paper.
    Returns (64, W') uint8 with 255 for full ink and 0 for paper, W' between 16 and 4096.
    """
    if crop.ndim == 3:
        crop = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    height, width = crop.shape
    new_width = int(np.clip(round(width * HEIGHT / max(height, 1)), 16, MAX_WIDTH))
    shrinks = height > HEIGHT
    crop = cv2.resize(crop, (new_width, HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    # Closing wipes out strokes narrower than the kernel, which leaves the paper with its shadows.
    paper = cv2.morphologyEx(crop, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    paper = cv2.blur(paper, (31, 31)).astype(np.float32) + 1
    # One is added to both, so that an all-black crop is paper as well as a white one.
    brightness = np.minimum((crop + np.float32(1)) / paper, 1.0)
    darkest = min(quantile(brightness, 0.015), FAINTEST_INK)
    return (np.clip((0.97 - brightness) / max(0.97 - darkest, 0.05), 0, 1) * 255 + 0.5).astype(np.uint8)


def quantile(brightness: np.ndarray, share: float) -> float:
    """The brightness (0..1) that `share` of the pixels stay under, to 1/256: numpy's takes twenty times as long."""
    below = np.cumsum(np.bincount((brightness * 255).astype(np.uint8).ravel(), minlength=256))
    return float(np.searchsorted(below, share * below[-1])) / 255


def spread(ink: np.ndarray, pitch: float) -> np.ndarray:
    """Stretch or squeeze a line so that its letters stand about `pitch` pixels apart, dense hands and wide ones alike.

    Letters are guessed from how often the busiest rows go from paper to ink; the fewer there are, the less the guess
    counts. ink: (64, W) uint8.
    """
    width = ink.shape[1]
    letters = count_letters(ink)
    wanted = np.clip(pitch * letters / width, *STRETCH) ** (letters / (letters + 3))
    return set_width(ink, width * wanted)


def set_width(ink: np.ndarray, width: float) -> np.ndarray:
    """A line, (64, W) uint8, stretched or squeezed to `width` pixels, or to the 16 or 4096 that are the bounds."""
    new_width = int(np.clip(round(width), 16, MAX_WIDTH))
    shrinks = new_width < ink.shape[1]
    return cv2.resize(ink, (new_width, HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def count_letters(ink: np.ndarray) -> float:
    """About how many letters a line holds: its busiest eight rows enter ink 1.25 times a letter."""
    written = ink > 100
    entries = np.count_nonzero(written[:, 1:] & ~written[:, :-1], axis=1)
    return float(np.sort(entries)[-8:].mean()) / 1.25


def is_blank(ink: np.ndarray) -> bool:
    """Whether a normalized line, (64, W) with 255 for full ink, holds no writing."""
    return float((ink > 127).mean()) < LEAST_INK

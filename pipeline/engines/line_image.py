"""One line of ink as the CRNN sees it, in training and in use alike."""

import cv2
import numpy as np

HEIGHT = 64
MAX_WIDTH = 4096
# Below this contrast (0 = black ink, 1 = no ink) a crop counts as faint or empty and is not stretched further.
FAINTEST_INK = 0.75
# A line with a smaller share of ink than this holds no writing.
LEAST_INK = 0.002


def normalize_line(crop: np.ndarray) -> np.ndarray:
    """Scale a line crop to 64 px height, even out its paper and stretch its ink.

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
    darkest = min(float(np.percentile(brightness, 1.5)), FAINTEST_INK)
    ink = np.clip((0.97 - brightness) / max(0.97 - darkest, 0.05), 0, 1)
    return np.asarray(ink * 255 + 0.5, np.uint8)


def is_blank(ink: np.ndarray) -> bool:
    """Whether a normalized line, (64, W) with 255 for full ink, holds no writing."""
    return float((ink > 127).mean()) < LEAST_INK

"""Lines too long for TrOCR's image, cut at word gaps into pieces that are read one by one.

TrOCR squeezes every line into one image of a fixed shape. It reads what is squeezed about as much as the lines it was
trained on; in longer ones the letters become too narrow.
"""

import math

import cv2
import numpy as np

from pipeline.engines.line_image import normalize_line

# Of a model with a square image: widths by height of lines that it has seen. 1 in 100 of the lines of the IAM forms, on
# which Microsoft's models were trained, is wider.
SQUARE_REACH = 25.0
# An image that is no square has been shaped for its lines; some may be longer.
OWN_REACH = 1.5
LEAST_GAP = 6  # columns without ink between words, where letters stand 16 columns apart
MOST_SHIFT = 0.4  # how far from its place a cut may be, in pieces


def reach(height: int, width: int) -> float:
    """How many times as wide as high a line may be for a model that sees images of this shape."""
    return SQUARE_REACH if height == width else OWN_REACH * width / height


def cut(crop: np.ndarray, longest: float) -> list[np.ndarray]:
    """The pieces of a line, from left to right, cut where words end.

    crop: (H, W) grey or (H, W, 3) BGR uint8. longest: how many times as wide as high a piece should be at most. A line
    that is not longer, or has no gaps where they are needed, stays whole.
    """
    height, width = crop.shape[:2]
    count = math.ceil(width / (longest * max(height, 1)))
    if count < 2:
        return [crop]
    ink = normalize_line(_grey(crop))
    columns = (ink > 100).sum(axis=0)
    # A ruled line leaves no column empty.
    starts, ends = _runs(columns <= max(1, int(np.quantile(columns, 0.02))))
    middles, gaps = (starts + ends) / 2, ends - starts
    cuts: list[int] = []
    for number in range(1, count):
        place, room = number * ink.shape[1] / count, MOST_SHIFT * ink.shape[1] / count
        worth = np.where(gaps >= LEAST_GAP, gaps * (1 - np.abs(middles - place) / room), 0)
        if len(worth) and worth.max() > 0:
            cuts.append(round(float(middles[worth.argmax()]) * width / ink.shape[1]))
    return [crop[:, start:end] for start, end in zip([0, *cuts], [*cuts, width], strict=True)]


def _grey(crop: np.ndarray) -> np.ndarray:
    return crop if crop.ndim == 2 else np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY))


def _runs(empty: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of True begin, and where they have ended."""
    steps = np.diff(np.concatenate([[0], empty.astype(np.int8), [0]]))
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)

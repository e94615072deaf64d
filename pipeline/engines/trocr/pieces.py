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
TOO_LONG = 100.0  # what a piece twice as long as it should be costs, in pieces that are empty


def reach(height: int, width: int) -> float:
    """How many times as wide as high a line may be for a model that sees images of this shape."""
    return SQUARE_REACH if height == width else OWN_REACH * width / height


def cut(crop: np.ndarray, longest: float) -> list[np.ndarray]:
    """The pieces of a line, from left to right, cut where words end.

    crop: (H, W) grey or (H, W, 3) BGR uint8. longest: how many times as wide as high a piece should be at most. A line
    that is not longer, or has no gaps where they would help, stays whole.
    """
    height, width = crop.shape[:2]
    count = math.ceil(width / (longest * max(height, 1)))
    if count < 2:
        return [crop]
    ink = normalize_line(_grey(crop))
    columns = (ink > 100).sum(axis=0)
    # A ruled line leaves no column empty.
    starts, ends = _runs(columns <= max(1, int(np.quantile(columns, 0.02))))
    room = longest * height * len(columns) / width / 3  # a third of the longest piece
    places = [
        place
        for start, end in zip(starts, ends, strict=True)
        if end - start >= LEAST_GAP
        for place in np.linspace(start, end, 2 + max(1, int((end - start) / room)))[1:-1]  # more than one in wide paper
    ]
    cuts = _evenly(np.array(places) * width / len(columns), width, longest * height, count)
    return [crop[:, start:end] for start, end in zip([0, *cuts], [*cuts, width], strict=True)]


def _evenly(places: np.ndarray, width: int, longest_px: float, count: int) -> list[int]:
    """At which of the places to cut: no piece longer than it should be if that can be, and all of about one length.

    In pieces shorter than a third of that TrOCR would read what is not there.
    """
    places = np.array([0, *places, width])
    cost, before = [0.0], [0]  # of the best cuts up to each place, and the last cut of them
    for end in range(1, len(places)):
        pieces = places[end] - places[:end]
        costs = cost + (pieces * count / width - 1) ** 2 + TOO_LONG * np.maximum(pieces / longest_px - 1, 0)
        costs[pieces < longest_px / 3] = np.inf
        cost.append(float(costs.min()))
        before.append(int(costs.argmin()))
    cuts, end = [], before[-1]
    while end:
        cuts.append(round(float(places[end])))
        end = before[end]
    return cuts[::-1]


def _grey(crop: np.ndarray) -> np.ndarray:
    return crop if crop.ndim == 2 else np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY))


def _runs(empty: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of True begin, and where they have ended."""
    steps = np.diff(np.concatenate([[0], empty.astype(np.int8), [0]]))
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)

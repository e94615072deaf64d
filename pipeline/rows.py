"""Rows of writing in a picture, whatever colour is under them: what is not to be taken for a desk."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[Any]

# Length of the longer side of the copy on which rows are sought.
LOOK = 840
# How much darker than what is beside them strokes are (0..255, and as a share of it), and how long they are at least,
# in pixels, and at most, as a share of the picture's longer side.
DARKER, SHARE, SHORT, LONG = 20, 0.14, 4, 0.15
# How far apart strokes stand in and between rows, and how high rows are at least, as shares of the longer side.
APART, HIGH = 0.02, 0.01
# Grain and weave are as uneven as they are dark: around writing of which the darkest stroke takes such a share of the
# light, the ground varies by less than such a share of that stroke's depth. A word or two cover such a share of the
# picture.
CLEAR, SMOOTH, WORDS = 0.25, 0.35, 0.001
AROUND = 15


def clear_rows(grey: Grey) -> Grey:
    """(h, w) uint8, 1 where rows of dark strokes surely are writing, in a (h, w) grey picture of any size; a
    desk's grain and pattern, as dark as they may be, are on no smooth ground."""
    scale = min(1.0, LOOK / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    strokes, square = thin_strokes(small), np.ones((AROUND, AROUND), np.uint8)
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)))
    depth = cv2.dilate(cv2.subtract(ground, small) * strokes, square)
    ground = cv2.GaussianBlur(cv2.medianBlur(ground, 3), (0, 0), 1)
    clear = (depth > CLEAR * ground) & (cv2.morphologyEx(ground, cv2.MORPH_GRADIENT, square) < SMOOTH * depth)
    rows = rows_of(strokes * clear.view(np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(rows, connectivity=8, ltype=cv2.CV_32S)
    large = stats[:, cv2.CC_STAT_AREA] >= WORDS * rows.size
    large[0] = False
    return cv2.resize(large[labels].view(np.uint8), grey.shape[::-1], interpolation=cv2.INTER_NEAREST)


def thin_strokes(grey: Grey) -> Grey:
    """(h, w) uint8, 1 on dark strokes as thin and short as those of writing."""
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    least = cv2.max(cv2.convertScaleAbs(paper, alpha=SHARE), np.full_like(paper, DARKER))
    dark = cv2.compare(cv2.subtract(paper, grey), least, cv2.CMP_GT)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    sizes = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    fits = (sizes >= SHORT) & (sizes < LONG * max(grey.shape))
    fits[0] = False
    return fits[labels].view(np.uint8)


def rows_of(strokes: Grey) -> Grey:
    """(h, w) uint8, 1 on the rows that strokes as close to each other as letters are make up."""
    longer = max(strokes.shape)
    rows = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, _round(APART * longer))
    return cv2.morphologyEx(rows, cv2.MORPH_OPEN, _round(HIGH * longer))


def _round(size: float) -> Grey:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, round(size)),) * 2)

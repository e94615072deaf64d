"""Ink that belongs to no line and no figure, so that nothing vanishes without a word."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask
from pipeline.document import Box
from pipeline.lines import TextLine

GRID = 8  # pixels; pieces closer than this are named together


def find_noise(ink: Mask, lines: Sequence[TextLine], figures: Sequence[Box]) -> tuple[Box, ...]:
    """Boxes of what is left of a page's ink, (h, w) bool, without its lines and figures; from the top."""
    left = ~accounted_for(ink, lines, figures)
    height, width = left.shape
    tall, wide = -(-height // GRID), -(-width // GRID)
    padded = np.zeros((tall * GRID, wide * GRID), np.uint8)
    padded[:height, :width] = left
    small = padded.reshape(tall, GRID, wide, GRID).max(axis=(1, 3))
    _, _, stats, _ = cv2.connectedComponentsWithStats(small, connectivity=8, ltype=cv2.CV_32S)
    boxes = (stats[1:, :4] * GRID).tolist()
    found = [(x, y, min(x + w, width), min(y + h, height)) for x, y, w, h in boxes]
    return tuple(sorted(found, key=lambda box: (box[1], box[0])))


def accounted_for(ink: Mask, lines: Sequence[TextLine], figures: Sequence[Box]) -> NDArray[np.bool_]:
    """Where there is no ink, or a line or a figure holds it: (h, w) bool."""
    held = (~ink).astype(np.uint8)
    for line in lines:
        cv2.fillPoly(held, [np.round(line.polygon).astype(np.int32)], 1)
    for x0, y0, x1, y1 in figures:
        held[y0:y1, x0:x1] = 1
    return held.view(np.bool_)

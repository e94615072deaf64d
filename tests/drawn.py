"""Clean pages drawn for tests: rows of letter-like strokes, and the lines a line finder would have found in them."""

import cv2
import numpy as np

from pipeline.clean import CleanPage
from pipeline.lines import TextLine

X_HEIGHT, LETTER, WORD, STEP = 24, 18, 22, 70


def page_of(ink: np.ndarray) -> CleanPage:
    return CleanPage(np.where(ink, 20, 255).astype(np.uint8), ink, 0.0, np.eye(3))


def blank(width: int = 1600, height: int = 2000) -> np.ndarray:
    return np.zeros((height, width), np.uint8)


def write(ink: np.ndarray, x: int, y: int, width: int, *, scale: float = 1.0) -> TextLine:
    """Letters from x on, on the baseline y, some with ascenders and tails; returns the line around them."""
    start, count = x, 0
    pen = max(round(3 * scale), 1)
    while x < start + width:
        rise = X_HEIGHT * (1.7 if count % 4 == 1 else 1.0) * scale
        tail = 0.5 * X_HEIGHT * scale if count % 7 == 3 else 0
        cv2.line(ink, (x, round(y - rise)), (x, round(y + tail)), 1, pen)
        cv2.line(ink, (x, round(y - X_HEIGHT * scale)), (x + round(8 * scale), y), 1, pen)
        count += 1
        x += round((LETTER + (WORD if count % 5 == 0 else 0)) * scale)
    top, bottom, end = y - 1.7 * X_HEIGHT * scale - 3, y + 0.5 * X_HEIGHT * scale + 3, start + width
    polygon = np.array([(start - 3, top), (end + 12, top), (end + 12, bottom), (start - 3, bottom)], float)
    return TextLine(polygon, np.array([(start, y), (end, y)], float))


def column(ink: np.ndarray, x: int, y: int, width: int, count: int) -> list[TextLine]:
    """Lines of one width below each other."""
    return [write(ink, x, y + STEP * row, width) for row in range(count)]

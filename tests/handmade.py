"""Pages for tests, drawn with OpenCV's script letters, with everything on them known."""

import cv2
import numpy as np
from numpy.typing import NDArray

TEXT = (
    "the quick brown fox jumped over",
    "all lazy dogs while the old tall",
    "bells of Halifax rang until dusk",
    "and the children walked back home",
    "hidden behind the high brick walls",
    "nothing else had been lost at all",
    "that cold and bright October day",
    "we filled the little boat to land",
)
PEN = (90, 40, 30)


def page(
    texts: tuple[str, ...] = TEXT,
    *,
    size: tuple[int, int] = (1600, 1240),
    pitch: int = 100,
    pen: tuple[int, int, int] = PEN,
) -> NDArray[np.uint8]:
    """A white BGR page of (height, width) with a line of script every `pitch` pixels, the first baseline at 200."""
    paper = np.full((*size, 3), 250, np.uint8)
    for number, text in enumerate(texts):
        write(paper, text, 120, 200 + number * pitch, pen=pen)
    return paper


def write(
    paper: NDArray[np.uint8], text: str, x: int, y: int, *, scale: float = 1.6, pen: tuple[int, int, int] = PEN
) -> None:
    """Puts script letters on the page with their baseline at y."""
    cv2.putText(paper, text, (x, y), cv2.FONT_HERSHEY_SCRIPT_COMPLEX, scale, pen, 2, cv2.LINE_AA)


def rule(
    paper: NDArray[np.uint8], *, step: int = 50, colour: tuple[int, int, int] = (225, 195, 180)
) -> NDArray[np.uint8]:
    """The page with level ruling every `step` pixels under the writing, and a red margin line."""
    lines = np.full_like(paper, 255)
    for y in range(step, len(paper), step):
        cv2.line(lines, (0, y), (paper.shape[1], y), colour, 2)
    cv2.line(lines, (90, 0), (90, len(paper)), (190, 190, 235), 2)
    return np.minimum(paper, lines)


def turn(paper: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """The page turned counter-clockwise about its centre, new corners white."""
    height, width = paper.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(paper, matrix, (width, height), borderValue=(250, 250, 250))


def shade(paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The page with light that falls from one corner and a soft shadow over the other."""
    height, width = paper.shape[:2]
    light = 1.0 - 0.45 * (np.arange(height)[:, None] / height) * (np.arange(width)[None] / width)
    light[height // 2 :, : width // 3] *= 0.75
    return (paper * cv2.GaussianBlur(light, (0, 0), 40)[:, :, None]).astype(np.uint8)

"""Where a photo shows writing on paper: what a sheet surely holds, and what no crop may take away."""

import cv2
import numpy as np

from pipeline.flatten.mapping import Pixels, Points
from pipeline.rows import rows_of, thin_strokes

# How far a colour may be from the paper's in the same light (0..255), and the least light on it as a share.
TONE, LEAST_LIGHT = 16, 0.25
GROUP, MUCH = 0.06, 0.1


def written_paper(picture: Pixels, bare: Pixels) -> Pixels:
    """(h, w) uint8, 1 where writing stands on paper in an (h, w, 3) BGR picture; bare: the same without its ink.

    Paper has the colour, in more or less light, that is seen between the strokes in the middle: a desk's grain and
    pattern mostly has another one.
    """
    strokes = thin_strokes(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    height, width = strokes.shape
    middle = slice(height // 4, -(height // 4)), slice(width // 4, -(width // 4))
    around = bare[middle][strokes[middle] > 0]
    paper = np.median(around if len(around) else bare[middle].reshape(-1, 3), axis=0)
    strokes[strokes > 0] = like_paper(bare[strokes > 0], paper)
    longer = max(height, width)
    lines = rows_of(strokes)
    # A spot by itself may be anything.
    sparse = np.ascontiguousarray(lines[::4, ::4])
    _, groups = cv2.connectedComponents(cv2.dilate(sparse, np.ones((round(GROUP * longer / 4),) * 2, np.uint8)))
    area = np.bincount(groups[sparse > 0], minlength=2)
    alone = (area < MUCH * area.max())[groups].view(np.uint8)
    return lines & (1 - cv2.resize(alone, (width, height), interpolation=cv2.INTER_NEAREST))


def like_paper(colours: Pixels, paper: Points, least_light: float = LEAST_LIGHT) -> Pixels:
    """(...,) bool, which of (..., 3) colours may be the paper's, (3,), in more or less light."""
    colours, paper = colours.astype(np.float32), paper.astype(np.float32)
    light = colours.sum(axis=-1, keepdims=True) / max(float(paper.sum()), 1.0)
    tone = np.abs(colours / np.maximum(light, 0.05) - paper).max(axis=-1)
    return np.asarray((tone < TONE) & (light[..., 0] > least_light))

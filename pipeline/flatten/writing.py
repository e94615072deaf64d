"""Where a photo shows writing on paper: what a sheet surely holds, and what no crop may take away."""

import cv2
import numpy as np

from pipeline.flatten.mapping import Pixels, Points

# How much darker than the paper beside them strokes are (0..255, and as a share of it), and how long they are at least,
# in pixels, and at most, as a share of the picture's longer side.
DARKER, SHARE, SHORT, LONG = 20, 0.14, 4, 0.15
# How far apart strokes stand in and between lines, and how high lines are at least, as shares of the longer side.
APART, HIGH = 0.02, 0.01
# How far a colour may be from the paper's in the same light (0..255), and the least light on it as a share.
TONE, LEAST_LIGHT = 16, 0.25
GROUP, MUCH = 0.06, 0.1


def written_paper(picture: Pixels, bare: Pixels) -> Pixels:
    """(h, w) uint8, 1 where writing stands on paper in an (h, w, 3) BGR picture; bare: the same without its ink.

    Paper has the colour, in more or less light, that is seen between the strokes in the middle: a desk's grain and
    pattern mostly has another one.
    """
    strokes = _strokes(picture)
    height, width = strokes.shape
    middle = slice(height // 4, -(height // 4)), slice(width // 4, -(width // 4))
    around = bare[middle][strokes[middle] > 0]
    paper = np.median(around if len(around) else bare[middle].reshape(-1, 3), axis=0)
    strokes[strokes > 0] = like_paper(bare[strokes > 0], paper)
    longer = max(height, width)
    lines = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, _round(APART * longer))
    lines = cv2.morphologyEx(lines, cv2.MORPH_OPEN, _round(HIGH * longer))
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


def _strokes(picture: Pixels) -> Pixels:
    """(h, w) uint8, 1 on dark strokes as thin and short as those of writing."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    least = cv2.max(cv2.convertScaleAbs(paper, alpha=SHARE), np.full_like(paper, DARKER))
    dark = cv2.compare(cv2.subtract(paper, grey), least, cv2.CMP_GT)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    sizes = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    fits = (sizes >= SHORT) & (sizes < LONG * max(grey.shape))
    fits[0] = False
    return fits[labels].view(np.uint8)


def _round(size: float) -> Pixels:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, round(size)),) * 2)

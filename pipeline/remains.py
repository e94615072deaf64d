"""What lies on a photographed page and is no ink: fingers, and what is left of the desk at its sides."""

import cv2
import numpy as np

from pipeline.binarize import Grey, Mask, stroke_levels

# No stroke of a pen is as thick as THICK all along, nor anywhere as thick as SOLID: shares of the root of the page's
# area, 0.3 mm to the pixel on a sheet of A4 at 125 dpi.
THICK, SOLID = 0.006, 0.011
# How far a side of a sheet may have been found beside its place, as a share of the page's length.
RIM = 0.02


def without_solids(small: Grey, light: Grey) -> Grey:
    """A page of even light, (h, w), with paper for what comes in from its rim and is too thick for a pen.

    light: the page's, of any size; 0 around the sheet. The dark ring around a finger goes, and a wedge of the desk.
    """
    height, width = small.shape
    dark = (small < 255 - stroke_levels(255 - small)[1]).view(np.uint8)
    thick, solid = (max(3, round(share * float(np.sqrt(small.size)))) for share in (THICK, SOLID))
    heart = cv2.erode(dark, _disk(solid))
    if not heart.any():
        return small
    blobs = cv2.morphologyEx(dark, cv2.MORPH_OPEN, _disk(thick))
    around = cv2.resize((light == 0).view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    rim = cv2.copyMakeBorder(around[1:-1, 1:-1], 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    rim = cv2.dilate(rim, _disk(2 * thick))
    count, labels = cv2.connectedComponents(blobs, connectivity=8, ltype=cv2.CV_32S)
    gone = np.zeros(count, np.uint8)
    gone[np.intersect1d(labels[heart > 0], labels[rim > 0])] = 1
    gone[0] = 0
    if not gone.any():
        return small
    return np.where(cv2.dilate(gone[labels], _disk(2 * thick)) > 0, np.uint8(255), small)


def slivers(ink: Mask) -> Mask:
    """What is left of the desk along the sides of a flattened sheet: ink at the page's rim that hardly leaves it."""
    rim = max(2, round(RIM * max(ink.shape)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    inner = np.bincount(labels[rim:-rim, rim:-rim].ravel(), minlength=count)
    sliver = inner < 0.35 * stats[:, cv2.CC_STAT_AREA]
    at_edge = np.zeros(count, bool)
    for side in (labels[:3], labels[-3:], labels[:, :3], labels[:, -3:]):
        at_edge[side] = True
    sliver &= at_edge
    sliver[0] = False
    return sliver[labels]


def _disk(size: int) -> Grey:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))

"""Lines of known outlines cut out of clean pages, turned first where cleaning took the page for lying on its side."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Grey
from pipeline.clean import CleanPage
from pipeline.lines import TextLine, crop_line

Points = NDArray[np.float64]


def turned(clean: CleanPage, turns: int) -> CleanPage:
    """The clean page so many quarter turns further counter-clockwise; its source points stay what they are."""
    if turns % 4 == 0:
        return clean
    grey, ink = (np.ascontiguousarray(np.rot90(part, turns)) for part in (clean.grey, clean.ink))
    even = None if clean.even is None else np.ascontiguousarray(np.rot90(clean.even, turns))
    # From points of the page turned to points of the page before, a quarter turn clockwise at a time.
    back = np.eye(3)
    height, width = clean.grey.shape
    for _ in range(turns % 4):
        back = back @ np.array([[0.0, -1.0, width - 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
        height, width = width, height
    left = clean.skew_degrees - 90 * turns
    return replace(clean, grey=grey, ink=ink, even=even, skew_degrees=left, to_source=clean.to_source @ back)


def cut_line(clean: CleanPage, outline: Points, baseline: Points) -> Grey:
    """The line on its own, level and on white paper. outline (N, 2), baseline (M, 2): points of the clean page."""
    _, firsts = np.unique(baseline[:, 0], return_index=True)  # in order from left to right
    return crop_line(clean, TextLine(outline, baseline[firsts]))

"""Lines of known outlines cut out of clean pages, turned first where cleaning misjudged which way up a page is."""

from collections.abc import Sequence
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


def as_written(clean: CleanPage, outlines: Sequence[Points], baselines: Sequence[Points | None]) -> CleanPage:
    """The clean page turned so that its known lines run across it, one under the other.

    outlines: (N, 2) each, and baselines where they are known, in pixels of the page as it came in, in reading order.
    """
    known = [(clean.clean_points(o), b) for o, b in zip(outlines, baselines, strict=True) if len(o)]
    if not known:
        return clean
    sizes = np.array([np.ptp(outline, axis=0) for outline, _ in known])
    level = float(np.median(sizes[:, 0] - sizes[:, 1])) >= 0
    taken_for = round(clean.skew_degrees / 90) % 4
    if not level and taken_for % 2 == 0:
        return clean  # short lines, such as numbers one under the other
    across = 1 if level else 0
    middles = np.array([(outline.max(axis=0) + outline.min(axis=0))[across] / 2 for outline, _ in known])
    below = [
        clean.clean_points(b)[:, across].mean() - y for (_, b), y in zip(known, middles, strict=True) if b is not None
    ]
    # Without baselines their order tells: a step to the next column counts for no more than one to the next line.
    height = float(np.median(sizes[:, across]))
    falls = float(np.median(below)) if below else float(np.diff(middles).clip(-height, height).sum())
    if level:
        return turned(clean, 2 if falls < 0 else 0)
    return turned(clean, taken_for if not falls else 1 if falls < 0 else 3)


def cut_line(clean: CleanPage, outline: Points, baseline: Points) -> Grey:
    """The line on its own, level and on white paper. outline (N, 2), baseline (M, 2): points of the clean page."""
    _, firsts = np.unique(baseline[:, 0], return_index=True)  # in order from left to right
    return crop_line(clean, TextLine(outline, baseline[firsts]))

"""Where a line that a person drew belongs among the lines of its page."""

from collections.abc import Sequence

import numpy as np

from pipeline.document import Line, Page
from pipeline.retouch.geometry import Frame, page_frame


def same_ink(one: Line, other: Line, frame: Frame) -> bool:
    """Whether two lines share half of the shorter one's length, and stand less than half a line apart."""
    (left, right, base, height), (left_2, right_2, base_2, height_2) = _span(one, frame), _span(other, frame)
    shared = min(right, right_2) - max(left, left_2)
    return shared > min(right - left, right_2 - left_2) / 2 and abs(base - base_2) < min(height, height_2) / 2


def paragraph_between(before: Sequence[Line], after: Sequence[Line]) -> int:
    """The paragraph of the lines around, if they share one; else a new one."""
    if before and after and before[-1].paragraph == after[0].paragraph:
        return before[-1].paragraph
    return max((line.paragraph for line in (*before, *after)), default=-1) + 1


def place_in_order(new: Line, page: Page) -> int:
    """Where a line belongs among those of its page: behind the one on its left or above it, or before one below."""
    frame = page_frame(page)
    spans = [_span(line, frame) for line in page.lines]
    u0, u1, base, height = _span(new, frame)
    if spans:
        height = float(np.median([span[3] for span in spans]))
    left = [
        (u0 - span[1], n)
        for n, span in enumerate(spans)
        if abs(span[2] - base) < 0.5 * height and span[0] < u0 and u0 - span[1] < 3 * height
    ]
    in_column = [(span[2] - base, n) for n, span in enumerate(spans) if span[0] < u1 and u0 < span[1]]
    above = [(-drop, n) for drop, n in in_column if drop < 0]
    # Under a line that begins at the same margin it goes on with that one's column, not with the row on its left.
    goes_on = bool(above) and abs(spans[min(above)[1]][0] - u0) < height
    if left and not (goes_on and min(left)[0] > height):
        return min(left)[1] + 1
    if above:
        return min(above)[1] + 1
    if in_column:
        return min(in_column)[1]
    return max((n for n, span in enumerate(spans) if span[2] < base), default=-1) + 1


def _span(line: Line, frame: Frame) -> tuple[float, float, float, float]:
    """Left and right end, height of the baseline, and height of a line, in a frame."""
    polygon, baseline = frame.inside(line.polygon), frame.inside(line.baseline or line.polygon)
    (u0, top), (u1, bottom) = polygon.min(axis=0), polygon.max(axis=0)
    return float(u0), float(u1), float(baseline[:, 1].mean()), float(bottom - top)

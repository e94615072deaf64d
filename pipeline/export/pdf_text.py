"""Invisible text over the ink: each word stands on its part of the baseline and is stretched to its width."""

import math
from collections.abc import Sequence
from itertools import pairwise

from pipeline.document import Line, Page, Point
from pipeline.export.flow import words_of
from pipeline.export.pdf_font import ADVANCE, Alphabet

# Where the baseline runs in an outline that comes without one, from its top (0) to its bottom (1).
BASELINE_AT = 0.75
SMALLEST = 1.0  # pixels
MOST_RISE = 0.5  # of a word that is set level, in shares of its height


def page_text(page: Page, scale: float, font: str, alphabet: Alphabet) -> bytes:
    """The content stream's part for all lines, in reading order; `scale` is points a pixel."""
    lines = [words for line in page.lines if (words := _line(page, line, scale, font, alphabet))]
    # 3 Tr: neither filled nor stroked.
    return ("BT 3 Tr\n" + "\n".join(lines) + "\nET\n").encode("ascii")


def _line(page: Page, line: Line, scale: float, font: str, alphabet: Alphabet) -> str:
    texts = [word.text for word in words_of(line)]
    baseline = _baseline(line)
    length = sum(math.dist(a, b) for a, b in pairwise(baseline))
    if not texts or length < SMALLEST:
        return ""
    # How tall the ink is: the outline's area by the baseline's length.
    size = max(_area(line.polygon) / length, SMALLEST)
    total = sum(map(len, texts)) + len(texts) - 1
    written, before = [f"{font} {size * scale:.3f} Tf"], 0
    for place, text in enumerate(texts):
        # A word's space belongs to it, so that what is selected has no gaps.
        said = text + (" " if place + 1 < len(texts) else "")
        start, end = (_along(baseline, length * share / total) for share in (before, before + len(said)))
        wide = math.dist(start, end)
        before += len(said)
        if wide < 1e-3:
            continue
        if abs(end[1] - start[1]) < MOST_RISE * size and end[0] > start[0]:
            # Poppler takes a word apart whose letters climb. A level one at its own height covers its ink as well.
            start, end = (start[0], (start[1] + end[1]) / 2), (end[0], (start[1] + end[1]) / 2)
            wide = end[0] - start[0]
        across, down = (end[0] - start[0]) / wide, (end[1] - start[1]) / wide
        stretch = 100 * wide / (len(said) * ADVANCE * size)
        x, y = start[0] * scale, (page.height - start[1]) * scale
        matrix = f"{across:.5f} {-down:.5f} {down:.5f} {across:.5f} {x:.3f} {y:.3f} Tm"
        written.append(f"{stretch:.3f} Tz {matrix} <{alphabet.encode(said)}> Tj")
    return "\n".join(written)


def _baseline(line: Line) -> Sequence[Point]:
    if len(line.baseline) > 1 and line.baseline[0] != line.baseline[-1]:
        return line.baseline
    x0, y0, x1, y1 = line.box
    level = y0 + BASELINE_AT * (y1 - y0)
    return (x0, level), (x1, level)


def _along(points: Sequence[Point], distance: float) -> Point:
    """The point this far along a polyline."""
    for a, b in pairwise(points):
        step = math.dist(a, b)
        if step and distance <= step:
            share = distance / step
            return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
        distance -= step
    return points[-1]


def _area(polygon: Sequence[Point]) -> float:
    ring = (*polygon, polygon[0])
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))) / 2

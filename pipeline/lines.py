"""Clean page -> text lines: outline, baseline, and a straightened crop for the reader."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.assign import Pixels, share_out
from pipeline.binarize import Grey, Mask, reduced
from pipeline.clean import WORKING_PIXELS, CleanPage
from pipeline.insertions import find_insertions
from pipeline.ridges import Ridge, find_ridges, writing_unit

# In small letters: how far an outline reaches at least above their middle and below the baseline.
BODY, FOOT = 0.6, 0.25
# How much of its height a crop reaches beyond the ends of its line.
ENDS = 0.2
# How high at least the highest piece of a line is, unless it has more than so many: tiny print beside large letters.
LETTER, SCRAPS = 0.4, 5


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of writing. polygon: (N, 2) around its ink; baseline: (M, 2) left to right; pixels of the clean page.

    inserted: whether it is words written above a line, to be read as part of it.
    """

    polygon: NDArray[np.float64]
    baseline: NDArray[np.float64]
    inserted: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """A page as it is looked at: pieces of ink at about working size, and the ridges along which lines run.

    labels, stats, centres: OpenCV's of the pieces; size: of small letters; a point here, over `scale`, plus `corner`
    is one of the page.
    """

    labels: NDArray[Any]
    stats: NDArray[Any]
    centres: NDArray[Any]
    size: float
    ridges: list[Ridge]
    scale: float
    corner: NDArray[np.int64]


def find_lines(page: CleanPage) -> list[TextLine]:
    """The text lines of a page from top to bottom; none where nothing is written."""
    sight = _look_at(page)
    if not sight:
        return []
    labels, stats, size, ridges = sight.labels, sight.stats, sight.size, sight.ridges
    words = find_insertions(labels, stats, ridges, size)
    word_of = np.zeros(len(stats), np.int64)
    for number, word in enumerate(words, start=1):
        word_of[word.pieces] = number
    labels = np.where(word_of[labels], 0, labels) if words else labels
    shares = share_out(labels, stats, sight.centres, ridges, size)
    full = [_has_letters(pixels, labels, stats, size) for pixels in shares]
    if not all(full):
        # What is no line of its own, as the bar of a T, may be a part of the next one.
        ridges = [ridge for ridge, is_full in zip(ridges, full, strict=True) if is_full]
        shares = share_out(labels, stats, sight.centres, ridges, size)
    lines = [
        _outline(pixels, ridge, size) for ridge, pixels in zip(ridges, shares, strict=True) if _is_writing(pixels, size)
    ]
    for number, word in enumerate(words, start=1):
        ys, xs = np.nonzero(word_of[sight.labels] == number)
        lines.append(replace(_outline(Pixels(xs, ys), word.ridge, word.size), inserted=True))
    placed = [
        replace(
            line,
            polygon=np.clip(line.polygon, 0, labels.shape[::-1]) / sight.scale + sight.corner,
            baseline=line.baseline / sight.scale + sight.corner,
        )
        for line in lines
    ]
    return sorted(placed, key=lambda line: float(line.baseline[:, 1].mean()))


def find_courses(page: CleanPage) -> list[NDArray[np.float64]]:
    """The ridges lines are built on, each (N, 2) in pixels of the clean page, left to right."""
    sight = _look_at(page)
    if not sight:
        return []
    courses = (np.column_stack([np.arange(ridge.x0, ridge.x1), ridge.ys]) for ridge in sight.ridges)
    return [course / sight.scale + sight.corner for course in courses]


def _look_at(page: CleanPage) -> Sight | None:
    """Pieces and ridges of what is written on a page; None where nothing is."""
    rows, columns = np.flatnonzero(page.ink.any(axis=1)), np.flatnonzero(page.ink.any(axis=0))
    if not len(rows):
        return None
    # A small sheet on a large desk is looked at as closely as one that fills the picture.
    corner = np.array([columns[0], rows[0]])
    written = page.ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = min(1.0, float(np.sqrt(WORKING_PIXELS / written.size)))
    ink = reduced(written.view(np.uint8) * np.uint8(255), scale) > 96 if scale < 1 else written
    _, labels, stats, centres = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    size = writing_unit(ink, stats[1:])
    if not size:
        return None
    drawn, stroke = _drawings(stats, size), _long_strokes(stats, size)
    set_aside = drawn | stroke
    ridges = find_ridges(~set_aside[labels] & ink if set_aside.any() else ink, size)
    if drawn.any():
        labels[drawn[labels]] = 0
    return Sight(labels, stats, centres, size, ridges, scale, corner)


def _drawings(stats: NDArray[Any], size: float) -> Mask:
    """What is no writing: hollow as drawings, solid as holes or borders, or tall and thin as a sheet's edge."""
    widths, heights = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    density = stats[:, cv2.CC_STAT_AREA] / np.maximum(widths * heights, 1)
    short = np.minimum(widths, heights)
    drawn = ((short > 4 * size) & (density < 0.06)) | ((short > 0.8 * size) & (density > 0.65))
    drawn |= (heights > 4 * size) & (widths < 0.1 * heights)
    drawn[0] = False
    return drawn


def _long_strokes(stats: NDArray[Any], size: float) -> Mask:
    """Which pieces are underlines, fraction bars or brackets, that belong to lines but don't show their course."""
    widths, heights = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    flat = (heights < 0.4 * size) & ((widths > 4 * size) | (widths > np.maximum(1.7 * size, 6 * heights)))
    return flat | ((heights > 2.5 * size) & (widths < 0.5 * size))


def _has_letters(pixels: Pixels, labels: NDArray[Any], stats: NDArray[Any], size: float) -> bool:
    """Whether a piece of the line is as high as a letter, or many are lower: a few dashes, dots or bars are scraps."""
    pieces = np.unique(labels[pixels.ys, pixels.xs])
    return len(pieces) > SCRAPS or (len(pieces) > 0 and int(stats[pieces, cv2.CC_STAT_HEIGHT].max()) > LETTER * size)


def _is_writing(pixels: Pixels, size: float) -> bool:
    extent = max(int(np.ptp(pixels.xs)), int(np.ptp(pixels.ys))) if len(pixels.xs) else 0
    return len(pixels.xs) >= 0.12 * size * size and extent >= 0.6 * size


def _outline(pixels: Pixels, ridge: Ridge, size: float) -> TextLine:
    x0, x1 = int(pixels.xs.min()), int(pixels.xs.max()) + 1
    xs = np.arange(x0, x1)
    middle = ridge.at(xs.astype(np.float64))
    base = middle + _baseline_drop(pixels.ys - middle[pixels.xs - x0], size)
    # Rows come from the top down, so the last one written to a column is its lowest, or its highest read backwards.
    top, bottom = middle - BODY * size, base + FOOT * size
    edge = np.full(len(xs), np.inf)
    edge[pixels.xs[::-1] - x0] = pixels.ys[::-1]
    top = np.minimum(top, edge)
    edge = np.full(len(xs), -np.inf)
    edge[pixels.xs - x0] = pixels.ys + 1
    bottom = np.maximum(bottom, edge)
    reach = max(1, round(0.12 * size))
    kernel = np.ones((1, 2 * reach + 1), np.uint8)
    top = cv2.erode(top.astype(np.float32)[None], kernel)[0] - 1
    bottom = cv2.dilate(bottom.astype(np.float32)[None], kernel)[0] + 1
    keep = np.unique(np.append(np.arange(0, len(xs), reach), len(xs) - 1))
    across = xs[keep].astype(np.float64)
    across[0], across[-1] = across[0] - 2, across[-1] + 3
    polygon = np.vstack([np.column_stack([across, top[keep]]), np.column_stack([across, bottom[keep]])[::-1]])
    stops = np.linspace(0, len(xs) - 1, max(2, int(len(xs) / (2 * size)))).astype(np.int64)
    return TextLine(polygon, np.column_stack([xs[stops], base[stops]]))


def _baseline_drop(below: NDArray[np.float64], size: float) -> float:
    """How far under the middle of the small letters the ink falls off, from each pixel's distance below that middle."""
    reach = int(size)
    profile = np.bincount(np.clip(below + reach, 0, 3 * reach).astype(np.int64), minlength=3 * reach + 1)
    smooth = np.convolve(profile, np.ones(3) / 3, "same")[reach : 2 * reach + 2]
    return float(np.argmax(smooth[:-2] - smooth[2:])) + 1


def crop_line(page: CleanPage, line: TextLine) -> Grey:
    """The line on its own: (h, w) uint8, paper about 255, baseline level, what is outside its outline painted over.

    It shows the page before ruling and faint marks were taken off: a reader makes more of a dot on a ruled line than
    of clean paper without it.
    """
    seen = page.grey if page.even is None else page.even
    height, width = seen.shape
    # A full stop too faint to be called ink may stand beyond the last letter.
    ends = max(4, round(ENDS * float(np.ptp(line.polygon[:, 1]))))
    beyond = np.array([ends, 4])
    x0, y0 = np.maximum(np.floor(line.polygon.min(axis=0)).astype(int) - beyond, 0)
    x1, y1 = np.minimum(np.ceil(line.polygon.max(axis=0)).astype(int) + beyond, [width, height])
    inside = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillPoly(inside, [np.round(line.polygon - [x0, y0]).astype(np.int32)], 255)
    outline = cv2.dilate(inside, np.ones((5, 5), np.uint8))
    inside = cv2.dilate(outline, np.ones((1, 2 * ends + 1), np.uint8))
    xs = np.arange(x1 - x0, dtype=np.float32)
    base = np.interp(xs + x0, line.baseline[:, 0], line.baseline[:, 1])
    rise = np.interp(line.polygon[:, 0], line.baseline[:, 0], line.baseline[:, 1]) - line.polygon[:, 1]
    above = (base - y0)[None] - np.arange(y1 - y0)[:, None]
    core = (above > 0) & (above < max(3.0, 0.7 * float(np.median(np.maximum(rise, 0)[rise >= np.median(rise)]))))
    foreign = _foreign(page.ink[y0:y1, x0:x1], outline, core)
    outside = np.where((inside > 0) & (foreign == 0), np.uint8(0), np.uint8(255))
    grey = cv2.max(seen[y0:y1, x0:x1], outside)

    shift = (base - base.mean()).astype(np.float32)
    margin = int(np.ceil(np.abs(shift).max()))
    rows = np.arange(-margin, len(grey) + margin, dtype=np.float32)
    level = cv2.remap(grey, np.tile(xs, (len(rows), 1)), rows[:, None] + shift[None], cv2.INTER_LINEAR, borderValue=255)
    return _trimmed(level)


def _foreign(ink: Mask, inside: Grey, core: Mask) -> Grey:
    """1 at and beside strokes of other lines: mostly outside the outline, not in the core of this line's letters."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(ink).view(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    beyond = np.bincount(pieces[ink & (inside == 0)], minlength=count)
    within = np.bincount(pieces[ink & core], minlength=count)
    area = stats[:, cv2.CC_STAT_AREA]
    foreign = (beyond > 0.6 * area) & (within < np.minimum(12, 0.4 * area))
    return cv2.dilate(foreign.astype(np.uint8)[pieces], np.ones((5, 5), np.uint8))


def _trimmed(grey: Grey, margin: int = 3) -> Grey:
    dark = grey < 200
    rows, columns = np.nonzero(dark.any(axis=1))[0], np.nonzero(dark.any(axis=0))[0]
    if not len(rows):
        return grey
    part = grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cv2.copyMakeBorder(part, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=255)

"""Ink from paper: a grey that keeps every pen dark, the light taken out, ruling found, and what is left called ink."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.rows import clear_rows

# OpenCV's type stubs know no more of its arrays: (h, w) uint8, or (h, w, 3) BGR where said.
Grey = NDArray[Any]
Mask = NDArray[np.bool_]

# How dark (0 paper .. 255 black) a pixel must be to be looked at, and at least how dark the heart of a stroke is.
FAINTEST, FAINTEST_STROKE, FAINTEST_RULING = 22, 38, 14

# Light is looked at on a copy so much smaller.
LIGHT = 0.125

# The least share of a ruled line's length that is dark.
SOLID = 0.84

# Darker than this share of the sheet's brightness is no paper in shadow, but what the sheet lies on.
DESK = 0.6
# Over 40 pixels (at 125 dpi) the least change from desk to sheet, as a share of the sheet's brightness.
SHARP = 0.3
# A page whose darkest paper is brighter than this share of its brightest has no shadows to speak of.
EVEN = 0.9
# How far around a row of writing one sees on what it stands, and how much of it tells, in pixels at 16 dpi.
AROUND, WRITTEN = 9, 8


def pen_grey(pixels: Grey) -> Grey:
    """The darker of red and green of a BGR page: dark for every pen, light for yellow highlighter."""
    return cv2.min(cv2.extractChannel(pixels, 1), cv2.extractChannel(pixels, 2))


def reduced(image: NDArray[Any], factor: float) -> NDArray[Any]:
    """The image at a fraction of its size, but at least a pixel."""
    height, width = image.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    # Halving averages exactly and at once; OpenCV's area mode takes ten times as long for any other fraction.
    while factor <= 0.5 and min(image.shape[:2]) > 1:
        image = cv2.resize(image, (image.shape[1] // 2, image.shape[0] // 2), interpolation=cv2.INTER_AREA)
        factor *= 2
    return cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)


def paper_light(grey: Grey, outside: Grey | None = None) -> Grey:
    """The brightness of the bare paper at each pixel of a page, at a size of LIGHT; 0 around the sheet.

    outside: uint8 of about that size, not 0 where that is known not to be the page.
    """
    small = reduced(grey, LIGHT)
    known = np.zeros(small.shape, np.bool_)
    if outside is not None:
        known = cv2.resize(outside, small.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    around = find_surround(small, grey, known)
    small[known] = 0
    bright = cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    if around.any():
        # The sheet goes on beyond its edge as bright as it is there, so that its edge looks like paper.
        sheet = (~around).astype(np.float32)
        weight = cv2.GaussianBlur(sheet, (0, 0), 8) + 1e-6
        beyond = cv2.GaussianBlur(bright * sheet, (0, 0), 8) / weight
        bright = np.where(around & (weight > 1e-3), beyond, bright).astype(np.uint8)
    size = max(1, min(31, min(small.shape) // 4 * 2 - 1))
    light = cv2.GaussianBlur(cv2.medianBlur(bright, size), (0, 0), 3)
    if _is_uneven(light[~around]):
        # A page with shadows: what is darker over more than a thick stroke's width lies in one, to its very rim.
        shaded = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)))
        shaded = np.where(around, bright, shaded)
        light = cv2.GaussianBlur(cv2.medianBlur(shaded, 5), (0, 0), 1)
    light[around] = 0
    return light


def _is_uneven(light: Grey) -> bool:
    """Whether the darkest parts of the paper are in shadow, from its brightness at each pixel."""
    dark, bright = np.percentile(light, (5, 95)) if light.size else (255, 255)
    return bool(dark < EVEN * bright)


def find_surround(small: Grey, grey: Grey, known: Mask) -> Mask:
    """What lies around the sheet and touches the picture's edge: a darker desk, or a flat colour filled in.

    small: the page `grey` at a size of LIGHT, so that strokes are a pixel or two thick. known: what of it is around
    the sheet for sure. What rows of writing stand on is a coloured part of the page.
    """
    height, width = small.shape
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    inner = paper[height // 4 : height - height // 4, width // 4 : width - width // 4]
    usual = float(np.median(inner))
    square = np.ones((3, 3), np.uint8)
    flat = cv2.dilate(small, square) == cv2.erode(small, square)
    desk = (paper < DESK * usual) & ~known
    filled = flat & (cv2.absdiff(small, np.full_like(small, round(usual))) > 5) & ~known
    # A desk ends where the sheet begins; a shadow fades.
    change = cv2.morphologyEx(paper, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    beside = ~(desk | filled | known)
    rest = desk & ~filled
    found, patches = np.zeros_like(filled), _at_edge(filled, small.size)
    if not (patches.any() or (_at_edge(rest | _widened(known, 9), small.size) & rest).any()):
        return known
    rows = cv2.resize(clear_rows(grey), small.shape[::-1], interpolation=cv2.INTER_NEAREST)
    for piece in _pieces(patches):
        if not _is_written_on(piece, rows):
            found |= piece
    # What is left of a desk, or a finger, beside what was filled in or is known; that is no paper to compare it with.
    cut = found | known
    beside &= ~_widened(cut, 11)
    for piece in _pieces(_at_edge(rest | _widened(cut, 9), small.size) & rest):
        rim = beside & _widened(piece, 3)
        is_sharp = not rim.any() or np.median(change[rim]) >= SHARP * usual
        if is_sharp and not _is_written_on(piece, rows):
            found |= piece
    found = _widened(found, 5)
    return found | known if found.mean() < 0.85 else known


def _widened(mask: Mask, size: int) -> Mask:
    return cv2.dilate(mask.view(np.uint8), np.ones((size, size), np.uint8)).view(np.bool_)


def _is_written_on(piece: Mask, rows: Grey) -> bool:
    """Whether a row stands on a piece: most of what is around its letters belongs to it."""
    ground = (1 - rows).astype(np.float32)
    share = cv2.blur(ground * piece, (AROUND, AROUND)) > 0.5 * cv2.blur(ground, (AROUND, AROUND))
    return int(np.count_nonzero(share & (rows > 0))) > WRITTEN


def _at_edge(mask: Mask, area: int) -> Mask:
    """The pieces of a mask that touch the picture's edge and are more than a speck of its area."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    edge = np.zeros(count, bool)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        edge[side] = True
    edge &= stats[:, cv2.CC_STAT_AREA] >= 0.003 * area
    edge[0] = False
    return edge[labels]


def _pieces(mask: Mask) -> list[Mask]:
    count, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    return [labels == number for number in range(1, count)]


def even_light(grey: Grey, light: Grey) -> Grey:
    """The page as it looks with paper at 255 everywhere."""
    height, width = grey.shape
    full = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    # One is added to both, so that a black page is paper as well as a white one.
    return cv2.divide(cv2.convertScaleAbs(grey, beta=1), cv2.convertScaleAbs(full, beta=1), scale=255)


def find_ruling(darkness: Grey) -> tuple[Grey, Grey]:
    """The thin straight lines of ruled or squared paper, as 255: where no stroke covers them, and all of them."""
    reach = max(40, min(darkness.shape) // 12)
    level = _long_thin(darkness, reach)
    upright = cv2.transpose(_long_thin(cv2.transpose(darkness), reach))
    ruling = level | upright
    if not ruling.any():
        return ruling, ruling
    heart, rim = stroke_levels(darkness)
    covered = 1.3 * float(np.percentile(darkness[ruling > 0], 85)) + 8
    if covered < 2.1 * heart:
        strokes = (darkness >= covered).view(np.uint8)
    else:
        # Ruling as dark as the pen: a stroke is what stands out above and below a level line, or beside an upright one.
        ink = (darkness >= rim).view(np.uint8)
        tall = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((9, 1), np.uint8))
        wide = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, 9), np.uint8))
        strokes = np.where(upright, wide, tall)
    return ((ruling & (1 - strokes)) | (level & upright)) * np.uint8(255), ruling * np.uint8(255)


def _long_thin(darkness: Grey, reach: int) -> Grey:
    """Level lines (1) at most six pixels thick, with straight runs of `reach` pixels and twice as long in all."""
    thick = cv2.morphologyEx(darkness, cv2.MORPH_OPEN, np.ones((7, 1), np.uint8))
    thin = (cv2.subtract(darkness, thick) >= FAINTEST_RULING).view(np.uint8)
    # Small gaps and single-pixel steps of a line that is not quite level are bridged before long runs are looked for.
    bridged = cv2.morphologyEx(thin, cv2.MORPH_CLOSE, np.ones((3, 9), np.uint8))
    runs = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, reach), np.uint8))
    # Bridged gaps between small letters make runs too; a ruled line is dark, or crossed, nearly all along.
    _, dark = cv2.threshold(darkness, FAINTEST_RULING - 1, 255, cv2.THRESH_BINARY)
    solid = (cv2.blur(dark, (reach, 1)) >= SOLID * 255).view(np.uint8)
    runs = cv2.bitwise_and(runs, cv2.dilate(solid, np.ones((1, reach), np.uint8)))
    runs = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((1, 25), np.uint8))
    # Every eighth column shows all there is to runs that long.
    sparse = np.ascontiguousarray(runs[:, ::8])
    count, labels, stats, _ = cv2.connectedComponentsWithStats(sparse, connectivity=8, ltype=cv2.CV_32S)
    keep = np.zeros(count, np.uint8)
    keep[1:] = stats[1:, cv2.CC_STAT_WIDTH] >= reach // 4
    kept = np.repeat(keep[labels], 8, axis=1)[:, : runs.shape[1]]
    return cv2.dilate(cv2.bitwise_and(runs, cv2.dilate(kept, np.ones((3, 15), np.uint8))), np.ones((3, 1), np.uint8))


def stroke_levels(darkness: Grey) -> tuple[int, int]:
    """How dark the heart and the rim of a stroke are on this page, from the darkness of whatever is not paper."""
    histogram = cv2.calcHist([darkness], [0], None, [256], [0, 256]).ravel()
    histogram[:FAINTEST] = 0
    total = histogram.sum()
    if not total:
        return 255, 255
    ink = int(np.searchsorted(np.cumsum(histogram), 0.9 * total))
    return max(FAINTEST_STROKE, int(0.45 * ink)), max(FAINTEST, int(0.26 * ink))


def find_ink(darkness: Grey, ruled: Grey) -> Mask:
    """Strokes: pixels of at least rim darkness, joined to a heart of a stroke, and more than a speckle.

    Ink that shines through from the back has no heart, so it goes; so do flat scraps of the lines in `ruled` (255).
    """
    heart, rim = stroke_levels(darkness)
    weak = (darkness >= rim).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8, ltype=cv2.CV_32S)
    hearts = np.bincount(labels[darkness >= heart], minlength=count)
    area = stats[:, cv2.CC_STAT_AREA]
    scraps = np.bincount(labels[ruled > 0], minlength=count) >= 0.7 * area
    scraps &= np.minimum(stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]) <= 5
    keep = (hearts >= np.maximum(2, 0.1 * area)) & (area >= 7) & ~scraps
    keep[0] = False
    return keep[labels]

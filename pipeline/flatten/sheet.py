"""The sheet in a photo: which part of the picture is the page, and the four curves that bound it."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.binarize import reduced
from pipeline.flatten.mapping import Pixels, Points
from pipeline.flatten.region import core_of, corners_of, is_sheet, outline_of, rims, without_sides
from pipeline.flatten.sides import (
    FAR_OUT,
    OUT,
    SAMPLES,
    Side,
    Sides,
    beyond,
    joined,
    leaves_picture,
    moved_out,
    not_askew,
    side_between,
)
from pipeline.flatten.writing import like_paper, written_paper
from pipeline.rows import clear_rows

# Length of the longer side of the copy on which the sheet is found; its sides are then found on one twice as long.
LOOK = 420
# So many pixels of writing beyond a side tell that the sheet goes on there.
WRITTEN, CLOSE = 3, 7
# How far beyond a side paper is looked for, as a share of the picture's longer side; on what share of that it is seen,
# and the least light on it, as a share of that within: a shadow is no darker.
DEPTH, PAPER, LEAST_LIGHT = 0.15, 0.5, 0.45
# The least ratio of opposite sides of a page before a camera.
ALIKE = 0.5
# What rises less than this share of its length is no side of a sheet on a desk, but a band printed on a scan.
LEVEL = 0.003
# What is taken off along the side of a sheet, as a share of the picture's longer side: its shadow and the blur.
RIM = 0.004


@dataclass(frozen=True, slots=True)
class Sheet:
    """sides: top, right, bottom and left. is_whole: whether all of the sheet lies between them, so that it can be laid
    flat; else only those sides that are seen tell where the desk begins."""

    sides: Sides
    is_whole: bool

    def desk(self, size: float) -> list[Points]:
        """(N, 2) outlines of what lies beyond each side that is seen; size: the picture's longer side, in pixels."""
        return [beyond(side, 2 * size, RIM * size) for side in self.sides if side.seen]


def find_sheet(photo: Pixels) -> Sheet | None:
    """The sheet in an (H, W, 3) BGR photo; None where no side of it is clearly seen, as on a scan."""
    height, width = photo.shape[:2]
    scale = min(1.0, 2 * LOOK / max(height, width))
    fine = reduced(photo, scale)
    if min(fine.shape[:2]) < 64:
        return None
    bare = without_ink(fine, 9)
    written = written_paper(fine, bare)
    small, core = (
        cv2.resize(part, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for part in (bare, core_of(written))
    )
    desks = rims(small, core)
    best: tuple[bool, float, Sheet | None] = False, 0.0, None
    sides: Sides | None = None
    are_rows_known = False
    # First as if all of the sheet were in the picture, then as if it went on where the picture's rim looks like it,
    # then as if it went on wherever no side was seen.
    for attempt in range(len(desks) + 1):
        unseen = tuple(not side.seen for side in sides) if sides else (True,) * 4
        desk = [*desks, without_sides(desks[0], unseen)][attempt]
        if not desk.any() or (attempt == len(desks) and not any(unseen)):
            continue
        outline = outline_of(small, core, desk) * 2 + 0.5
        corners = corners_of(outline)
        if not is_sheet(corners, bare.shape[:2]):
            continue
        top, right, bottom, left = (side_between(bare, outline, corners[n], corners[(n + 1) % 4]) for n in range(4))
        sides = top, right, bottom, left
        if not any(side.seen for side in sides):
            continue
        if not are_rows_known:
            # No writing may be cut off, but only that on paper tells which colour the sheet has: it has coloured parts.
            written |= clear_rows(cv2.cvtColor(fine, cv2.COLOR_BGR2GRAY))
            are_rows_known = True
        sheet = _believed(sides, written, bare)
        if sheet:
            seen = sum(float(np.linalg.norm(side.end - side.start)) for side in sheet.sides if side.seen)
            best = max(best, (sheet.is_whole, seen, sheet), key=lambda found: found[:2])
            if sheet.is_whole and all(side.seen for side in sheet.sides):
                break
    return _enlarged(best[2], scale) if best[2] else None


def _believed(sides: Sides, written: Pixels, bare: Pixels) -> Sheet | None:
    """The sheet inside four sides, or as many of them as surely part it from the desk; None where none does."""
    unseen = [side for side in sides if not side.seen]
    if len(unseen) <= 1 or (len(unseen) == 2 and all(leaves_picture(side, bare.shape) for side in unseen)):
        # A sheet cut short loses its text: a side that is not seen is moved out over what may be paper, or written on.
        for out in (OUT, FAR_OUT):
            guessed = [side if side.seen else _guessed(side, sides[n - 2], bare, out) for n, side in enumerate(sides)]
            whole = joined(guessed)
            if whole and _is_page(whole) and not _is_written_beyond(whole, written):
                return Sheet(whole, True)
    top, right, bottom, left = (replace(side, seen=side.seen and _ends_sheet(side, written, bare)) for side in sides)
    sheet = Sheet((top, right, bottom, left), False)
    return sheet if any(side.seen for side in sheet.sides) else None


def _guessed(side: Side, opposite: Side, bare: Pixels, out: float) -> Side:
    """Where a side that is not seen may be, rather too far out than too near."""
    level = not_askew(side, opposite)
    if level is not side:
        return moved_out(level, bare.shape, FAR_OUT)
    return moved_out(side, bare.shape, out) if out > OUT or _is_paper_beyond(side, bare) else side


def _is_page(sides: Sides) -> bool:
    """Whether opposite sides are about as long as those of a page before a camera."""
    top, right, bottom, left = (float(np.linalg.norm(side.end - side.start)) for side in sides)
    return min(top, bottom) > ALIKE * max(top, bottom) and min(left, right) > ALIKE * max(left, right)


def _is_written_beyond(sides: Sides, written: Pixels) -> bool:
    """Whether writing lies outside of what four sides bound."""
    inside = np.zeros_like(written)
    outline = np.vstack([side.points(np.linspace(0, 1, SAMPLES)) for side in sides])
    cv2.fillPoly(inside, [np.round(outline).astype(np.int32)], 1)
    # Rows of writing are a little wider than their letters.
    return int((written > cv2.dilate(inside, np.ones((CLOSE, CLOSE), np.uint8))).sum()) > WRITTEN


def _ends_sheet(side: Side, written: Pixels, bare: Pixels) -> bool:
    """Whether desk begins at a side, and not the shadow on a page or a band printed across it."""
    rise, run = sorted(np.abs(np.diff(side.points(np.array([0.1, 0.9])), axis=0)[0]))
    if rise < LEVEL * run or _is_paper_beyond(side, bare):
        return False
    past = np.zeros_like(written)
    cv2.fillPoly(past, [np.round(beyond(side, 2.0 * max(written.shape))).astype(np.int32)], 1)
    return int((written & past).sum()) <= WRITTEN


def _is_paper_beyond(side: Side, bare: Pixels) -> bool:
    """Whether what lies beyond a side has the colour of what lies within; so has what is outside the picture."""
    chord, points = side.end - side.start, side.points(np.linspace(0.03, 0.97, SAMPLES))
    away = DEPTH * max(bare.shape) / float(np.linalg.norm(chord)) * np.array([chord[1], -chord[0]])
    past, within = (
        (points[:, None] + np.linspace(0.05, 1, 12)[:, None] * way).round().astype(np.int64).reshape(-1, 2)
        for way in (away, -away)
    )
    near, paper = (part[((part >= 0) & (part < bare.shape[1::-1])).all(axis=1)] for part in (past, within))
    if not len(near) or not len(paper):
        return True
    colour = np.median(bare[paper[:, 1], paper[:, 0]], axis=0)
    return bool(like_paper(bare[near[:, 1], near[:, 0]], colour, LEAST_LIGHT).mean() >= PAPER)


def without_ink(pixels: Pixels, size: int) -> Pixels:
    """The picture with dark strokes thinner than `size` pixels filled by what is around them."""
    return cv2.medianBlur(
        cv2.morphologyEx(pixels, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))), 3
    )


def _enlarged(sheet: Sheet, scale: float) -> Sheet:
    """The sheet in pixels of the photo, found on a copy `scale` times as large."""
    top, right, bottom, left = (
        Side((side.start + 0.5) / scale - 0.5, (side.end + 0.5) / scale - 0.5, side.curve / scale, side.seen)
        for side in sheet.sides
    )
    return Sheet((top, right, bottom, left), sheet.is_whole)

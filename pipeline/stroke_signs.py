"""The signs of a possible stroke under or through words: how it lies to the letters of its line, and how dark it is."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask
from pipeline.clean import CleanPage
from pipeline.lines import TextLine

# Lines are looked at with small letters so many pixels high; other lengths are in small letters.
UNIT = 20
ABOVE, BELOW, BESIDE = 2.6, 2.2, 2.5
# A stroke: so long at one slope, up to so steep, so thick at most, with gaps up to so wide, and so long at least.
PIECE, STEEPEST, THICKEST, GAP, SHORTEST = 1.7, 0.15, 0.8, 0.7, 1.8
# As a share of the pen's darkness: what is looked at.
DARK = 0.55
LONGEST = 32_767  # pixels
# So far the feet of letters come out below a stroke; what comes out farther are tails, or letters in the next line.
FOOT = 0.1, 0.45
# As a share of its own darkness: what goes on before or behind it, and it is ruling.
GOES_ON = 0.6


class Course(NamedTuple):
    """The middle of a possible stroke: `ys` are its rows from column `x` on; `thick` is in pixels, too."""

    x: int
    ys: NDArray[np.float64]
    thick: float


class Strip(NamedTuple):
    """A line made level, (h, w): darkness as a share of its pen's, where it is dark, and the line's own ink."""

    darkness: NDArray[Any]
    dark: Mask
    own: Mask


class Signs(NamedTuple):
    """What is known of a possible stroke; lengths in small letters, heights from their feet (-1 is their top).

    start, end: in shares of the line's ink. cover: how much of it has letters over or under it. whole: how much of the
    words it touches it covers. over: how far it reaches past them at the end where it does so less. low: the share of
    ink around it that lies below. up, down, cut: how many letters touch it from above, from below, and go through;
    hanging: touch it from below alone. feet: the share of those from above whose feet come out below it.
    touched: the share of it that letters stand on. below: the share with ink close below. darkness: of what is not
    touched. ahead: of what lies where it would go on.
    """

    start: float
    end: float
    length: float
    height: float
    depth: float
    cover: float
    whole: float
    over: float
    low: float
    up: int
    down: int
    cut: int
    hanging: int
    feet: float
    touched: float
    below: float
    darkness: float
    ahead: float

    @property
    def is_ruling(self) -> bool:
        return self.ahead > GOES_ON * self.darkness or self.over > 0.75 * BESIDE


def body_height(page: CleanPage, line: TextLine) -> float:
    """How high most of a line's ink stands, in pixels; 0 where there is hardly any."""
    (left, top), (right, bottom) = (
        np.maximum(line.polygon.min(axis=0), 0).astype(int),
        line.polygon.max(axis=0).astype(int),
    )
    ink = page.ink[top : bottom + 1, left : right + 1]
    ys, xs = np.nonzero(ink & _inside(line, (left, top), ink.shape))
    if len(ys) < UNIT:
        return 0.0
    above = np.interp(xs + left, line.baseline[:, 0], line.baseline[:, 1]) - (ys + top)
    low, high = np.percentile(above, (10, 85))
    return float(high - low)


def _inside(line: TextLine, corner: tuple[int, int], shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(line.polygon - corner).astype(np.int32)], 1)
    return mask > 0


def signs_of(page: CleanPage, line: TextLine, height: float) -> list[Signs]:
    """The signs of all possible strokes of a line whose small letters are so high in pixels."""
    strip = _strip(page, line, height)
    if strip is None:
        return []
    level = _level_ink(strip.dark)
    courses = [course for course in _courses(level) if len(course.ys) >= SHORTEST * UNIT]
    body = _body(strip, courses) if courses else None
    return [_measure(strip, level, body, course) for course in courses] if body else []


def _strip(page: CleanPage, line: TextLine, height: float) -> Strip | None:
    """The line and what stands beside, above and below it; its ruling is left on."""
    scale = UNIT / height
    x0, x1 = line.polygon[:, 0].min() - BESIDE * height, line.polygon[:, 0].max() + BESIDE * height
    xs = x0 + np.arange(max(int((x1 - x0) * scale) + 2, 4)) / scale
    rows = np.arange(-ABOVE * UNIT, BELOW * UNIT)[:, None] / scale
    ys = np.interp(xs, line.baseline[:, 0], line.baseline[:, 1]) + rows
    corner = max(int(x0) - 2, 0), max(int(ys.min()) - 2, 0)
    part = slice(corner[1], int(ys.max()) + 3), slice(corner[0], int(xs[-1]) + 4)
    grey, ink = (page.grey if page.even is None else page.even)[part], page.ink[part]
    own = ink & _inside(line, corner, ink.shape)
    # OpenCV looks at no longer ones.
    if not own.any() or max(len(xs), own.shape[1]) >= LONGEST:
        return None
    darkness = np.subtract(255, grey, dtype=np.float32)
    pen = float(np.percentile(darkness[own], 60))
    if scale < 0.7:
        darkness = cv2.GaussianBlur(darkness, (0, 0), 0.35 / scale).astype(np.float32)
    across = np.broadcast_to(xs - corner[0], ys.shape).astype(np.float32)
    down = (ys - corner[1]).astype(np.float32)
    seen = cv2.remap(darkness, across, down, cv2.INTER_LINEAR, borderValue=0) / max(pen, 1.0)
    written = cv2.remap(own.astype(np.float32), across, down, cv2.INTER_LINEAR, borderValue=0) > 0.4
    return Strip(seen, seen > DARK, written) if written.any() else None


def _level_ink(dark: Mask) -> Mask:
    """Ink that goes on at one slope."""
    ink = cv2.morphologyEx(dark.view(np.uint8), cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    length = int(PIECE * UNIT)
    found = np.zeros(dark.shape, bool)
    for slope in np.linspace(-STEEPEST, STEEPEST, 7):
        rise = slope * length / 2
        middle = int(np.ceil(abs(rise)))
        piece = np.zeros((2 * middle + 1, length), np.uint8)
        cv2.line(piece, (0, round(middle - rise)), (length - 1, round(middle + rise)), 1, 1)
        found |= cv2.morphologyEx(ink, cv2.MORPH_OPEN, piece) > 0
    return found


def _courses(level: Mask) -> list[Course]:
    """Pieces of level ink from left to right, those in a row joined."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(level.view(np.uint8), connectivity=8)
    pieces: list[Course] = []
    for number in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[number])
        mask = labels[y : y + height, x : x + width] == number
        thick = mask.sum(axis=0)
        if np.median(thick) <= THICKEST * UNIT:
            ys = (mask * np.arange(y, y + height)[:, None]).sum(axis=0) / np.maximum(thick, 1)
            pieces.append(Course(x, ys, float(np.median(thick))))
    joined: list[Course] = []
    for piece in sorted(pieces, key=lambda piece: piece.x):
        for place, other in enumerate(joined):
            gap = piece.x - (other.x + len(other.ys))
            if -0.3 * UNIT < gap < GAP * UNIT and abs(piece.ys[:8].mean() - other.ys[-8:].mean()) < 0.15 * UNIT:
                bridge = np.linspace(other.ys[-1], piece.ys[0], max(gap, 0) + 2)[1:-1]
                ys = np.concatenate([other.ys, bridge, piece.ys[max(-gap, 0) :]])
                joined[place] = Course(other.x, ys, max(piece.thick, other.thick))
                break
        else:
            joined.append(piece)
    return joined


def _body(strip: Strip, courses: Sequence[Course]) -> tuple[int, int] | None:
    """The rows of head and foot of the small letters, by the ink that no stroke covers."""
    free = np.ones(strip.own.shape, bool)
    for course in courses:
        reach = int(np.ceil(course.thick / 2)) + 1
        columns = np.arange(course.x, course.x + len(course.ys))
        for offset in range(-reach, reach + 1):
            free[np.round(course.ys + offset).astype(int).clip(0, len(free) - 1), columns] = False
    ends = np.flatnonzero(strip.own.any(axis=0))
    free[:, : ends[0]] = free[:, ends[-1] + 1 :] = False
    widths = free.sum(axis=1)
    known = np.flatnonzero(widths > 0.2 * (ends[-1] - ends[0] + 1))
    if len(known) < UNIT / 2:
        return None
    ink = np.interp(np.arange(len(free)), known, (strip.own & free).sum(axis=1)[known] / widths[known])
    ink = np.convolve(ink, np.ones(3) / 3, "same")[: int((ABOVE + 0.8) * UNIT)]
    if not ink.any():
        return None
    rows = np.flatnonzero(ink > 0.4 * np.percentile(ink[ink > 0], 90))
    breaks = [0, *(n for n, (a, b) in enumerate(pairwise(rows), 1) if b - a > 4), len(rows)]
    zones = [(int(rows[a]), int(rows[b - 1])) for a, b in pairwise(breaks)]
    return max(zones, key=lambda zone: zone[1] - zone[0])


def _measure(strip: Strip, level: Mask, body: tuple[int, int], course: Course) -> Signs:
    head, foot = body
    x, ys, thick = course
    size, half = len(ys), max(thick / 2, 1.0)
    columns, middle = np.arange(x, x + size), np.round(ys).astype(int)
    lowest = len(strip.dark) - 1

    def near(first: float, last: float) -> NDArray[np.float64]:
        """For each column the share of dark rows between two distances below the stroke's middle."""
        rows = middle[:, None] + np.arange(first, last).round().astype(int)
        shares: NDArray[np.float64] = strip.dark[rows.clip(0, lowest), columns[:, None]].mean(axis=1)
        return shares

    up = near(-half - 0.3 * UNIT, -half - 0.05 * UNIT) > 0.6
    down = near(half + 0.05 * UNIT + 1, half + 0.3 * UNIT + 1) > 0.6
    ups, downs = _runs(_spread(up, 3)), _runs(_spread(down, 3))
    cut = sum(any(_meet(one, other, 4) for other in downs) for one in ups)
    hanging = sum(not any(_meet(one, other, 5) for other in ups) for one in downs)

    reach = (middle[:, None] + np.arange(0.7 * UNIT).astype(int)).clip(0, lowest)
    depth = np.logical_and.accumulate(strip.dark[reach, columns[:, None]], axis=1).sum(axis=1)
    free = ~_spread(up, 5)
    edge = float(np.median(depth[free] if free.any() else depth))
    out = [depth[max(first - 2, 0) : last + 2].max() - edge for first, last in ups]

    letters = strip.own & (cv2.dilate(level.view(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    words = [run for run in _runs(_closed(letters[head : foot + 1].any(axis=0), 5)) if run[1] - run[0] > 2]
    touched = [(a, b) for a, b in words if min(b, x + size) - max(a, x) > 0.3 * (b - a)]
    covered = sum(min(b, x + size) - max(a, x) for a, b in touched)
    here, rows = letters[:, x : x + size], np.arange(len(letters))[:, None]
    above = int((here & (rows < middle) & (rows > middle - 1.7 * UNIT)).sum())
    below = int((here & (rows > middle) & (rows < middle + 1.7 * UNIT)).sum())

    path = np.max([strip.darkness[(middle + d).clip(0, lowest), columns] for d in (-1, 0, 1)], axis=0)
    bare = ~_spread(up | down, 5)
    darkness = np.percentile(path[bare], 40) if bare.sum() > 0.4 * UNIT else np.percentile(path, 10)
    # A hand draws an outline wider than the ink.
    ends = np.flatnonzero(strip.own.any(axis=0))
    first, length = ends[0], ends[-1] + 1 - ends[0]
    return Signs(
        start=float((x - first) / length),
        end=float((x + size - first) / length),
        length=size / UNIT,
        height=float(np.median(ys) - foot) / max(foot - head, 6),
        depth=float(np.median(ys) - head) / max(foot - head, 6),
        cover=float(_spread(here[max(head - 2, 0) : foot + 1].any(axis=0), int(0.8 * UNIT)).mean()),
        whole=covered / max(sum(b - a for a, b in touched), 1),
        over=min(touched[0][0] - x, x + size - touched[-1][1]) / UNIT if touched else 0.0,
        low=below / max(above + below, 1),
        up=len(ups),
        down=len(downs),
        cut=cut,
        hanging=hanging,
        feet=float(np.mean([FOOT[0] <= one / UNIT <= FOOT[1] for one in out] or [0])),
        touched=float(up.mean()),
        below=float(_spread(near(half + 0.2 * UNIT + 1, half + 0.85 * UNIT) > 0, 7).mean()),
        darkness=float(darkness),
        ahead=max(_ahead(strip, course, -1), _ahead(strip, course, 1)),
    )


def _ahead(strip: Strip, course: Course, side: int) -> float:
    """How dark it is where a stroke would go on to the left (-1) or right (1)."""
    x, ys, _ = course
    size, reach = len(ys), np.arange(0.4 * UNIT, 2.4 * UNIT)
    end = slice(0, 4 * UNIT) if side < 0 else slice(-4 * UNIT, None)
    slope, start = np.polyfit(np.arange(x, x + size)[end], ys[end], 1)
    columns = (x - reach if side < 0 else x + size + reach).astype(int)
    columns = columns[(columns >= 0) & (columns < strip.dark.shape[1])]
    if len(columns) < 0.7 * UNIT:
        return 0.0
    rows = np.round(slope * columns + start).astype(int)
    darkest = np.max([strip.darkness[(rows + d).clip(0, len(strip.dark) - 1), columns] for d in range(-2, 3)], axis=0)
    return float(np.percentile(darkest, 15))


def _runs(flags: Mask) -> list[tuple[int, int]]:
    """Where flags are set, as (first, behind the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _meet(one: tuple[int, int], other: tuple[int, int], apart: int) -> bool:
    return one[0] < other[1] + apart and other[0] < one[1] + apart


def _spread(flags: Mask, width: int) -> Mask:
    return _row_operation(cv2.MORPH_DILATE, flags, width)


def _closed(flags: Mask, width: int) -> Mask:
    return _row_operation(cv2.MORPH_CLOSE, flags, width)


def _row_operation(operation: int, flags: Any, width: int) -> Mask:
    found: Mask = cv2.morphologyEx(flags.astype(np.uint8)[None], operation, np.ones((1, width), np.uint8))[0] > 0
    return found

"""The sheet in a photo: which part of the picture is the page, and the four curves that bound it."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.binarize import reduced
from pipeline.flatten.mapping import Pixels, Points

# Length of the longer side of the copy on which the sheet is found; its sides are then found on one twice as long.
LOOK = 420
# Least colour difference (0..255, any channel) across a sheet's side, and on what share of the side it is seen.
CONTRAST, SEEN = 8, 0.6
# A sheet fills at least so much of the picture; less is a card or a stamp on the page.
LEAST_AREA = 0.2
# How far beyond a side that is not seen writing is looked for, and how long its strokes are at most, as shares of the
# picture's longer side; how much darker than the paper they are, and how many of them there are.
DEPTH, LONG, DARKER, STROKES = 0.15, 0.15, 20, 5
DEGREE = 4
REACH, SAMPLES = 5, 48


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the sheet from corner to corner, clockwise.

    start, end: (2,) its corners. curve: polynomial coefficients, highest power first, of its distance to the left of
    the chord at shares 0..1 of the chord. seen: whether the sheet ends here, and not the picture.
    """

    start: Points
    end: Points
    curve: Points
    seen: bool

    def points(self, shares: Points) -> Points:
        """(N, 2) points of the side at shares of its chord."""
        chord = self.end - self.start
        away = np.array([chord[1], -chord[0]]) / max(float(np.linalg.norm(chord)), 1e-9)
        return np.asarray(self.start + shares[:, None] * chord + np.polyval(self.curve, shares)[:, None] * away)


def find_sheet(photo: Pixels) -> tuple[Side, Side, Side, Side] | None:
    """Top, right, bottom and left side of the sheet in an (H, W, 3) BGR photo; None where none is clearly seen."""
    height, width = photo.shape[:2]
    scale = min(1.0, 2 * LOOK / max(height, width))
    fine = reduced(photo, scale)
    if min(fine.shape[:2]) < 64:
        return None
    written, fine = fine, without_ink(fine, 9)
    small = cv2.resize(fine, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    best: tuple[float, list[Side]] = 0.0, []
    sides: list[Side] = []
    tried: list[tuple[bool, ...]] = []
    # First as if all of the sheet were in the picture, then as if it went on where the picture's rim looks like it,
    # then as if it went on wherever no side was seen.
    for attempt in range(3):
        unseen = tuple(not side.seen for side in sides)
        open_sides = ((False,) * 4, _like_paper(small), unseen)[attempt]
        if open_sides in tried or all(open_sides) or not open_sides:
            continue
        tried.append(open_sides)
        rim = _rim(_region(small, open_sides)) * 2 + 0.5
        corners = _corners(rim)
        if not _is_sheet(corners, fine.shape[:2]):
            continue
        sides = [_side(fine, rim, corners[n], corners[(n + 1) % 4]) for n in range(4)]
        seen = sum(float(np.linalg.norm(side.end - side.start)) for side in sides if side.seen)
        count = sum(side.seen for side in sides)
        unsure = [side for side in sides if not side.seen and not _leaves(side, fine.shape)]
        # A finger or a shadow may hide a side, or a wrong one be taken for it: then writing goes on beyond.
        believable = not unsure or (count >= 3 and not _is_written_beyond(unsure[0], written))
        if believable and count >= 2 and seen > best[0]:
            best = seen, sides
        if seen and all(side.seen for side in sides):
            break
    return _joined(best[1], scale) if best[1] else None


def _like_paper(small: Pixels) -> tuple[bool, ...]:
    """For top, right, bottom and left whether the picture's rim has the colour of its middle, be it darker or not."""
    height, width = small.shape[:2]
    middle = small[height // 3 : -(height // 3), width // 3 : -(width // 3)].reshape(-1, 3)
    paper = np.median(middle, axis=0)
    rims = (small[2:8], small[:, -8:-2], small[-8:-2], small[:, 2:8])
    similar = []
    for rim in rims:
        similar.append(_is_alike(rim.reshape(-1, 3), paper))
    return tuple(similar)


def _is_alike(colours: Pixels, paper: Points) -> bool:
    """Whether most of (N, 3) colours may be the paper's, (3,), in more or less light."""
    light = colours.astype(np.float64).sum(axis=1, keepdims=True) / max(paper.sum(), 1)
    tone = np.abs(colours / np.maximum(light, 0.05) - paper).max(axis=1)
    return bool(((tone < 16) & (light[:, 0] > 0.5) & (light[:, 0] < 1.3)).mean() > 0.5)


def without_ink(pixels: Pixels, size: int) -> Pixels:
    """The picture with dark strokes thinner than `size` pixels filled by what is around them."""
    return cv2.medianBlur(
        cv2.morphologyEx(pixels, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))), 3
    )


def _region(small: Pixels, open_sides: tuple[bool, ...]) -> Pixels:
    """(h, w) uint8, 1 where the sheet is: what floods from the middle before anything does from the picture's rim."""
    height, width = small.shape[:2]
    markers = np.zeros((height, width), np.int32)
    for rim, is_open in zip((markers[:2], markers[:, -2:], markers[-2:], markers[:, :2]), open_sides, strict=True):
        if not is_open:
            rim[:] = 2
    middle = slice(round(0.35 * height), round(0.65 * height)), slice(round(0.35 * width), round(0.65 * width))
    markers[middle] = 1
    sheet = (cv2.watershed(small, markers) == 1).astype(np.uint8)
    if any(open_sides):  # the watershed leaves a rim of its own at the picture's edge
        sheet = cv2.copyMakeBorder(sheet[1:-1, 1:-1], 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    return cv2.morphologyEx(sheet, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15)))


def _rim(sheet: Pixels) -> Points:
    """(N, 2) the outline of the largest piece of a region, clockwise; one point where it is empty."""
    outlines, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return np.zeros((1, 2))
    return np.asarray(max(outlines, key=cv2.contourArea)[::-1, 0], np.float64)


def _corners(outline: Points) -> Points:
    """(4, 2) those points of an outline that are its corners, clockwise from the upper left one."""
    centre, size, angle = cv2.minAreaRect(outline.astype(np.float32))
    turn = np.deg2rad((angle + 45) % 90 - 45)
    if round((angle - np.rad2deg(turn)) / 90) % 2:
        size = (size[1], size[0])
    cos, sin = np.cos(turn), np.sin(turn)
    level = (outline - centre) @ np.array([[cos, -sin], [sin, cos]]) / np.maximum(size, 1)
    return np.array([outline[np.argmax(level @ way)] for way in np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])])


def _is_sheet(corners: Points, shape: tuple[int, ...]) -> bool:
    """Whether four corners can be those of a page before a camera: large, and no angle far from a right one."""
    if cv2.contourArea(corners.astype(np.float32)) < LEAST_AREA * shape[0] * shape[1]:
        return False
    out, back = np.roll(corners, -1, axis=0) - corners, np.roll(corners, 1, axis=0) - corners
    lengths = np.linalg.norm(out, axis=1) * np.linalg.norm(back, axis=1)
    return bool(np.all(np.abs((out * back).sum(axis=1)) < 0.5 * lengths))


def _side(fine: Pixels, rim: Points, start: Points, end: Points) -> Side:
    """The side from corner to corner: near the region's rim between them, where colours change most."""
    chord = end - start
    length = float(np.linalg.norm(chord))
    away = np.array([chord[1], -chord[0]]) / length
    first, last = (int(np.argmin(np.abs(rim - corner).sum(axis=1))) for corner in (start, end))
    run = (rim[first : last + 1] if first <= last else np.vstack([rim[first:], rim[: last + 1]])) - start
    curve, _ = _robust_fit(run @ chord / length**2, run @ away, DEGREE)
    shares = np.linspace(0.02, 0.98, SAMPLES)
    for reach in (2 * REACH, REACH):
        middle = np.polyval(curve, shares)
        offsets, contrast = _edges(fine, start + shares[:, None] * chord + middle[:, None] * away, away, reach)
        seen = contrast >= CONTRAST
        if seen.sum() < SEEN * SAMPLES:
            return Side(start, end, np.zeros(1), False)
        curve, close = _robust_fit(shares[seen], (middle + offsets)[seen], DEGREE)
        if close < 0.65:
            return Side(start, end, np.zeros(1), False)
    return Side(start, end, curve, _is_inside(fine, start, end))


def _is_inside(fine: Pixels, start: Points, end: Points) -> bool:
    """Whether most of a side lies off the picture's edge."""
    return bool((_to_edge(start, end, fine.shape) > 3).mean() > 0.5)


def _leaves(side: Side, shape: tuple[int, ...]) -> bool:
    """Whether a side that is not seen is where the picture ends."""
    return bool((_to_edge(side.start, side.end, shape) < 0.06 * max(shape)).mean() > 0.6)


def _is_written_beyond(side: Side, written: Pixels) -> bool:
    """Whether paper goes on beyond a side, with strokes of writing on it, in a picture with its ink."""
    chord = side.end - side.start
    out = DEPTH * max(written.shape) / float(np.linalg.norm(chord)) * np.array([chord[1], -chord[0]])
    within, band = np.zeros((2, *written.shape[:2]), np.uint8)
    for part, reach in ((within, -out), (band, out)):
        outline = np.array([side.start, side.end, side.end + reach, side.start + reach])
        cv2.fillPoly(part, [np.round(outline).astype(np.int32)], 1)
    if not band.any() or not _is_alike(written[band > 0], np.median(written[within > 0], axis=0)):
        return False  # the grain of a wooden desk is no writing
    grey = cv2.cvtColor(written, cv2.COLOR_BGR2GRAY)
    strokes = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8)) > DARKER
    _, _, stats, _ = cv2.connectedComponentsWithStats(band & strokes, connectivity=8, ltype=cv2.CV_32S)
    sizes = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    return bool(((sizes >= 5) & (sizes < LONG * max(written.shape))).sum() >= STROKES)


def _to_edge(start: Points, end: Points, shape: tuple[int, ...]) -> Points:
    """(N,) how far points of a chord lie from the picture's edge."""
    points = start + np.linspace(0.05, 0.95, 9)[:, None] * (end - start)
    return np.minimum(points, np.array(shape[1::-1]) - 1 - points).min(axis=1)


def _edges(fine: Pixels, at: Points, away: Points, reach: int) -> tuple[Points, Points]:
    """For each of (N, 2) points how far along `away` colours change most, to a part of a pixel, and by how much."""
    steps = np.arange(-reach - 2, reach + 3)
    where = (at[:, None] + steps[None, :, None] * away).astype(np.float32)
    line = cv2.remap(fine, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    line = line.astype(np.float64)
    change = np.abs(line[:, 4:] + line[:, 3:-1] - line[:, 1:-3] - line[:, :-4]).max(axis=2) / 2
    peak = np.argmax(change * np.linspace(1, 1.0001, change.shape[1]), axis=1)
    inner = np.clip(peak, 1, change.shape[1] - 2)
    rows = np.arange(len(at))
    left, middle, right = (change[rows, inner + shift] for shift in (-1, 0, 1))
    bow = np.maximum(2 * middle - left - right, 1e-6)
    fraction = np.clip((right - left) / (2 * bow), -0.5, 0.5)
    return steps[2:-2][inner] + fraction, change[rows, peak]


def _robust_fit(x: Points, y: Points, degree: int) -> tuple[Points, float]:
    """A polynomial through most of the points, and the share of points that lie close to it."""
    if len(x) < degree + 2:
        return np.zeros(1), 0.0
    powers = np.vander(x, degree + 1)
    weight, curve, error = np.ones(len(x)), np.zeros(degree + 1), np.zeros(len(x))
    for _ in range(6):
        weighted = powers * weight[:, None]
        curve = np.linalg.lstsq(weighted.T @ powers, weighted.T @ y, rcond=None)[0]
        error = np.abs(powers @ curve - y)
        weight = 1 / np.maximum(1.0, error) ** 4
    return curve, float((error < 4).mean())


def _joined(sides: list[Side], scale: float) -> tuple[Side, Side, Side, Side] | None:
    """Sides with the corners where their curves meet, in pixels of the photo; None where two of them don't."""
    corners = np.array([_meeting(sides[n - 1], sides[n]) for n in range(4)])
    if not np.isfinite(corners).all() or not cv2.isContourConvex(corners.astype(np.float32)):
        return None
    joined = []
    for number, side in enumerate(sides):
        start, end = corners[number], corners[(number + 1) % 4]
        chord = end - start
        length = float(np.linalg.norm(chord))
        away = np.array([chord[1], -chord[0]]) / length
        points = np.vstack([start, side.points(np.linspace(0.02, 0.98, SAMPLES)), end]) - start
        curve = np.polyfit(points @ chord / length**2, points @ away, max(1, len(side.curve) - 1))
        joined.append(Side((start + 0.5) / scale - 0.5, (end + 0.5) / scale - 0.5, curve / scale, side.seen))
    return joined[0], joined[1], joined[2], joined[3]


def _meeting(before: Side, after: Side) -> Points:
    """(2,) where the end of one side's curve meets the start of the next one's, both going straight on; NaN nowhere."""
    first, second = before.points(np.array([0.85, 0.97])), after.points(np.array([0.03, 0.15]))
    matrix = np.column_stack([first[1] - first[0], second[0] - second[1]])
    if abs(np.linalg.det(matrix)) < 1e-6:
        return np.full(2, np.nan)
    share = np.linalg.solve(matrix, second[0] - first[0])[0]
    return np.asarray(first[0] + share * (first[1] - first[0]), np.float64)

"""One side of a sheet as a curve: found where colours change across it, joined with others, and what lies beyond."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.flatten.mapping import Pixels, Points

# Least colour difference (0..255, any channel) across a sheet's side, and on what share of the side it is seen.
CONTRAST, SEEN = 8, 0.6
# How far at most a side that is not seen is moved out, as a share of the picture's longer side.
OUT = 0.1
# By how many degrees at most such a side may run off from the opposite one; how far one that did is moved out.
ASKEW, FAR_OUT = 20.0, 0.3
DEGREE = 4
# The curve with the fewest bends is taken that lies near, in pixels, to all but so few of the points as the one with
# the most does, and close to enough of them to be a side at all.
NEAR, FEW = 0.7, 0.01
CLOSE, ENOUGH = 4.0, 0.65
REACH, SAMPLES = 5, 48
# So near to the edge of the picture it ends, and not the sheet.
EDGE = 3


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


Sides = tuple[Side, Side, Side, Side]


def side_between(fine: Pixels, rim: Points, start: Points, end: Points) -> Side:
    """The side from corner to corner: near the region's rim between them, where colours change most."""
    chord = end - start
    length = float(np.linalg.norm(chord))
    away = np.array([chord[1], -chord[0]]) / length
    first, last = (int(np.argmin(np.abs(rim - corner).sum(axis=1))) for corner in (start, end))
    run = rim[first : last + 1] if first <= last else np.vstack([rim[first:], rim[: last + 1]])
    shares = np.linspace(0.02, 0.98, SAMPLES)
    # Where the picture ends before the side does, the side goes on straight, or nearly so.
    run = run[_to_edge(run, fine.shape) > EDGE] - start
    within = _to_edge(start + shares[:, None] * chord, fine.shape) > EDGE
    degree = DEGREE if within.mean() > 0.9 else 2
    curve, _ = _weighted_fit(run @ chord / length**2, run @ away, degree)
    for reach in (2 * REACH, REACH):
        middle = np.polyval(curve, shares)
        at = start + shares[:, None] * chord + middle[:, None] * away
        within = _to_edge(at, fine.shape) > EDGE
        offsets, contrast = _edges(fine, at, away, reach)
        seen = within & (contrast >= CONTRAST)
        if within.mean() < 0.5 or seen.sum() < SEEN * within.sum():
            return Side(start, end, np.zeros(1), False)
        curve, close = _robust_fit(shares[seen], (middle + offsets)[seen], degree)
        if close < ENOUGH:
            return Side(start, end, np.zeros(1), False)
    return Side(start, end, curve, True)


def leaves_picture(side: Side, shape: tuple[int, ...]) -> bool:
    """Whether a side that is not seen is where the picture ends."""
    points = side.start + np.linspace(0.05, 0.95, 9)[:, None] * (side.end - side.start)
    return bool((_to_edge(points, shape) < 0.06 * max(shape)).mean() > 0.6)


def _to_edge(points: Points, shape: tuple[int, ...]) -> Points:
    """(N,) how far (N, 2) points lie inside the picture."""
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
    """A polynomial through most of the points, and the share of points that lie close to it.

    It bends no more than they need: what a finger hides is no part of the side.
    """
    if len(x) < degree + 2:
        return np.zeros(1), 0.0
    fits = [_weighted_fit(x, y, bends) for bends in (1, 2, degree)]
    near, close = (np.array([(error < reach).mean() for _, error in fits]) for reach in (NEAR, CLOSE))
    fitting = (near >= near[-1] - FEW) & (close >= ENOUGH)
    best = int(np.argmax(fitting)) if fitting.any() else len(fits) - 1
    return fits[best][0], float(close[best])


def _weighted_fit(x: Points, y: Points, degree: int) -> tuple[Points, Points]:
    """A polynomial, and how far each point lies from it; those that don't fit count little."""
    powers = np.vander(x, degree + 1)
    weight, curve, error = np.ones(len(x)), np.zeros(degree + 1), np.zeros(len(x))
    for _ in range(6):
        weighted = powers * weight[:, None]
        curve = np.linalg.lstsq(weighted.T @ powers, weighted.T @ y, rcond=None)[0]
        error = np.abs(powers @ curve - y)
        weight = 1 / np.maximum(1.0, error) ** 4
    return curve, error


def joined(sides: Sequence[Side]) -> Sides | None:
    """Sides with the corners where their curves meet; None where two of them don't."""
    corners = np.array([_meeting(sides[n - 1], sides[n]) for n in range(4)])
    if not np.isfinite(corners).all() or not cv2.isContourConvex(corners.astype(np.float32)):
        return None
    found = []
    for number, side in enumerate(sides):
        start, end = corners[number], corners[(number + 1) % 4]
        chord = end - start
        length = float(np.linalg.norm(chord))
        away = np.array([chord[1], -chord[0]]) / length
        points = np.vstack([start, side.points(np.linspace(0.02, 0.98, SAMPLES)), end]) - start
        curve = np.polyfit(points @ chord / length**2, points @ away, max(1, len(side.curve) - 1))
        found.append(Side(start, end, curve, side.seen))
    return found[0], found[1], found[2], found[3]


def _meeting(before: Side, after: Side) -> Points:
    """(2,) where the end of one side's curve meets the start of the next one's, both going straight on; NaN nowhere."""
    first, second = before.points(np.array([0.85, 0.97])), after.points(np.array([0.03, 0.15]))
    matrix = np.column_stack([first[1] - first[0], second[0] - second[1]])
    if abs(np.linalg.det(matrix)) < 1e-6:
        return np.full(2, np.nan)
    share = np.linalg.solve(matrix, second[0] - first[0])[0]
    return np.asarray(first[0] + share * (first[1] - first[0]), np.float64)


def not_askew(side: Side, opposite: Side) -> Side:
    """A side that is not seen, or where it runs otherwise than the opposite one, a line like that through its outermost
    corner: the true side is then hardly ever farther in."""
    ways = np.array([side.end - side.start, opposite.start - opposite.end])
    if np.degrees(np.arctan2(abs(np.linalg.det(ways)), ways[0] @ ways[1])) <= ASKEW:
        return side
    way = ways[1] * np.linalg.norm(ways[0]) / np.linalg.norm(ways[1])
    away = np.array([way[1], -way[0]])
    if side.start @ away >= side.end @ away:
        return Side(side.start, side.start + way, np.zeros(1), False)
    return Side(side.end - way, side.end, np.zeros(1), False)


def moved_out(side: Side, shape: tuple[int, ...], share: float) -> Side:
    """A straight side farther out by a share of the picture's longer side, but not farther than the picture goes."""
    chord = side.end - side.start
    away = np.array([chord[1], -chord[0]]) / max(float(np.linalg.norm(chord)), 1e-9)
    picture = np.array([(0, 0), (shape[1], 0), (shape[1], shape[0]), (0, shape[0])]) - side.start
    move = np.clip((picture @ away).max(), 0, share * max(shape)) * away
    return Side(side.start + move, side.end + move, np.zeros(1), False)


def beyond(side: Side, far: float, rim: float = 0.0) -> Points:
    """(N, 2) outline of what lies up to `far` beyond a side that goes straight on at both ends, its `rim` included."""
    points = side.points(np.linspace(0, 1, SAMPLES))
    ends = np.array([points[0] - points[SAMPLES // 6], points[-1] - points[-SAMPLES // 6]])
    ends *= abs(far) / np.linalg.norm(ends, axis=1)[:, None]
    points = np.vstack([points[0] + ends[0], points, points[-1] + ends[1]])
    chord = side.end - side.start
    away = np.array([chord[1], -chord[0]]) / np.linalg.norm(chord)
    return np.vstack([points - rim * away, (points + far * away)[::-1]])

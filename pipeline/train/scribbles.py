"""Line crops that hold no text: empty paper and drawings, on which a reader must learn to keep silent."""

from collections.abc import Callable

import cv2
import numpy as np

SHIFT = 4  # fractional bits of drawn points


def scribble(rng: np.random.Generator) -> np.ndarray:
    """A grey crop (H, W) uint8, dark on light, that says nothing; 40-120 px high, 40-1400 px wide."""
    height = int(rng.integers(40, 121))
    width = int(np.clip(height * np.exp(rng.uniform(0.2, 2.5)), 40, 1400))
    crop = blank_paper(height, width, rng)
    drawing = DRAWINGS[int(rng.integers(len(DRAWINGS)))]
    ink: np.ndarray = np.zeros((height, width), np.uint8)
    drawing(ink, rng)
    if rng.random() < 0.3:
        ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.5, 1.2))
    darkness = rng.uniform(0.35, 0.95) / 255
    return np.asarray(crop * (1 - ink * darkness), np.uint8)


def blank_paper(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Empty paper: white or grey, with noise, shadow, ruling, or writing showing through from the back."""
    crop = np.full((height, width), rng.uniform(150, 255), np.float32)
    if rng.random() < 0.4:
        light = rng.uniform(0.7, 1.1, (2, 4)).astype(np.float32)
        crop = crop * np.asarray(cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    if rng.random() < 0.5:
        noise = np.empty((height, width), np.float32)
        cv2.setRNGSeed(int(rng.integers(2**31)))
        cv2.randn(noise, np.zeros(1), np.full(1, rng.uniform(1, 12)))
        crop = crop + (cv2.GaussianBlur(noise, (0, 0), 0.8) if rng.random() < 0.3 else noise)
    if rng.random() < 0.35:
        rules = np.zeros((height, width), np.uint8)
        _rule(rules, rng)
        crop = crop * (1 - rules * np.float32(rng.uniform(0.1, 0.6) / 255))
    if rng.random() < 0.1:
        back = np.zeros((height, width), np.uint8)
        _loops(back, rng)
        crop = crop * (1 - cv2.GaussianBlur(back, (0, 0), 2) * np.float32(rng.uniform(0.03, 0.15) / 255))
    return crop.clip(0, 255)


def _rule(ink: np.ndarray, rng: np.random.Generator) -> None:
    """Ruled or squared paper."""
    height, width = ink.shape
    slope = rng.normal(0, 0.004) * width
    for y in np.arange(rng.uniform(0, height), height, max(rng.uniform(0.3, 1.2) * height, 12)):
        cv2.line(ink, (0, int(y)), (width, int(y + slope)), 255, int(rng.integers(1, 3)), cv2.LINE_AA)
    if rng.random() < 0.3:
        for x in np.arange(rng.uniform(0, 40), width, rng.uniform(18, 60)):
            cv2.line(ink, (int(x), 0), (int(x), height), 255, 1)


def _pen(ink: np.ndarray, strokes: list[np.ndarray], rng: np.random.Generator, *, closed: bool = False) -> None:
    """Draw strokes, (N, 2) points x, y each, in one pen width."""
    fixed = [np.round(stroke * (1 << SHIFT)).astype(np.int32) for stroke in strokes]
    cv2.polylines(ink, fixed, closed, 255, int(rng.integers(1, 5)), cv2.LINE_AA, SHIFT)


def _nothing(ink: np.ndarray, rng: np.random.Generator) -> None:
    """The empty paper alone."""


def _dots(ink: np.ndarray, rng: np.random.Generator) -> None:
    """Specks of dirt and spilled ink, anywhere."""
    height, width = ink.shape
    for _ in range(int(rng.integers(2, 30))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(ink, centre, int(rng.exponential(1.2)), 255, -1, cv2.LINE_AA)


def _zigzag(ink: np.ndarray, rng: np.random.Generator) -> None:
    """A pen tried out: to and fro, flat or upright."""
    height, width = ink.shape
    turns = int(rng.integers(8, max(int(width / 6), 12)))
    x = np.linspace(rng.uniform(0, 0.3), rng.uniform(0.6, 1), turns) * width
    x += rng.normal(0, 0.05 * height, turns)
    y = height * (0.5 + np.where(np.arange(turns) % 2, 1, -1) * rng.uniform(0.1, 0.5, turns))
    _pen(ink, [np.column_stack((x, y))], rng)


def _loops(ink: np.ndarray, rng: np.random.Generator) -> None:
    """A curl run along the line, as one tries out a pen."""
    height, width = ink.shape
    t = np.linspace(0, 1, max(width // 2, 40))
    turns = width / height * rng.uniform(1.2, 4)
    angle = 2 * np.pi * turns * t
    radius = height * rng.uniform(0.15, 0.5) * (1 + 0.2 * np.sin(2 * np.pi * rng.uniform(1, 4) * t + rng.uniform(0, 6)))
    x = t * width + radius * rng.uniform(0.3, 1.2) * np.cos(angle)
    _pen(ink, [np.column_stack((x, height * 0.5 + radius * np.sin(angle)))], rng)


def _blot(ink: np.ndarray, rng: np.random.Generator) -> None:
    """Something crossed out until nobody can read it."""
    height, width = ink.shape
    left, right = sorted(rng.uniform(0, width, 2))
    right = max(right, left + height)
    count = int((right - left) * rng.uniform(0.4, 1.2)) + 20
    y = height / 2 + rng.normal(0, 0.16 * height, count)
    x = np.linspace(left, right, count) + rng.normal(0, rng.uniform(0.1, 0.4) * height, count)
    _pen(ink, [np.column_stack((x, y))], rng)


def _boxes(ink: np.ndarray, rng: np.random.Generator) -> None:
    """Boxes joined by lines, as in a diagram; some are cut off by the crop."""
    height, width = ink.shape
    for left in np.arange(rng.uniform(-0.5, 0.5) * height, width, rng.uniform(1.5, 3.5) * height):
        w, h = rng.uniform(0.9, 1.8) * height, rng.uniform(0.7, 1.4) * height
        top = height / 2 - h / 2 + rng.normal(0, 0.1) * height
        corners = np.array(((0, 0), (w, 0), (w, h), (0, h))) + np.array((left, top))
        corners += rng.normal(0, 0.03 * height, (4, 2))
        _pen(ink, [corners], rng, closed=True)
        if rng.random() < 0.6:
            _arrow(ink, (left + w, height / 2), (left + w + rng.uniform(0.5, 1.5) * height, height / 2), rng)


def _arrows(ink: np.ndarray, rng: np.random.Generator) -> None:
    """Long arrows across the crop."""
    height, width = ink.shape
    for _ in range(int(rng.integers(1, 4))):
        start, end = rng.uniform(0, 0.3) * width, rng.uniform(0.7, 1) * width
        if rng.random() < 0.5:
            start, end = end, start
        _arrow(ink, (start, rng.uniform(0, height)), (end, rng.uniform(0, height)), rng)


def _arrow(ink: np.ndarray, start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator) -> None:
    a, b = np.array(start), np.array(end)
    t = np.linspace(0, 1, 8)[:, None]
    across = np.array((a[1] - b[1], b[0] - a[0]))
    shaft = a + t * (b - a) + across * rng.normal(0, 0.06) * np.sin(np.pi * t)
    back = (a - b) / max(float(np.hypot(*(a - b))), 1) * len(ink) * rng.uniform(0.12, 0.35)
    turn = rng.uniform(0.35, 0.8)
    cosine, sine = np.cos(turn), np.sin(turn)
    barbs = [b + np.array(((cosine, -s), (s, cosine))) @ back for s in (sine, -sine)]
    _pen(ink, [shaft, np.array([barbs[0], b, barbs[1]])], rng)


def _rounds(ink: np.ndarray, rng: np.random.Generator) -> None:
    """Circles and rings too large, too flat or too many to be letters."""
    height, width = ink.shape
    t = np.linspace(0, 2 * np.pi, 40)
    for _ in range(int(rng.integers(1, 5))):
        flat, times = rng.uniform(0.8, 4), int(rng.integers(1, 5))
        radius = height * rng.uniform(0.42, 0.9)
        middle = (rng.uniform(0, width), height * rng.uniform(0.3, 0.7))
        for _ in range(times):
            wobble = radius * rng.uniform(0.85, 1.15, 2)
            ring = np.column_stack((wobble[0] * flat * np.cos(t), wobble[1] * np.sin(t)))
            _pen(ink, [middle + ring], rng)


def _curves(ink: np.ndarray, rng: np.random.Generator) -> None:
    """Axes and the graphs of smooth functions."""
    height, width = ink.shape
    x = np.linspace(0, width, 60)
    for _ in range(int(rng.integers(1, 4))):
        waves, phase = rng.uniform(0.2, 2.5), rng.uniform(0, 2 * np.pi)
        y = height * (rng.uniform(0.3, 0.7) + rng.uniform(0.1, 0.45) * np.sin(2 * np.pi * waves * x / width + phase))
        _pen(ink, [np.column_stack((x, y))], rng)
    if rng.random() < 0.5:
        _arrow(ink, (0, height * 0.8), (width * 0.97, height * 0.8), rng)


def _hatching(ink: np.ndarray, rng: np.random.Generator) -> None:
    """An area shaded with a pen."""
    height, width = ink.shape
    pitch, lean = rng.uniform(4, 12), rng.normal(0.5, 0.4) * height
    left, right = rng.uniform(-0.2, 0.3) * width, rng.uniform(0.6, 1.2) * width
    xs = np.arange(left, right, pitch) + rng.normal(0, 0.5)
    ends = rng.uniform(-0.1, 0.15, (len(xs), 2)) * height
    _pen(ink, [np.array([(x + lean, e[0]), (x, height - e[1])]) for x, e in zip(xs, ends, strict=True)], rng)


def _strokes(ink: np.ndarray, rng: np.random.Generator) -> None:
    """Long lines: underlines, brackets' backs, the frame of a table."""
    height, width = ink.shape
    for _ in range(int(rng.integers(1, 4))):
        y, tilt = rng.uniform(0, 1) * height, rng.normal(0, 0.1) * height
        x = np.linspace(rng.uniform(0, 0.2), rng.uniform(0.7, 1), 12) * width
        _pen(ink, [np.column_stack((x, y + tilt * x / width + rng.normal(0, 0.6, 12)))], rng)
    if rng.random() < 0.3:
        x0 = rng.uniform(0, width)
        _pen(ink, [np.array([(x0, -1), (x0 + rng.normal(0, 3), height)])], rng)


Drawing = Callable[[np.ndarray, np.random.Generator], None]
DRAWINGS: tuple[Drawing, ...] = (
    _nothing, _nothing, _dots, _zigzag, _loops, _blot, _boxes, _arrows, _rounds, _curves, _hatching, _strokes,
)  # fmt: skip

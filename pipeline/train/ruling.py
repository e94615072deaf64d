"""Printed lines on paper: single, college, Seyès, squared, dotted, and the margin's."""

import cv2
import numpy as np

from pipeline.train.paper import field, multiply
from pipeline.train.warp import Grey, paper_of, writing_rows

KINDS = ("single", "college", "seyes", "squared", "dotted")


def rule(crop: Grey, rng: np.random.Generator) -> Grey:
    """Ruled paper of one of several kinds, printed fainter than most ink."""
    kind = str(rng.choice(KINDS, p=(0.3, 0.3, 0.15, 0.15, 0.1)))
    return multiply(crop, ruling(crop, kind, rng))


def ruling(crop: Grey, kind: str, rng: np.random.Generator) -> Grey:
    """The layer of printed lines, placed by the line's baseline. `kind` is one of KINDS."""
    height, width = crop.shape
    top, baseline, bottom = writing_rows(crop, paper_of(crop))
    layer = np.full_like(crop, 255)
    grey = int(255 * (1 - rng.uniform(0.08, 0.6)))
    tilt = rng.normal(0, 0.003) * width
    y = baseline + rng.normal(0.03, 0.06) * height
    thick = 1 if height < 90 or rng.random() < 0.6 else 2
    if kind == "single":
        _across(layer, y, tilt, grey, thick + int(rng.random() < 0.25))
    elif kind == "college":
        _grid(layer, y, max((bottom - top) * rng.uniform(0.75, 1.3), 14), tilt, grey, thick)
    elif kind == "seyes":  # 8 mm apart, three fine lines between
        pitch = max((bottom - top) * rng.uniform(0.9, 1.5), 24)
        _grid(layer, y, pitch / 4, tilt, (grey + 255) // 2, 1)
        _grid(layer, y, pitch, tilt, grey, thick)
        _columns(layer, pitch, -tilt, grey, rng)
    elif kind == "squared":
        pitch = height * rng.uniform(0.25, 0.75)
        _grid(layer, y, pitch, tilt, grey, thick)
        _columns(layer, pitch, -tilt, grey, rng)
    elif kind == "dotted":
        pitch = height * rng.uniform(0.25, 0.6)
        rows = np.arange(y % pitch, height, pitch)
        columns = np.arange(rng.uniform(0, pitch), width, pitch)
        for row in rows:
            for column in columns:
                layer[min(int(row), height - 1), min(int(column), width - 1)] = grey
        layer = np.asarray(cv2.erode(layer, np.ones((2, 2), np.uint8)), np.uint8)
    if rng.random() < 0.35:  # worn print, or what was left where the page cleaner took the ruling away
        gone = field(crop.shape, 0, 1, rng, rows=1)
        layer = np.asarray(cv2.max(layer, cv2.convertScaleAbs(gone, alpha=3, beta=-200)), np.uint8)
    return layer


def margin_line(crop: Grey, rng: np.random.Generator) -> Grey:
    """The margin's vertical line crosses the crop near one end."""
    height, width = crop.shape
    x = min(int(height * rng.uniform(0, 1.2)), width // 4)
    x = x if rng.random() < 0.7 else width - 1 - x
    layer = np.full_like(crop, 255)
    lean = int(rng.normal(0, 0.03) * height)
    grey = int(255 * (1 - rng.uniform(0.1, 0.7)))
    cv2.line(layer, (x, 0), (x + lean, height), grey, int(rng.integers(1, 3)), cv2.LINE_AA)
    return multiply(crop, layer)


def _across(layer: Grey, y: float, tilt: float, grey: int, thick: int) -> None:
    ends = (0, round((y - tilt / 2) * 16)), (layer.shape[1] * 16, round((y + tilt / 2) * 16))
    cv2.line(layer, *ends, grey, thick, cv2.LINE_AA, 4)


def _grid(layer: Grey, y: float, pitch: float, tilt: float, grey: int, thick: int) -> None:
    """Lines across, `pitch` apart, one of them at y."""
    for row in np.arange(y % pitch, len(layer), pitch):
        _across(layer, float(row), tilt, grey, thick)


def _columns(layer: Grey, pitch: float, tilt: float, grey: int, rng: np.random.Generator) -> None:
    """Lines down, `pitch` apart, square to lines across that climb by -tilt."""
    height, width = layer.shape
    lean = tilt * height / width
    for column in np.arange(rng.uniform(0, pitch), width, pitch):
        ends = (round((column - lean / 2) * 16), 0), (round((column + lean / 2) * 16), height * 16)
        cv2.line(layer, *ends, grey, 1, cv2.LINE_AA, 4)

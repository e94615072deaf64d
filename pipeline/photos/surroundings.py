"""What else is in the picture: the desk under the page, and the finger that holds it."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]
Points = NDArray[np.float64]
WOODS = ((52, 78, 112), (92, 132, 172), (135, 172, 200), (40, 52, 70))
CLOTHS = ((120, 60, 50), (60, 60, 140), (90, 110, 80), (70, 70, 75))
SKINS = ((120, 150, 205), (150, 180, 228), (75, 100, 150), (50, 70, 105))


def paint_desk(kind: str, height: int, width: int, rng: np.random.Generator) -> Pixels:
    """(height, width, 3) uint8 BGR of one of the kinds a Level names, painted at a third of the size."""
    desk = np.clip(_desk(kind, max(8, height // 3), max(8, width // 3), rng), 0, 255).astype(np.uint8)
    return cv2.resize(desk, (width, height), interpolation=cv2.INTER_LINEAR)


def _desk(kind: str, height: int, width: int, rng: np.random.Generator) -> Pixels:
    if kind == "dark":
        desk = _plain(rng.uniform(18, 70) + rng.uniform(-6, 6, 3), height, width)
        return desk * (1 + 0.12 * _noise(height, width, 3, 3, rng)[..., None])
    if kind == "light":
        desk = _plain(rng.uniform(165, 225) + rng.uniform(-10, 10, 3), height, width)
        return desk * (1 + 0.04 * _noise(height, width, 10, 10, rng)[..., None])
    if kind == "cloth":
        return _cloth(height, width, rng)
    desk = _wood(height, width, rng)
    return _with_paper(desk, rng) if kind == "papers" else desk


def _plain(colour: NDArray[np.float64], height: int, width: int) -> Pixels:
    return np.broadcast_to(np.clip(colour, 0, 255).astype(np.float32), (height, width, 3)).copy()


def _noise(height: int, width: int, rows: int, columns: int, rng: np.random.Generator) -> Pixels:
    """(height, width) smooth noise of -1..1 with cells of `rows` x `columns` pixels."""
    size = max(2, height // rows), max(2, width // columns)
    coarse = rng.uniform(-1, 1, size).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def _wood(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """Planks of any wood with a long grain, lying either way."""
    lying = rng.random() < 0.5
    rows, columns = (height, width) if lying else (width, height)
    bend = 9 * _noise(rows, columns, 70, 170, rng)
    rings = np.sin((np.arange(rows, dtype=np.float32)[:, None] + bend) * rng.uniform(0.09, 0.35))
    grain = 0.5 * rings * _noise(rows, columns, 20, 300, rng) + 0.6 * _noise(rows, columns, 1, 40, rng)
    grain += 0.4 * _noise(rows, columns, 4, 130, rng)
    desk = _plain(np.array(WOODS[rng.integers(len(WOODS))]) * rng.uniform(0.8, 1.2), rows, columns)
    desk *= (1 + rng.uniform(0.1, 0.25) * grain)[..., None]
    plank = int(rng.integers(rows // 4, rows))
    for start in range(int(rng.integers(plank)), rows, plank):
        desk[start : start + 2] *= 0.45
        desk[start:] *= rng.uniform(0.92, 1.08)
    return desk if lying else np.ascontiguousarray(desk.transpose(1, 0, 2))


def _cloth(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """A table cloth with checks or stripes."""
    first, second = (np.array(CLOTHS[n], np.float32) for n in rng.choice(len(CLOTHS), 2, replace=False))
    cell = rng.uniform(0.03, 0.09) * width
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    turn = rng.uniform(0, np.pi)
    along, across = xs * np.cos(turn) + ys * np.sin(turn), ys * np.cos(turn) - xs * np.sin(turn)
    share = 0.5 + 0.5 * np.sign(np.sin(along * np.pi / cell))
    if rng.random() < 0.6:
        share = (share + 0.5 + 0.5 * np.sign(np.sin(across * np.pi / cell))) / 2
    weave = 1 + 0.06 * np.sin(along * 2.1) * np.sin(across * 2.1)
    return ((first + (second * 1.6 - first) * share[..., None]) * weave[..., None]).astype(np.float32)


def _with_paper(desk: Pixels, rng: np.random.Generator) -> Pixels:
    """The desk with a corner of another sheet on it, which reaches under the page."""
    height, width = desk.shape[:2]
    corner = np.array([width, height]) * rng.choice([-0.1, 1.1], 2)
    length = rng.uniform(0.4, 0.8) * width
    box = cv2.boxPoints(((float(corner[0]), float(corner[1])), (length, length * 1.4), float(rng.uniform(0, 90))))
    mask: Pixels = np.zeros((height, width), np.float32)
    cv2.fillPoly(mask, [np.round(box).astype(np.int32)], 1.0)
    shade = 1 - 0.4 * cv2.blur(mask, (15, 15)) * (1 - mask)
    mask = cv2.blur(mask, (3, 3))[..., None]
    return np.asarray(desk * shade[..., None] * (1 - mask) + mask * float(rng.uniform(185, 225)), np.float32)


def add_finger(photo: Pixels, sheet: Points, keep: Points, rng: np.random.Generator) -> None:
    """Paints a thumb from the picture's edge on to the sheet's, in place, as far as it covers none of `keep`.

    photo: (h, w, 3) uint8. sheet: (4, 2) its corners in the photo. keep: (N, 2) points that stay visible.
    """
    height, width = photo.shape[:2]
    side = int(rng.integers(4))
    start, end = sheet[side], sheet[(side + 1) % 4]
    at = start + (end - start) * rng.uniform(0.2, 0.8)
    inward = sheet.mean(axis=0) - at
    inward = inward / np.linalg.norm(inward)
    inward = inward + 0.6 * rng.uniform(-1, 1) * np.array([-inward[1], inward[0]])
    thick = 0.055 * float(np.linalg.norm(sheet[1] - sheet[0]))
    tip = at + inward * thick * rng.uniform(0.5, 2.5)
    while len(keep) and np.linalg.norm(keep - tip, axis=1).min() < 1.8 * thick:
        tip = tip - inward * thick * 0.5
    root = tip - inward * (height + width)
    box = np.array([np.minimum(tip, root), np.maximum(tip, root)]) + 2 * thick * np.array([[-1], [1]])
    (x0, y0), (x1, y1) = np.clip(box, 0, (width, height)).astype(int)
    if x1 - x0 < thick or y1 - y0 < thick:
        return
    part = photo[y0:y1, x0:x1]
    part[:] = _with_finger(part, tip - (x0, y0), inward, thick, rng)


def _with_finger(scene: Pixels, tip: Points, inward: Points, thick: float, rng: np.random.Generator) -> Pixels:
    """The scene with a finger `2 * thick` wide that comes from far off and ends at `tip`."""
    height, width = scene.shape[:2]
    root = tip - inward * 2 * (height + width)
    mask = np.zeros((height, width), np.uint8)
    cv2.line(mask, np.round(tip).astype(int).tolist(), np.round(root).astype(int).tolist(), 255, int(2 * thick))
    shade = cv2.blur(cv2.blur(mask, (int(thick / 2) + 1,) * 2), (int(thick / 2) + 1,) * 2).astype(np.float32) / 255
    dark = scene * (1 - 0.45 * shade)[..., None]
    depth = np.minimum(cv2.distanceTransform(mask, cv2.DIST_L2, 3) / thick, 1)
    skin = np.array(SKINS[rng.integers(len(SKINS))], np.float32) * rng.uniform(0.85, 1.1)
    roundness = 0.62 + 0.42 * np.sqrt(1 - (1 - depth) ** 2)
    skin = skin * (roundness * (1 + 0.05 * _noise(height, width, 8, 8, rng)))[..., None]
    nail = np.zeros((height, width), np.uint8)
    middle = tip + inward * thick * 0.1
    angle = float(np.rad2deg(np.arctan2(inward[1], inward[0])))
    cv2.ellipse(nail, (tuple(middle.tolist()), (1.3 * thick, 1.1 * thick), angle), 255, -1)
    skin *= (1 + 0.12 * cv2.blur(nail, (int(thick / 6) + 1,) * 2).astype(np.float32) / 255)[..., None]
    edge = (cv2.GaussianBlur(mask, (5, 5), 1.5).astype(np.float32) / 255)[..., None]
    return np.clip(dark + (skin - dark) * edge, 0, 255).astype(np.uint8)

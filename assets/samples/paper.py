"""Paper, pen and camera for the sample pages: drawn paper, fonts made to look written, the light of a phone photo."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi
BLEED = 120  # paper beyond the edges, for the skew to turn in
OVERSIZE = 3  # words are drawn this much larger, then brought down with their jitter
HERE = Path(__file__).resolve().parent

BLACK, BLUE, RED, GREEN = (38, 34, 36), (52, 62, 138), (168, 44, 52), (44, 106, 66)
Color = tuple[int, int, int]


@dataclass
class Sheet:
    """A page in the making. `ink` is one coverage layer a pen, (h, w) float 0..1 on the paper with its bleed."""

    name: str
    font: Path
    size: int  # of the writing, px
    space: float  # between words, in sizes
    rng: np.random.Generator
    paper: np.ndarray
    ink: dict[Color, np.ndarray] = field(default_factory=dict)
    truth: list[dict] = field(default_factory=list)

    def layer(self, color: Color) -> np.ndarray:
        return self.ink.setdefault(color, np.zeros(self.paper.shape[:2], np.float32))


# ---- paper


def blank_paper(rng: np.random.Generator, tint: Color = (250, 247, 238)) -> np.ndarray:
    shape = (HEIGHT + 2 * BLEED, WIDTH + 2 * BLEED)
    return np.float32(tint) + (1.6 * _field(rng, shape, 2.5) + 1.2 * _field(rng, shape, 150))[..., None]


def _field(rng: np.random.Generator, shape: tuple[int, ...], grain: float) -> np.ndarray:
    """Smooth noise, (h, w) float32 of deviation about 1, with waves some `grain` pixels wide."""
    coarse = rng.normal(0, 1, [int(side / grain) + 3 for side in shape]).astype(np.float32)
    return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)


def ruled_paper(rng: np.random.Generator, first: int, step: int, margin: int) -> np.ndarray:
    paper = blank_paper(rng)
    for y in range(first + BLEED, paper.shape[0], step):
        cv2.line(paper, (0, y), (paper.shape[1], y), (186, 205, 226), 2, cv2.LINE_AA)
    cv2.line(paper, (margin + BLEED, 0), (margin + BLEED, paper.shape[0]), (226, 158, 158), 2, cv2.LINE_AA)
    return paper


def squared_paper(rng: np.random.Generator, step: int) -> np.ndarray:
    paper = blank_paper(rng, (249, 249, 246))
    for y in range(step // 2, paper.shape[0], step):
        cv2.line(paper, (0, y), (paper.shape[1], y), (206, 214, 226), 1, cv2.LINE_AA)
    for x in range(step // 2, paper.shape[1], step):
        cv2.line(paper, (x, 0), (x, paper.shape[0]), (206, 214, 226), 1, cv2.LINE_AA)
    return paper


# ---- writing


def write(
    sheet: Sheet,
    x: float,
    y: float,
    text: str,
    color: Color = BLUE,
    *,
    scale: float = 1.0,
    kind: str = "text",
    underline: bool = False,
    slope: float = 0.0,
) -> float:
    """Write a line from (x, y), y being the baseline; returns where it ends. `_2` writes a subscript, "->" an arrow."""
    start, rng = x, sheet.rng
    tops, bottoms, baseline = [], [], []
    for word in text.split(" "):
        lift = rng.normal(0, 1.1) + slope * (x - start)
        if word == "->":
            end = x + 58 * scale
            middle = y + lift - 0.22 * sheet.size * scale
            arrow(sheet, [(x, middle), (end, middle - rng.normal(1, 1))], color)
            box = (x, middle - 9, end, middle + 9)
        else:
            box = _write_word(sheet, x, y + lift, word, color, scale * rng.normal(1, 0.018))
        tops += [(box[0], box[1]), (box[2], box[1])]
        bottoms += [(box[0], box[3]), (box[2], box[3])]
        baseline += [(box[0], y + lift), (box[2], y + lift)]
        x = box[2] + sheet.size * scale * rng.normal(sheet.space, 0.035)
    end = baseline[-1][0]
    if underline:
        under = y + 0.2 * sheet.size * scale
        stroke(sheet, [(start - 6, under), ((start + end) / 2, under + 2), (end + 8, under - 1)], color, 3.2)
    plain = text.replace("_", "").replace("->", "→")
    number = f"{sheet.name}_{len(sheet.truth):02d}"
    sheet.truth.append(
        {"id": number, "type": kind, "polygon": tops + bottoms[::-1], "baseline": baseline, "text": plain}
    )
    return end


def _write_word(
    sheet: Sheet, x: float, y: float, word: str, color: Color, scale: float
) -> tuple[float, float, float, float]:
    """Put a word's ink on the sheet; returns the box of the ink."""
    rng = sheet.rng
    slant, turn = rng.normal(0, 0.02), np.radians(rng.normal(0, 0.45))
    boxes = []
    for part, is_subscript in _subscripts(word):
        size = sheet.size * scale * (0.66 if is_subscript else 1.0)
        font = ImageFont.truetype(sheet.font, round(size * OVERSIZE))
        width = round(font.getlength(part)) + 2 * font.size
        canvas = Image.new("L", (width, 4 * font.size), 0)
        ImageDraw.Draw(canvas).text((font.size, 2 * font.size), part, font=font, fill=255, anchor="ls")
        drop = 0.16 * sheet.size * scale if is_subscript else 0.0
        k = 1 / OVERSIZE
        move = np.float32([[k, -k * np.tan(slant), 0], [k * np.sin(turn), k, 0]])
        origin = move[:, :2] @ (font.size, 2 * font.size)
        left, top = int(x + BLEED) - font.size, int(y + drop + BLEED) - font.size
        move[:, 2] = np.array([x + BLEED - left, y + drop + BLEED - top]) - origin
        soft = cv2.GaussianBlur(np.asarray(canvas, np.float32) / 255, (0, 0), OVERSIZE / 2.2)
        window = sheet.layer(color)[top : top + 2 * font.size, left : left + width]
        drawn = cv2.warpAffine(soft, move, window.shape[::-1], flags=cv2.INTER_LINEAR)
        np.maximum(window, drawn * rng.uniform(0.84, 1.0), out=window)
        rows, cols = np.nonzero(drawn.max(axis=1) > 0.3)[0], np.nonzero(drawn.max(axis=0) > 0.3)[0]
        dx, dy = left - BLEED, top - BLEED
        boxes.append((cols[0] + dx, rows[0] + dy, cols[-1] + 1 + dx, rows[-1] + 1 + dy))
        x += font.getlength(part) / OVERSIZE + 1
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _subscripts(word: str) -> list[tuple[str, bool]]:
    """ "CO_2" -> [("CO", False), ("2", True)]; digits after "_" stand low."""
    first, *rest = word.split("_")
    parts = [(first, False)]
    for piece in rest:
        digits = len(piece) - len(piece.lstrip("0123456789"))
        parts += [(piece[:digits], True), (piece[digits:], False)]
    return [(text, low) for text, low in parts if text]


# ---- drawing


def stroke(sheet: Sheet, points: list[tuple[float, float]], color: Color, width: float = 3.0) -> None:
    """A pen stroke through the points, smooth and a little unsteady."""
    curve = _smooth(np.float64(points))
    unsteady = cv2.GaussianBlur(sheet.rng.normal(0, 1, curve.shape), (0, 0), 9) * 3.5
    placed = curve + unsteady + BLEED
    corner = placed.min(axis=0).astype(int) - 12
    end = placed.max(axis=0).astype(int) + 12
    window = sheet.layer(color)[corner[1] : end[1], corner[0] : end[0]]
    drawn = np.zeros(window.shape, np.uint8)
    dots = np.round((placed - corner) * 16).astype(np.int32)
    cv2.polylines(drawn, [dots], False, 235, max(round(width), 1), cv2.LINE_AA, shift=4)
    np.maximum(window, cv2.GaussianBlur(drawn, (0, 0), 0.7).astype(np.float32) / 255, out=window)


def _smooth(points: np.ndarray) -> np.ndarray:
    """Catmull-Rom curve through (N, 2) points, a point every few pixels."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    curve = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        t = np.linspace(0, 1, max(int(np.hypot(*(p2 - p1)) / 4), 2), endpoint=False)[:, None]
        curve.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
        )
    return np.vstack([*curve, points[-1:]])


def arrow(sheet: Sheet, points: list[tuple[float, float]], color: Color, width: float = 3.0) -> None:
    stroke(sheet, points, color, width)
    tip, before = np.float64(points[-1]), np.float64(points[-2])
    along = (tip - before) / np.hypot(*(tip - before)) * 17
    for side in (-0.5, 0.5):
        turn = np.array([[np.cos(side), -np.sin(side)], [np.sin(side), np.cos(side)]])
        stroke(sheet, [tuple(tip - turn @ along), tuple(tip)], color, width)


def circle(sheet: Sheet, x: float, y: float, radius: float, color: Color) -> None:
    angles = np.linspace(-1.4, 2 * np.pi - 1.2, 14)
    stroke(sheet, [(x + radius * np.cos(a), y + radius * 0.97 * np.sin(a)) for a in angles], color)


# ---- photo


def photograph(sheet: Sheet, skew: float, light: tuple[float, float]) -> None:
    """Bring ink onto the paper, wobble, turn, light, blur; save page and ground truth. `skew` in degrees."""
    shape, rng = sheet.paper.shape[:2], sheet.rng
    shift = np.stack([0.7 * _field(rng, shape, 40) + 2.2 * _field(rng, shape, 220) for _ in "xy"])
    xs, ys = np.meshgrid(np.arange(shape[1], dtype=np.float32), np.arange(shape[0], dtype=np.float32))
    pressure = 0.87 + 0.13 * np.tanh(_field(rng, shape, 34))
    picture = sheet.paper.copy()
    for color, layer in sheet.ink.items():
        cover = (cv2.remap(layer, xs + shift[0], ys + shift[1], cv2.INTER_LINEAR) * pressure)[..., None]
        picture = picture * (1 - cover) + np.float32(color) * cover
    turn = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), skew, 1.0)
    turn[:, 2] -= BLEED
    picture = cv2.warpAffine(picture, turn, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)

    across, down = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    falloff = 1.03 - 0.34 * np.hypot(across - light[0], down - light[1]) ** 1.6
    edge = across * 0.9 + (1 - down) * 0.5 - 1.08 + 0.05 * np.sin(down * 5)
    hand = 1 - 0.13 / (1 + np.exp(-edge * 26))  # the soft shadow of whoever holds the phone
    picture = picture * (falloff * hand)[..., None] * np.float32([1.0, 0.985, 0.95])
    picture = cv2.GaussianBlur(picture, (0, 0), 0.75) + rng.normal(0, 1.6, picture.shape)
    Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(
        HERE / f"{sheet.name}.jpg", quality=80, optimize=True, dpi=(200, 200)
    )

    def seen(points: list[tuple[float, float]]) -> list[list[float]]:
        placed = np.float64(points) + BLEED
        near = np.clip(np.round(placed).astype(int), 0, (shape[1] - 1, shape[0] - 1))
        moved = placed - shift[:, near[:, 1], near[:, 0]].T
        return np.round(np.column_stack([moved, np.ones(len(moved))]) @ turn.T, 1).tolist()

    truth = [{**line, "polygon": seen(line["polygon"]), "baseline": seen(line["baseline"])} for line in sheet.truth]
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (HERE / f"{sheet.name}.json").write_text(text + "\n", encoding="utf-8")

"""Makes the sample pages: our own words in openly licensed handwriting fonts, on drawn paper, lit like a phone photo.

    mkdir fonts && cd fonts
    for font in nothing-you-could-do caveat patrick-hand; do
        npm pack @fontsource/$font && mkdir $font && tar xzf fontsource-$font-*.tgz -C $font
    done
    cd .. && python assets/samples/make_samples.py fonts

Beside each page lies its ground truth, a list of {id, type, polygon, baseline, text} in pixels of the page. Every run
makes the same pages: whatever looks like chance comes from a seed.
"""

import json
import sys
from dataclasses import dataclass, field
from itertools import pairwise
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


def stroke(
    sheet: Sheet, points: list[tuple[float, float]], color: Color, width: float = 3.0
) -> None:
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


# ---- the pages


def photosynthesis(fonts: Path) -> None:
    """Lecture notes on ruled paper: heading, bullets, a drawing with labels, a formula, two paragraphs."""
    rng = np.random.default_rng(7)
    step, margin, first = 66, 208, 230
    sheet = Sheet(
        "photosynthesis", _font(fonts, "nothing-you-could-do"), 56, 0.42, rng, ruled_paper(rng, first, step, margin)
    )

    def row(number: float) -> float:
        return first + step * number - 6

    write(sheet, 560, row(0), "Photosynthesis", BLACK, scale=1.3, underline=True)
    for number, text in enumerate(
        (
            "Green plants make their own food. They take in",
            "light, water and air, and build sugar out of them.",
            "Nearly all life on land depends on this process.",
        ),
        start=2,
    ):
        write(sheet, margin + 34, row(number), text)
    write(sheet, margin + 34, row(6), "What the plant needs:", BLACK, underline=True)
    for number, text in enumerate(
        ("light from the sun", "water from the roots", "carbon dioxide from the air"), start=7
    ):
        write(sheet, margin + 80, row(number), f"• {text}")
    write(sheet, margin + 150, row(11.3), "6 CO_2 + 6 H_2O -> C_6H_12O_6 + 6 O_2", RED, scale=1.08, kind="math")
    _leaf(sheet, 560, row(16.6))
    for number, text in enumerate(
        (
            "The green colour comes from chlorophyll. It takes",
            "up red and blue light and sends the green back to",
            "our eyes. At night there is no light, so the plant",
            "rests and uses up a part of its sugar.",
        ),
        start=23,
    ):
        write(sheet, margin + 34, row(number), text)
    write(sheet, margin + 34, row(28), "Next week: bring a leaf and a hand lens!", RED)
    photograph(sheet, 2.2, (0.25, 0.2))


def _leaf(sheet: Sheet, x: float, y: float) -> None:
    """A leaf in the sun: light, water and carbon dioxide go in, oxygen and sugar come out."""
    upper = [(x, y), (x + 90, y - 105), (x + 230, y - 150), (x + 380, y - 110), (x + 480, y - 10)]
    lower = [(x + 480, y - 10), (x + 370, y + 85), (x + 220, y + 110), (x + 90, y + 70), (x, y)]
    stroke(sheet, upper, GREEN, 4)
    stroke(sheet, lower, GREEN, 4)
    stroke(sheet, [(x - 120, y + 90), (x - 60, y + 30), (x, y), (x + 240, y - 20), (x + 478, y - 10)], GREEN, 3)
    for along, height in ((90, 62), (180, 88), (270, 84), (350, 58)):
        stroke(sheet, [(x + along, y - 8), (x + along + 40, y - height * 0.6), (x + along + 66, y - height)], GREEN, 2)
        stroke(
            sheet,
            [(x + along, y - 8), (x + along + 42, y + height * 0.42), (x + along + 70, y + height * 0.72)],
            GREEN,
            2,
        )
    sun = (x - 190, y - 190)
    circle(sheet, *sun, 48, RED)
    for angle in np.linspace(0.2, 2 * np.pi + 0.2, 10, endpoint=False):
        near, far = 64, 92 + 10 * np.sin(3 * angle)
        stroke(sheet, [(sun[0] + r * np.cos(angle), sun[1] + r * np.sin(angle)) for r in (near, far)], RED)
    arrow(sheet, [(sun[0] + 96, sun[1] + 60), (x - 10, y - 90), (x + 60, y - 62)], RED)
    arrow(sheet, [(x - 60, y + 190), (x - 20, y + 120), (x + 50, y + 66)], BLUE)
    arrow(sheet, [(x + 640, y - 150), (x + 560, y - 110), (x + 470, y - 78)], BLACK)
    arrow(sheet, [(x + 470, y + 62), (x + 540, y + 112), (x + 620, y + 140)], BLACK)
    write(sheet, sun[0] - 44, sun[1] + 150, "light", RED, scale=0.85)
    write(sheet, x - 190, y + 225, "water", BLUE, scale=0.85)
    write(sheet, x + 655, y - 150, "CO_2", BLACK, scale=0.85)
    write(sheet, x + 640, y + 160, "oxygen", BLACK, scale=0.85)
    write(sheet, x + 205, y + 165, "sugar", GREEN, scale=0.85)


def cycle_de_l_eau(fonts: Path) -> None:
    """French notes on squared paper with a numbered list."""
    rng = np.random.default_rng(11)
    step = 40
    sheet = Sheet("cycle-de-l-eau", _font(fonts, "caveat"), 66, 0.33, rng, squared_paper(rng, step))
    grid = (step // 2 - BLEED) % step

    def row(number: float) -> float:
        return grid + step * (5 + 2 * number) - 3

    write(sheet, 190, row(0), "Le cycle de l'eau", RED, scale=1.35, underline=True)
    lines = (
        ("L'eau de la Terre ne se perd jamais : elle voyage sans", 190),
        ("fin entre la mer, le ciel et le sol. Une goutte tombée", 190),
        ("hier a peut-être déjà coulé sous un pont de Paris il y", 190),
        ("a mille ans.", 190),
    )
    for number, (text, x) in enumerate(lines):
        write(sheet, x, row(2 + number), text, BLACK)
    write(sheet, 190, row(7), "Les quatre étapes", RED, scale=1.1, underline=True)
    steps = (
        "1. Le soleil chauffe la mer et l'eau s'évapore.",
        "2. En altitude, la vapeur se refroidit : des nuages.",
        "3. Il pleut ou il neige sur les montagnes.",
        "4. Les rivières ramènent l'eau vers la mer.",
    )
    for number, text in enumerate(steps):
        write(sheet, 240, row(8.25 + number * 1.1), text, BLUE)
    closing = (
        "Une partie de la pluie entre dans le sol et remplit",
        "les nappes. Elle y reste parfois des siècles avant de",
        "revenir à la surface par une source.",
    )
    for number, text in enumerate(closing):
        write(sheet, 190, row(13.5 + number), text, BLACK)
    _landscape(sheet, 330, row(21.7))
    photograph(sheet, -1.6, (0.7, 0.25))


def _landscape(sheet: Sheet, x: float, y: float) -> None:
    """Sea, cloud, rain and mountains, with the way of the water."""
    for offset in (0, 24):
        wave = [(x + 38 * k, y + 60 + offset + 9 * (-1) ** k) for k in range(11)]
        stroke(sheet, wave, BLUE)
    hills = [(x + 400, y + 70), (x + 500, y - 40), (x + 590, y - 190), (x + 650, y - 110), (x + 720, y - 230)]
    stroke(sheet, [*hills, (x + 810, y - 60), (x + 900, y + 66)], BLACK)
    puffs = np.linspace(0, 2 * np.pi, 49)
    bulge = 1 + 0.13 * np.abs(np.sin(4 * puffs))
    cloud = [(x + 440 + 118 * r * np.cos(a), y - 290 + 58 * r * np.sin(a)) for a, r in zip(puffs, bulge, strict=True)]
    stroke(sheet, cloud, BLACK)
    for k in range(4):
        stroke(sheet, [(x + 392 + 34 * k, y - 205 + 5 * k), (x + 380 + 34 * k, y - 165 + 5 * k)], BLUE)
    arrow(sheet, [(x + 120, y + 20), (x + 130, y - 120), (x + 190, y - 225), (x + 290, y - 280)], BLUE)
    arrow(sheet, [(x + 560, y - 60), (x + 500, y + 30), (x + 410, y + 66)], BLUE)
    write(sheet, x - 90, y - 130, "vapeur", BLUE, scale=0.8)
    write(sheet, x + 250, y - 150, "pluie", BLUE, scale=0.8)
    write(sheet, x + 150, y + 150, "mer", BLUE, scale=0.8)


def fourier(fonts: Path) -> None:
    """Notes on blank paper with a graph and formulas."""
    rng = np.random.default_rng(5)
    sheet = Sheet("fourier-series", _font(fonts, "patrick-hand"), 60, 0.33, rng, blank_paper(rng))
    write(sheet, 200, 250, "Fourier series", BLACK, scale=1.35, underline=True)
    opening = (
        "Any periodic signal is a sum of sines and cosines.",
        "The more terms we add, the closer the sum gets",
        "to the signal, except right at the jumps.",
    )
    for number, text in enumerate(opening):
        write(sheet, 200, 390 + 84 * number, text, BLUE, slope=-0.004)
    _square_wave(sheet, 260, 860)
    items = (
        "- an even signal has only cosines",
        "- an odd signal has only sines",
        "- a jump overshoots by nine percent",
    )
    for number, text in enumerate(items):
        write(sheet, 250, 1190 + 84 * number, text, BLUE, slope=-0.003)
    write(sheet, 330, 1490, "f(t) = a_0 + a_1 cos t + b_1 sin t + ...", RED, kind="math")
    write(sheet, 200, 1640, "Why it matters", BLACK, scale=1.12, underline=True)
    closing = (
        "Sound, radio and pictures are stored as the first",
        "few terms. What the ear or the eye cannot notice is",
        "left out, and the file becomes ten times smaller.",
    )
    for number, text in enumerate(closing):
        write(sheet, 200, 1740 + 84 * number, text, BLUE, slope=-0.004)
    write(sheet, 200, 2060, "To do: exercises 3 and 4 until Monday", RED)
    photograph(sheet, 2.8, (0.6, 0.35))


def _square_wave(sheet: Sheet, x: float, y: float) -> None:
    """Axes, a square wave, and its first terms."""
    arrow(sheet, [(x, y), (x + 500, y + 2), (x + 1040, y)], BLACK)
    arrow(sheet, [(x + 40, y + 190), (x + 40, y), (x + 40, y - 200)], BLACK)
    corners = [(x + 40, y - 120)]
    for k in range(4):
        right, level = x + 40 + 230 * (k + 1), y - 120 * (-1) ** k
        corners += [(right, level), (right, -level + 2 * y)]
    for a, b in pairwise(corners[:-1]):
        stroke(sheet, [a, b], BLUE)
    ts = np.linspace(0, 4 * np.pi, 90)
    sums = 4 / np.pi * (np.sin(ts) + np.sin(3 * ts) / 3 + np.sin(5 * ts) / 5)
    stroke(sheet, list(zip(x + 40 + 230 * ts / np.pi, y - 120 * sums, strict=True)), RED)
    write(sheet, x + 1010, y + 56, "t", BLACK)
    write(sheet, x + 66, y - 180, "f(t)", BLACK)


def _font(fonts: Path, name: str) -> Path:
    found = sorted(fonts.rglob(f"{name}-latin-400-normal.woff2"))
    if not found:
        sys.exit(f"No {name}-latin-400-normal.woff2 in {fonts}. See the top of this file for how to get it.")
    return found[0]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for page in (photosynthesis, cycle_de_l_eau, fourier):
        page(Path(sys.argv[1]))

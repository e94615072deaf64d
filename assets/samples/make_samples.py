"""Makes the sample pages: our own words in openly licensed handwriting fonts, on drawn paper, lit like a phone photo.

    mkdir fonts && cd fonts
    for font in nothing-you-could-do caveat patrick-hand; do
        npm pack @fontsource/$font && mkdir $font && tar xzf fontsource-$font-*.tgz -C $font
    done
    cd .. && python assets/samples/make_samples.py fonts

Beside each page lies its ground truth, a list of {id, type, polygon, baseline, text} in pixels of the page. Every run
makes the same pages: whatever looks like chance comes from a seed.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from paper import (
    BLACK,
    BLEED,
    BLUE,
    GREEN,
    RED,
    Sheet,
    arrow,
    blank_paper,
    circle,
    photograph,
    ruled_paper,
    squared_paper,
    stroke,
    write,
)


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

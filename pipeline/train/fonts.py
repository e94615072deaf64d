"""Lines drawn with handwriting fonts, for what data sets hold too little of: digits, capitals, signs, rare letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.train.phrases import LANGUAGES, compose

FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
HEIGHT = 64
# Few sizes, as a font is unpacked anew for each; the augmentation's zoom does the rest.
SIZES = (40, 45, 50, 55, 60)
# Their capitals are flourishes that nobody sets side by side.
SWASHED = frozenset({"mr-de-haviland", "qwigley", "square-peg", "marck-script"})
# What lines may hold; which of it a font can draw is looked up in the font.
SIGNS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789éèêëàâçôöîïùûüœæÉÈÊËÀÂÇÔÖÎÏÙÛÜŒÆ"
    ".,;:!?'\"()[]-+=/<>*%&#@€$£°•×«»’“”–"
)


@dataclass(frozen=True, slots=True)
class FontLine:
    """A line of text in a handwriting font; the font is its writer."""

    text: str
    writer: str
    group: str = "fonts"

    def image(self, rng: np.random.Generator) -> np.ndarray:
        """Grey crop (H, W) uint8, dark on white: pen, size, spacing and baseline are fresh each time."""
        return draw(self.text, self.writer, rng)

    def width(self) -> int:
        """Width in pixels at 64 px height, roughly."""
        left, top, right, bottom = load_font(self.writer, 48).getbbox(self.text)
        return max(int((right - left + 12) * HEIGHT / max(bottom - top + 8, 24)), 16)


def font_samples(count: int, seed: int, languages: Sequence[str] = LANGUAGES) -> list[FontLine]:
    """`count` new lines; the same seed gives the same lines. Another seed each epoch gives fresh text."""
    rng = np.random.default_rng((seed, 77))
    names = font_names()
    lines: list[FontLine] = []
    while len(lines) < count:
        text = compose(rng, languages[int(rng.integers(len(languages)))])
        name = names[rng.integers(len(names))]
        # What a font can't draw is never drawn as boxes: the line goes to the next font that has it all.
        if set(text) - {" "} <= drawable(name) and not (name in SWASHED and _shouted(text)):
            lines.append(FontLine(text, name))
    return lines


def _shouted(text: str) -> bool:
    """Whether the text holds a word in capitals."""
    return any(len(word) > 2 and word.isupper() and word.isalpha() for word in text.split())


def font_names() -> list[str]:
    return sorted(path.stem for path in FONTS.glob("*.woff2"))


@lru_cache(maxsize=256)
def load_font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"{name}.woff2", size)


@lru_cache(maxsize=64)
def drawable(name: str) -> frozenset[str]:
    """The signs a font has ink for: those it lacks come as its box for missing signs, or as nothing."""
    font = load_font(name, 32)

    def ink(sign: str) -> bytes:
        mask = font.getmask(sign)
        return bytes(mask) if mask.getbbox() else b""

    missing = {b"", ink("\U0010fffe"), ink("\ue123")}
    return frozenset(sign for sign in SIGNS if ink(sign) not in missing)


def draw(text: str, name: str, rng: np.random.Generator) -> np.ndarray:
    """The text word by word, each a little higher or lower: (H, W) uint8, dark on white."""
    size = SIZES[rng.integers(len(SIZES))]
    restless = rng.uniform(0, 0.035) * size
    gap = size * rng.uniform(0.28, 0.62)
    climb = rng.normal(0, 0.006)
    pen = 1 if rng.random() < 0.25 else 0
    spread = rng.normal(0, 0.02) * size if rng.random() < 0.3 else 0.0
    font, words = load_font(name, size), _as_drawn(text, name, rng).split()
    lengths = [font.getlength(word) + spread * len(word) for word in words]
    margin, baseline = size, 2 * size
    width = int(sum(lengths) + 1.5 * gap * len(words)) + 2 * margin
    canvas = Image.new("L", (width, 4 * size), 255)
    pencil = ImageDraw.Draw(canvas)
    x = float(margin)
    for word, length in zip(words, lengths, strict=True):
        y = baseline + rng.normal(0, 1) * restless - climb * x
        # Joined letters must meet: they are drawn a word at a time, and one by one only where they are moved apart.
        for part, start in _parts(word, font, spread):
            pencil.text((x + start, y), part, fill=0, font=font, anchor="ls", stroke_width=pen)
        x += length + gap * rng.uniform(0.75, 1.4)
    return _framed(np.asarray(canvas), baseline, size, rng)


def _parts(word: str, font: ImageFont.FreeTypeFont, spread: float) -> list[tuple[str, float]]:
    if not spread:
        return [(word, 0.0)]
    return [(word[place], font.getlength(word[:place]) + spread * place) for place in range(len(word))]


def _framed(canvas: np.ndarray, baseline: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """The ink with a small margin; more than half the time with room for the tails it may not have."""
    dark = canvas < 200
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if not len(rows):
        return canvas
    top, bottom = rows[0], rows[-1]
    if rng.random() < 0.6:
        top, bottom = min(top, baseline - int(0.7 * size)), max(bottom, baseline + int(0.25 * size))
    above, below, left, right = rng.integers(2, 9, 4)
    return canvas[max(top - above, 0) : bottom + below, max(columns[0] - left, 0) : columns[-1] + right]


def _as_drawn(text: str, name: str, rng: np.random.Generator) -> str:
    """Curly quotes and long dashes at times, where the font has them: the text to be read stays plain."""
    has = drawable(name)
    if rng.random() < 0.5 and "’" in has:
        text = text.replace("'", "’")
    if rng.random() < 0.5 and {"“", "”"} <= has and text.count('"') == 2:
        text = text.replace('"', "“", 1).replace('"', "”", 1)
    if rng.random() < 0.4 and "–" in has:
        text = text.replace(" - ", " – ")
    return text

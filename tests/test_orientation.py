from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.clean import clean_page
from pipeline.train.fonts import load_font
from tests.handmade import PEN, TEXT, page

FONTS = ("caveat", "homemade-apple", "kalam", "reenie-beanie", "patrick-hand")


def _page_in(font: str) -> np.ndarray:
    """A page in a handwriting font, in the middle of the sheet, so that margins hardly tell which way up it is."""
    paper = Image.new("RGB", (1240, 1400), (250, 250, 250))
    draw = ImageDraw.Draw(paper)
    for number, text in enumerate(TEXT):
        draw.text((620, 200 + 120 * number), text, (90, 40, 30), load_font(font, 60), anchor="ms")
    return np.asarray(paper)


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("turns", range(4))
def test_a_page_comes_upright_whichever_way_it_lay(font: str, turns: int) -> None:
    pixels = _page_in(font)
    upright, turned = clean_page(pixels), clean_page(np.ascontiguousarray(np.rot90(pixels, turns)))
    assert upright.skew_degrees == pytest.approx(0, abs=1)
    assert turned.ink.shape == upright.ink.shape
    assert (turned.ink & upright.ink).sum() > 0.8 * upright.ink.sum()


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_a_few_upright_lines_stay_as_they_are(lines: int) -> None:
    assert clean_page(page(TEXT[:lines])).skew_degrees == pytest.approx(0, abs=1)


def _boxes_and_arrows(seed: int) -> np.ndarray:
    """A page with a diagram: boxes and ovals, one leading to the next."""
    rng = np.random.default_rng(seed)
    paper = np.full((1600, 1240, 3), 250, np.uint8)
    ends: list[tuple[int, int]] = []
    for number in range(rng.integers(3, 9)):
        x, y, width, height = (int(rng.integers(*span)) for span in ((100, 900), (100, 1300), (100, 260), (60, 200)))
        if number % 2:
            cv2.ellipse(paper, (x + width // 2, y + height // 2), (width // 2, height // 2), 0, 0, 360, PEN, 3)
        else:
            cv2.rectangle(paper, (x, y), (x + width, y + height), PEN, 3)
        ends.append((x + width // 2, y + height))
    for start, end in pairwise(ends):
        cv2.arrowedLine(paper, start, end, PEN, 3, tipLength=0.06)
    return paper


def _people(seed: int) -> np.ndarray:
    """A page with stick figures."""
    rng = np.random.default_rng(seed)
    paper = np.full((1600, 1240, 3), 250, np.uint8)
    for _ in range(rng.integers(2, 7)):
        x, y, size = int(rng.integers(200, 1000)), int(rng.integers(300, 1300)), int(rng.integers(30, 150))
        cv2.circle(paper, (x, y - size), size // 3, PEN, 3, cv2.LINE_AA)
        cv2.line(paper, (x, y - 2 * size // 3), (x, y), PEN, 3)
        for side in (-size // 3, size // 3):
            cv2.line(paper, (x, y), (x + side, y + size // 2), PEN, 3, cv2.LINE_AA)
            cv2.line(paper, (x, y - size // 3), (x + side, y - size // 2), PEN, 3, cv2.LINE_AA)
    return paper


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("draw", [_boxes_and_arrows, _people])
def test_a_drawing_is_not_turned(draw: Callable[[int], np.ndarray], seed: int) -> None:
    assert abs(clean_page(draw(seed)).skew_degrees) < 45


@pytest.mark.parametrize("formula", ["E = mc", "a + b = c", "x - y", "7 : 8 = ?", "dy / dx", "f(x) = 2x + 1"])
def test_a_formula_alone_is_not_turned(formula: str) -> None:
    assert abs(clean_page(page((formula,))).skew_degrees) < 45

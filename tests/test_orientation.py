import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.clean import clean_page
from pipeline.train.fonts import load_font
from tests.handmade import TEXT, page

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
    upright = clean_page(pixels).ink
    turned = clean_page(np.ascontiguousarray(np.rot90(pixels, turns))).ink
    assert turned.shape == upright.shape
    assert (turned & upright).sum() > 0.8 * upright.sum()


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_a_few_upright_lines_stay_as_they_are(lines: int) -> None:
    assert clean_page(page(TEXT[:lines])).skew_degrees == pytest.approx(0, abs=1)

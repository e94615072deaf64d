"""Words written above a line are found by themselves, and read with the line they belong to."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.clean import clean_page
from pipeline.layout import LaidLine, lay_out
from pipeline.lines import find_lines
from pipeline.train.fonts import load_font
from tests.handmade import PEN, TEXT, page, rule, write


def laid_lines(pixels: np.ndarray) -> list[LaidLine]:
    clean = clean_page(pixels)
    return list(lay_out(clean, find_lines(clean)).lines)


def caret(pixels: np.ndarray, x: int, y: int) -> None:
    cv2.polylines(pixels, [np.array([(x - 10, y + 8), (x, y - 16), (x + 10, y + 8)])], False, PEN, 2, cv2.LINE_AA)


@pytest.mark.parametrize("row", [0, 3, 7])
@pytest.mark.parametrize(("word", "scale"), [("very", 1.0), ("not so old", 0.8)])
@pytest.mark.parametrize("ruled", [False, True])
def test_an_insertion_is_a_line_that_follows_the_one_below_it(
    row: int, word: str, scale: float, *, ruled: bool
) -> None:
    pixels = page()
    base = 200 + 100 * row
    write(pixels, word, 320, base - 48, scale=scale)
    caret(pixels, 360, base)
    laid = laid_lines(rule(pixels, step=100) if ruled else pixels)
    bases = [line.line.baseline[:, 1].mean() for line in laid]
    expected = [200 + 100 * n for n in range(8)]
    expected.insert(row + 1, base - 48)
    assert bases == pytest.approx(expected, abs=12)
    inserted = laid[row + 1].line
    assert inserted.polygon[:, 0].min() == pytest.approx(320, abs=12)
    assert len({line.paragraph for line in laid}) == 1
    # Neither line's outline takes in the other's ink.
    assert laid[row].line.polygon[:, 1].min() > base - 48


def test_an_insertion_does_not_part_a_list_item_from_its_mark() -> None:
    pixels = page(("before the list there is a line", "- first of all", "- then another", "- and the last"))
    write(pixels, "maybe", 300, 352, scale=0.9)
    kinds = [line.kind for line in laid_lines(pixels)]
    assert kinds == ["text", "list_item", "list_item", "text", "list_item"]


@pytest.mark.parametrize("higher", [-8, 8])
def test_insertions_over_one_line_are_read_from_left_to_right(higher: int) -> None:
    pixels = page()
    write(pixels, "very", 250, 452, scale=0.9)
    write(pixels, "not so", 650, 452 - higher, scale=0.9)
    inserted = [line.line for line in laid_lines(pixels)[4:6]]
    assert [line.inserted for line in inserted] == [True, True]
    assert [line.polygon[:, 0].min() for line in inserted] == pytest.approx([250, 650], abs=12)


def font_page(name: str, texts: tuple[str, ...]) -> np.ndarray:
    picture = Image.new("RGB", (1400, 300 + 110 * len(texts)), (250, 250, 250))
    for row, text in enumerate(texts):
        ImageDraw.Draw(picture).text(
            (100, 180 + 110 * row), text, font=load_font(name, 60), fill=(40, 40, 60), anchor="ls"
        )
    return np.asarray(picture)[:, :, ::-1].copy()


FRENCH = (
    "Le théâtre fêté à l'évêché créé",
    "où naît la fée ôtée là-bas, très près",
    "Élève zélé, préféré été comme hiver",
    "le 1er août, M. Noël a dîné à l'hôtel",
)


@pytest.mark.parametrize("name", ["caveat", "kalam", "patrick-hand", "indie-flower"])
def test_accents_and_raised_letters_are_no_insertions(name: str) -> None:
    assert len(laid_lines(font_page(name, FRENCH))) == len(FRENCH)


def test_bars_and_underlines_are_no_insertions() -> None:
    pixels = page()
    cv2.line(pixels, (200, 436), (420, 438), PEN, 3)
    cv2.line(pixels, (130, 650), (260, 642), PEN, 3)
    assert len(laid_lines(pixels)) == len(TEXT)


def test_lines_are_looked_for_without_a_fault_on_a_page_that_lies_on_its_side() -> None:
    pixels = np.full((220, 600, 3), 250, np.uint8)
    for number, text in enumerate(("turn me over", "and read me", "once more")):
        at = (24, 50 + 60 * number)
        cv2.putText(pixels, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.9, (60, 40, 30), 2, cv2.LINE_AA)
    clean = clean_page(np.ascontiguousarray(np.rot90(pixels, -1)), stands=True)
    assert abs(clean.skew_degrees) < 1
    lay_out(clean, find_lines(clean))

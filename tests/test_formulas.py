import cv2
import numpy as np
import pytest

from pipeline.clean import clean_page
from pipeline.formulas import join_matrices, reads_as_formula
from pipeline.layout import lay_out
from pipeline.lines import find_lines
from tests.drawn import blank, page_of, write
from tests.handmade import TEXT, page
from tests.handmade import write as script


@pytest.mark.parametrize(
    "text", ["x·y = 0", "A = A-1", "- cos x sin x + sin x cos x = 0", "y = 3x + 5", "AB ≠ BA", "DE = LA"]
)
def test_a_relation_between_signs_is_a_formula(text: str) -> None:
    assert reads_as_formula(text)


@pytest.mark.parametrize(
    "text",
    [
        "so IA = A",
        "what about AB = C?",
        "the sum x + y",
        "12/3/1905",
        "Tel. 418 644-0000",
        "",
        "si x = y",
        "So A = B",
        "If x > 0",
        "Le 3 = 12 F",
        "2 kg at 5 F = 10 F",
    ],
)
def test_words_or_no_relation_make_no_formula(text: str) -> None:
    assert not reads_as_formula(text)


def _bracket(ink: np.ndarray, x: int, top: int, bottom: int, foot: int) -> None:
    cv2.polylines(ink, [np.array([(x + foot, top), (x, top), (x, bottom), (x + foot, bottom)])], False, 1, 4)


def test_rows_between_brackets_and_what_stands_beside_them_are_one_formula() -> None:
    ink = blank()
    prose = [write(ink, 200, 300 + 100 * row, 1100) for row in range(3)]
    parts = [write(ink, 200, 735, 60), write(ink, 330, 700, 200), write(ink, 330, 770, 200)]
    _bracket(ink, 300, 650, 790, 20)
    _bracket(ink, 590, 650, 790, -20)
    rest, formulas = join_matrices(ink > 0, [*prose, *parts])
    assert rest == prose
    assert len(formulas) == 1
    corners = formulas[0].polygon.min(axis=0), formulas[0].polygon.max(axis=0)
    assert np.abs(np.array(corners) - [(197, 650), (590, 790)]).max() < 12
    laid = lay_out(page_of(ink > 0), [*prose, *parts])
    assert [line.kind for line in laid.lines] == ["text", "text", "text", "formula"]
    assert laid.figures == ()


def test_prose_with_tall_letters_holds_no_matrix() -> None:
    ink = blank()
    lines = [write(ink, 200, 300 + 70 * row, 1100) for row in range(6)]
    for x in (400, 700, 950):  # they reach from one line into the next
        cv2.line(ink, (x, 420), (x, 520), 1, 4)
    assert join_matrices(ink > 0, lines) == (lines, [])


def test_a_root_in_the_row_of_a_line_is_no_figure() -> None:
    pixels = page(TEXT[:4])
    script(pixels, "so x = ", 120, 700)
    script(pixels, "y z and so on for all", 420, 700)
    root = np.array([(350, 690), (370, 715), (400, 640), (520, 640)])
    cv2.polylines(pixels, [root], False, (90, 40, 30), 3)
    clean = clean_page(pixels)
    assert lay_out(clean, find_lines(clean)).figures == ()

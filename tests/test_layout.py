from collections.abc import Callable

import cv2
import numpy as np
import pytest

from pipeline.layout import Layout, lay_out
from pipeline.lines import TextLine
from tests.drawn import STEP, blank, column, page_of, write


def order(layout: Layout, lines: list[TextLine]) -> list[int]:
    places = {id(line): place for place, line in enumerate(lines)}
    return [places[id(laid.line)] for laid in layout.lines]


def paragraphs(layout: Layout) -> list[int]:
    """How many lines each paragraph has."""
    numbers = [laid.paragraph for laid in layout.lines]
    return [numbers.count(number) for number in dict.fromkeys(numbers)]


def kinds(layout: Layout) -> list[str]:
    return [laid.kind for laid in layout.lines]


# ---- reading order


def test_a_blank_page_has_no_lines_and_no_figures() -> None:
    assert lay_out(page_of(blank() > 0), []) == Layout((), ())


def test_lines_are_read_from_the_top_whatever_order_they_come_in() -> None:
    ink = blank()
    lines = column(ink, 200, 200, 1100, 6)[::-1]
    assert order(lay_out(page_of(ink > 0), lines), lines) == [5, 4, 3, 2, 1, 0]


def test_pieces_of_one_row_are_read_from_left_to_right() -> None:
    ink = blank()
    lines = [write(ink, 900, 300, 300), write(ink, 200, 310, 400), write(ink, 200, 380, 1000)]
    assert order(lay_out(page_of(ink > 0), lines), lines) == [1, 0, 2]


def test_two_columns_under_a_title_are_read_one_after_the_other() -> None:
    ink = blank()
    title = [write(ink, 300, 200, 1000)]
    left, right = column(ink, 150, 400, 550, 7), column(ink, 850, 410, 550, 7)
    last = [write(ink, 150, 1100, 1250)]
    mixed = [*title, *(line for pair in zip(left, right, strict=True) for line in pair), *last]
    read = order(lay_out(page_of(ink > 0), mixed), mixed)
    assert [mixed[place] for place in read] == [*title, *left, *right, *last]


@pytest.mark.parametrize("x", [60, 1340], ids=["left margin", "right margin"])
def test_a_side_note_comes_after_the_paragraph_it_stands_beside(x: int) -> None:
    ink = blank()
    first, second = column(ink, 330, 200, 900, 6), column(ink, 330, 800, 900, 4)
    note = [write(ink, x, 340 + 60 * row, 170) for row in range(3)]
    lines = [*note, *first, *second]
    assert [lines[place] for place in order(lay_out(page_of(ink > 0), lines), lines)] == [*first, *note, *second]


# ---- paragraphs


def test_a_wider_gap_starts_a_paragraph() -> None:
    ink = blank()
    lines = [*column(ink, 200, 200, 1100, 4), *column(ink, 200, 200 + STEP * 5, 1100, 3)]
    assert paragraphs(lay_out(page_of(ink > 0), lines)) == [4, 3]


def test_an_indented_first_line_starts_a_paragraph() -> None:
    ink = blank()
    starts = [280, 200, 200, 280, 200, 200, 200]
    lines = [write(ink, x, 200 + STEP * row, 1300 - x) for row, x in enumerate(starts)]
    assert paragraphs(lay_out(page_of(ink > 0), lines)) == [3, 4]


def test_a_short_last_line_ends_a_paragraph() -> None:
    ink = blank()
    ends = [1300, 1280, 600, 1290, 1310, 1300, 500]
    lines = [write(ink, 200, 200 + STEP * row, end - 200) for row, end in enumerate(ends)]
    assert paragraphs(lay_out(page_of(ink > 0), lines)) == [3, 4]


# ---- kinds


def test_a_short_larger_line_at_the_top_is_a_heading() -> None:
    ink = blank()
    lines = [write(ink, 500, 200, 500, scale=1.4), *column(ink, 200, 340, 1100, 5)]
    assert kinds(lay_out(page_of(ink > 0), lines)) == ["heading", *["text"] * 5]


def test_a_short_underlined_line_is_a_heading() -> None:
    ink = blank()
    lines = [*column(ink, 200, 200, 1100, 4), write(ink, 200, 550, 450), *column(ink, 200, 620, 1100, 4)]
    plain = kinds(lay_out(page_of(ink > 0), lines))
    cv2.line(ink, (195, 566), (655, 570), 1, 4)
    assert plain == ["text"] * 9
    assert kinds(lay_out(page_of(ink > 0), lines)) == [*["text"] * 4, "heading", *["text"] * 4]


def test_an_underline_found_as_a_line_is_left_out() -> None:
    ink = blank()
    lines = [*column(ink, 200, 200, 1100, 4), write(ink, 200, 550, 450), *column(ink, 200, 620, 1100, 4)]
    cv2.line(ink, (195, 572), (655, 576), 1, 4)
    outline = np.array([(190, 566), (660, 566), (660, 582), (190, 582)], float)
    lines[4].polygon[2:, 1] = 566
    underline = TextLine(outline, np.array([(190, 576), (660, 576)], float))
    laid = lay_out(page_of(ink > 0), [*lines, underline])
    assert order(laid, lines) == list(range(9))
    assert kinds(laid)[4] == "heading"


def bullet(ink: np.ndarray, x: int, y: int) -> None:
    cv2.circle(ink, (x, y - 14), 6, 1, -1)


def dash(ink: np.ndarray, x: int, y: int) -> None:
    cv2.line(ink, (x - 10, y - 12), (x + 12, y - 14), 1, 4)


def number(ink: np.ndarray, x: int, y: int) -> None:
    cv2.line(ink, (x - 16, y - 36), (x - 16, y), 1, 4)
    cv2.circle(ink, (x - 4, y - 2), 3, 1, -1)


@pytest.mark.parametrize("mark", [bullet, dash, number])
def test_lines_that_start_with_a_mark_set_off_by_a_gap_are_list_items(
    mark: Callable[[np.ndarray, int, int], None],
) -> None:
    ink = blank()
    lines = column(ink, 200, 200, 1100, 3)
    for row in range(3):
        y = 200 + STEP * (3 + row)
        lines.append(write(ink, 300, y, 700))
        mark(ink, 272, y)
        lines[-1].polygon[[0, 3], 0] = 250
    laid = lay_out(page_of(ink > 0), lines)
    assert kinds(laid) == [*["text"] * 3, *["list_item"] * 3]
    assert paragraphs(laid) == [3, 1, 1, 1]


def test_the_second_line_of_a_list_item_belongs_to_it() -> None:
    ink = blank()
    lines = []
    for row in range(6):
        y = 200 + STEP * row
        lines.append(write(ink, 300, y, 1000))
        if row % 2 == 0:
            bullet(ink, 272, y)
    laid = lay_out(page_of(ink > 0), lines)
    assert kinds(laid) == ["list_item", "text"] * 3
    assert paragraphs(laid) == [2, 2, 2]


def test_a_single_initial_with_a_dot_is_no_list() -> None:
    ink = blank()
    lines = column(ink, 300, 200, 1000, 4)
    number(ink, 272, 200)
    lines[0].polygon[[0, 3], 0] = 240
    assert kinds(lay_out(page_of(ink > 0), lines)) == ["text"] * 4


# ---- figures


def drawing(ink: np.ndarray) -> None:
    """A house of 400 x 400 at (500, 800)."""
    points = np.array([(500, 1200), (500, 950), (700, 800), (900, 950), (900, 1200)])
    cv2.polylines(ink, [points], True, 1, 4)


def page_with_gap(ink: np.ndarray) -> list[TextLine]:
    return [*column(ink, 200, 200, 1100, 6), *column(ink, 200, 1400, 1100, 4)]


def test_a_drawing_between_paragraphs_is_a_figure() -> None:
    ink = blank()
    lines = page_with_gap(ink)
    drawing(ink)
    [(x0, y0, x1, y1)] = lay_out(page_of(ink > 0), lines).figures
    assert 460 < x0 < 500 < 900 < x1 < 940
    assert 760 < y0 < 800 < 1200 < y1 < 1240


def test_lines_found_in_a_drawing_are_left_out_and_their_ink_is_in_the_picture() -> None:
    ink = blank()
    lines = page_with_gap(ink)
    drawing(ink)
    false = TextLine(
        np.array([(480, 940), (960, 940), (960, 1010), (480, 1010)], float), np.array([(480, 1000), (960, 1000)], float)
    )
    laid = lay_out(page_of(ink > 0), [*lines[:6], false, *lines[6:]])
    assert order(laid, lines) == list(range(10))
    assert laid.figures[0][0] <= 480
    assert laid.figures[0][2] >= 960


def test_words_written_in_a_drawing_stand_at_its_place_in_the_reading_order() -> None:
    ink = blank()
    lines = page_with_gap(ink)
    drawing(ink)
    lines.append(write(ink, 620, 1080, 120))
    laid = lay_out(page_of(ink > 0), lines)
    assert order(laid, lines) == [*range(6), 10, *range(6, 10)]
    assert len(laid.figures) == 1


def speckle(ink: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    for x, y in rng.integers((100, 700), (1500, 1300), (300, 2)):
        cv2.circle(ink, (int(x), int(y)), 2, 1, -1)


def ruling(ink: np.ndarray) -> None:
    for y in range(750, 1300, 70):
        cv2.line(ink, (100, y), (1500, y), 1, 2)
    cv2.line(ink, (120, 0), (120, 1999), 1, 2)


def page_border(ink: np.ndarray) -> None:
    cv2.rectangle(ink, (1560, 0), (1599, 1999), 1, -1)
    cv2.line(ink, (0, 30), (1400, 2), 1, 5)


def blot(ink: np.ndarray) -> None:
    cv2.ellipse(ink, (800, 1000), (120, 100), 0, 0, 360, 1, -1)


def frame_around_text(ink: np.ndarray) -> None:
    cv2.rectangle(ink, (170, 130), (1350, 590), 1, 4)


@pytest.mark.parametrize("disturb", [speckle, ruling, page_border, blot, frame_around_text])
def test_what_is_no_drawing_is_no_figure(disturb: Callable[[np.ndarray], None]) -> None:
    ink = blank()
    lines = page_with_gap(ink)
    disturb(ink)
    laid = lay_out(page_of(ink > 0), lines)
    assert laid.figures == ()
    assert len(laid.lines) == 10

import numpy as np
import pytest

from pipeline.gutters import Curve, at_gutters

UNIT = 10.0


def _ink(*rows: list[tuple[int, int]]) -> np.ndarray:
    """Rows of words as solid bars, 23 pixels apart, from the given runs of columns."""
    ink = np.zeros((23 * len(rows) + 20, 400), bool)
    for number, words in enumerate(rows):
        for start, stop in words:
            ink[15 + 23 * number : 25 + 23 * number, start:stop] = True
    return ink


def _parts(ink: np.ndarray, row: int) -> list[tuple[int, int]]:
    curve = Curve(np.arange(10, 390), np.full(380, 20.0 + 23 * row), 1.0)
    return [(int(part.xs[0]), int(part.xs[-1])) for part in at_gutters(curve, ink, UNIT)]


def test_a_line_of_words_stays_whole() -> None:
    words = [(20, 80), (92, 160), (171, 260), (270, 380)]
    assert _parts(_ink(words, words, words), 1) == [(10, 389)]


def test_white_that_lines_above_and_below_cross_is_no_gutter() -> None:
    assert _parts(_ink([(20, 380)], [(20, 100), (200, 380)], [(20, 380)]), 1) == [(10, 389)]


def test_a_wide_gap_in_a_line_that_stands_alone_is_no_gutter() -> None:
    assert _parts(_ink([], [], [(20, 100), (160, 380)], [], []), 2) == [(10, 389)]


@pytest.mark.parametrize("row", [0, 1, 2])
def test_columns_are_parted_in_every_row(row: int) -> None:
    left_and_right = [(20, 90), (100, 180), (210, 290), (300, 380)]
    assert _parts(_ink(left_and_right, left_and_right, left_and_right), row) == [(10, 194), (195, 389)]


def test_a_note_beside_a_line_is_parted_where_the_lines_around_it_end_earlier() -> None:
    ink = _ink([(20, 150)], [(20, 100), (220, 380)], [(20, 160)])
    assert _parts(ink, 1) == [(10, 159), (160, 389)]


def test_parts_share_the_strength() -> None:
    rows = [[(20, 180), (210, 380)]] * 3
    curve = Curve(np.arange(10, 390), np.full(380, 43.0), 7.0)
    assert sum(part.strength for part in at_gutters(curve, _ink(*rows), UNIT)) == pytest.approx(7.0)

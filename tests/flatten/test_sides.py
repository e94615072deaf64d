import numpy as np
import pytest

from pipeline.flatten.sides import Side, not_askew


def _side(start: tuple[float, float], end: tuple[float, float]) -> Side:
    return Side(np.array(start), np.array(end), np.zeros(1), False)


BOTTOM = _side((640.0, 830.0), (40.0, 770.0))


@pytest.mark.parametrize(("start", "end"), [((240.0, 150.0), (700.0, 430.0)), ((240.0, 430.0), (700.0, 150.0))])
def test_a_guessed_side_that_runs_askew_is_laid_along_the_opposite_one_and_cuts_nothing_off(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    laid = not_askew(_side(start, end), BOTTOM)
    ways = laid.end - laid.start, BOTTOM.start - BOTTOM.end
    assert np.degrees(np.arctan2(ways[0][1], ways[0][0])) == pytest.approx(
        np.degrees(np.arctan2(ways[1][1], ways[1][0]))
    )
    for corner in (start, end):  # on the line or below it, on the sheet's side
        along = (corner[0] - laid.start[0]) / ways[0][0]
        assert laid.start[1] + along * ways[0][1] <= corner[1] + 1e-6


def test_a_guessed_side_that_runs_as_perspective_lets_it_stays() -> None:
    side = _side((200.0, 20.0), (700.0, 160.0))
    assert not_askew(side, BOTTOM) is side

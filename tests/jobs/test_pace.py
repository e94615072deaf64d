"""How long a job still takes."""

import pytest

from pipeline.jobs.pace import Pace


def test_nothing_is_promised_before_a_line_was_read() -> None:
    assert Pace().seconds_left(10, 0) is None
    assert Pace().after_page(20, 2.0).seconds_left(9, 20) is None


def test_the_first_lines_are_enough_to_judge_from() -> None:
    pace = Pace().after_page(20, 2.0).after_lines(5, 1.0)
    # 15 lines here, and 3 pages of 2 s and 20 lines each.
    assert pace.seconds_left(3, 15) == pytest.approx(15 * 0.2 + 3 * (2.0 + 20 * 0.2))


def test_pages_count_with_the_lines_they_had_on_average() -> None:
    pace = Pace().after_page(30, 1.0).after_lines(30, 3.0).after_page(10, 3.0).after_lines(10, 1.0)
    assert pace.seconds_left(1, 0) == pytest.approx(2.0 + 20 * 0.1)


def test_empty_pages_take_the_time_of_a_page() -> None:
    assert Pace().after_page(0, 1.5).seconds_left(4, 0) == pytest.approx(6.0)


def test_at_the_end_nothing_is_left() -> None:
    assert Pace().after_page(2, 1.0).after_lines(2, 1.0).seconds_left(0, 0) == 0

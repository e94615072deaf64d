import numpy as np
import pytest

from pipeline.train.metrics import (
    calibration_bins,
    confidence_interval,
    error_rate,
    expected_calibration_error,
    share_of_errors_in_least_certain,
)


@pytest.mark.parametrize(
    ("truth", "read", "cer", "wer"),
    [
        ("lecture notes", "lecture notes", 0, 0),
        ("abcd", "abxd", 1 / 4, 1),
        ("abcd", "", 1, 1),
        ("a b c d", "a b d", 2 / 7, 1 / 4),
        ("two  spaces", "two spaces", 0, 0),
        ("caf\u00e9", "cafe\u0301", 0, 0),
    ],
)
def test_error_rates_count_edits_over_the_length_of_the_truth(truth: str, read: str, cer: float, wer: float) -> None:
    assert error_rate([(truth, read)]) == pytest.approx(cer)
    assert error_rate([(truth, read)], words=True) == pytest.approx(wer)


def test_long_lines_weigh_more_than_short_ones() -> None:
    assert error_rate([("a", "b"), ("abcdefghi", "abcdefghi")]) == pytest.approx(1 / 10)


def test_an_interval_holds_the_rate_and_is_the_same_for_the_same_seed() -> None:
    rng = np.random.default_rng(1)
    edits = rng.poisson(3, 200).tolist()
    writers = [str(number % 20) for number in range(200)]
    low, high = confidence_interval(edits, [40] * 200, writers)
    assert low < sum(edits) / 8000 < high
    assert confidence_interval(edits, [40] * 200, writers) == (low, high)


def test_the_interval_of_lines_is_that_of_the_binomial() -> None:
    edits = [1] * 50 + [0] * 450
    low, high = confidence_interval(edits, [1] * 500, ["one hand"] * 500)
    spread = 1.96 * (0.1 * 0.9 / 500) ** 0.5
    assert (low, high) == pytest.approx((0.1 - spread, 0.1 + spread), abs=0.004)


def test_hands_that_differ_make_the_interval_wider_than_their_lines_do() -> None:
    edits = [hand for hand in range(10) for _ in range(30)]
    lengths, writers = [40] * 300, [str(hand) for hand in range(10) for _ in range(30)]
    by_writer = confidence_interval(edits, lengths, writers)
    by_line = confidence_interval(edits, lengths, [""] * 300)
    assert by_writer[1] - by_writer[0] > 3 * (by_line[1] - by_line[0])


@pytest.mark.parametrize("lines", [0, 1])
def test_too_few_lines_have_an_interval_without_width(lines: int) -> None:
    low, high = confidence_interval([2] * lines, [10] * lines, ["w"] * lines)
    assert low == high == pytest.approx(0.2 * lines)


@pytest.mark.parametrize(
    ("confidences", "cers", "error"),
    [
        ([0.9, 0.9], [0.1, 0.1], 0.0),
        ([0.95, 0.91], [0.0, 0.14], 0.0),  # in one bin only the means count
        ([1.0, 0.0], [0.0, 1.0], 0.0),
        ([1.0, 0.0], [1.0, 0.0], 1.0),
        ([0.85, 0.25, 0.25, 0.25], [0.05, 0.75, 0.75, 0.75], 0.1 / 4),
        ([0.25], [7.0], 0.25),  # accuracy is never below 0
        ([], [], 0.0),
    ],
)
def test_calibration_error_is_the_gap_between_confidence_and_accuracy(
    confidences: list[float], cers: list[float], error: float
) -> None:
    assert expected_calibration_error(confidences, cers) == pytest.approx(error)


def test_bins_hold_their_lower_end_and_the_last_one_both() -> None:
    count, sure, right = calibration_bins([0.0, 0.1, 0.95, 1.0], [0, 0.5, 0.2, 0.0]).T
    assert count.tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert sure[[1, 9]] == pytest.approx([0.1, 0.975])
    assert right[[1, 9]] == pytest.approx([0.5, 0.9])


@pytest.mark.parametrize(
    ("confidences", "edits", "share", "held"),
    [
        ([0.1, 0.9, 0.8, 0.7, 0.6], [6, 0, 1, 2, 3], 0.2, 6 / 12),
        ([0.9, 0.1, 0.2, 0.3, 0.4], [6, 0, 1, 2, 3], 0.2, 0),
        ([0.5] * 5, [10, 0, 0, 0, 0], 0.2, 0.2),  # no order among equals
        ([0.1, 0.2], [4, 4], 0.25, 0.25),  # half a line
        ([0.1, 0.2], [0, 0], 0.2, 1),
        ([], [], 0.2, 1),
    ],
)
def test_share_of_errors_in_the_least_certain_lines(
    confidences: list[float], edits: list[int], share: float, held: float
) -> None:
    assert share_of_errors_in_least_certain(confidences, edits, share) == pytest.approx(held)

import pytest

from pipeline.train.metrics import error_rate


@pytest.mark.parametrize(
    ("truth", "read", "cer", "wer"),
    [
        ("lecture notes", "lecture notes", 0, 0),
        ("abcd", "abxd", 1 / 4, 1),
        ("abcd", "", 1, 1),
        ("a b c d", "a b d", 2 / 7, 1 / 4),
        ("two  spaces", "two spaces", 0, 0),
    ],
)
def test_error_rates_count_edits_over_the_length_of_the_truth(truth: str, read: str, cer: float, wer: float) -> None:
    assert error_rate([(truth, read)]) == pytest.approx(cer)
    assert error_rate([(truth, read)], words=True) == pytest.approx(wer)


def test_long_lines_weigh_more_than_short_ones() -> None:
    assert error_rate([("a", "b"), ("abcdefghi", "abcdefghi")]) == pytest.approx(1 / 10)

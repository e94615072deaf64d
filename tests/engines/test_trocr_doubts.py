"""What TrOCR makes up is marked: repeated tails, lines without an end, text where there is no ink."""

import math

import pytest

from pipeline.engines.trocr.doubts import confidence_of, judge, without_repeats
from pipeline.engines.trocr.greedy import Written


def piece(*chances: float, ended: bool = True) -> Written:
    return Written(list(range(len(chances))), [math.log(chance) for chance in chances], ended)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([piece(0.9, 0.9, 0.9)], 0.9),
        ([piece(1.0, 0.25, 1.0, 1.0)], (0.25**0.25 * 0.25) ** 0.5),
        ([piece(1.0, 1.0), piece(0.25, 1.0)], (0.25**0.25 * 0.25) ** 0.5),
        ([piece(0.9, 0.9, 0.9, ended=False)], 0.0),
        ([piece(0.9), piece(0.9, ended=False)], 0.0),
        ([], 0.0),
    ],
    ids=["even", "one doubt", "a doubt in one piece", "never ends", "one piece never ends", "nothing"],
)
def test_confidence_shows_the_weakest_spot(pieces: list[Written], expected: float) -> None:
    assert confidence_of(pieces) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the cat sat on the the the the the", "the cat sat on the"),
        ("I said of the time of the time of the time of the", "I said of the time"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "a"),
        ("0 0 0 0 0 0 0 0 0 0 0", "0"),
    ],
)
def test_a_tail_that_goes_round_is_shown_once_and_marked(text: str, shown: str) -> None:
    line = judge(text, [piece(0.9, 0.9)], letters=30, name="trocr")
    assert (line.text, line.confidence, line.alternatives) == (shown, 0.0, (text,))


@pytest.mark.parametrize(
    "text",
    ["", "a", "ha ha ha", "the more the better", "Chapter 2 .................... 14", "Contents ...............",
     "- - - - - - - - - - - -", "1000000", "banana", "the integral of a sum is the sum of the integrals"],
)  # fmt: skip
def test_what_people_write_is_no_repeated_tail(text: str) -> None:
    assert without_repeats(text) == text


def test_more_text_than_ink_is_not_believed() -> None:
    line = judge("a whole sentence about a word", [piece(0.99, 0.99)], letters=4, name="trocr")
    assert (line.text, line.confidence) == ("a whole sentence about a word", 0.0)


def test_text_without_ink_for_a_letter_is_not_shown() -> None:
    line = judge("The president of the United States", [piece(0.99, 0.99)], letters=0.3, name="trocr")
    assert (line.text, line.confidence, line.alternatives) == ("", 0.0, ("The president of the United States",))


@pytest.mark.parametrize(("text", "letters"), [("I", 0.3), ("a-b", 1.0), ("minimum", 9), ("will it fit?", 6)])
def test_text_that_fits_the_ink_keeps_its_confidence(text: str, letters: float) -> None:
    assert judge(text, [piece(0.8, 0.8)], letters, "trocr").confidence == pytest.approx(0.8)

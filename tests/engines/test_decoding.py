import math

import numpy as np
import pytest

from pipeline.engines.decoding import Beam, Reading, decode_beam, decode_greedy, with_plain
from pipeline.engines.language import LanguageModel
from pipeline.train.language import count_language

CHARACTERS = "abc 7"
STRONG = Beam(weight=5.0, bonus=2.0)


def steps(*rows: dict[str, float]) -> np.ndarray:
    """Log-probabilities of steps given as {character: probability}, "-" being the blank; the rest is shared out."""
    classes = "-" + CHARACTERS
    table = np.full((len(rows), len(classes)), 0.0)
    for row, given in zip(table, rows, strict=True):
        row[:] = (1 - sum(given.values())) / (len(classes) - len(given))
        for character, probability in given.items():
            row[classes.index(character)] = probability
    return np.log(table)


CERTAIN = steps({"a": 0.96}, {"a": 0.96}, {"-": 0.96}, {"a": 0.96}, {"b": 0.96}, {"-": 0.96})
DOUBTFUL = steps({"a": 0.96}, {"-": 0.96}, {"b": 0.45, "c": 0.5})
LANGUAGE = count_language(["ab ab ab ab"] * 20, {"ab": 0.01})


def beam(log_probs: np.ndarray, how: Beam = Beam(), language: LanguageModel = LANGUAGE) -> Reading:  # noqa: B008
    return decode_beam(log_probs, CHARACTERS, language, how)


def test_greedy_collapses_repeats_and_drops_blanks() -> None:
    reading = decode_greedy(CERTAIN, CHARACTERS)
    assert reading.text == "aab"
    assert reading.ink == pytest.approx(6 * math.log(0.96))


@pytest.mark.parametrize("log_probs", [steps({"-": 0.99}, {"-": 0.99}), np.zeros((0, 1 + len(CHARACTERS)))])
def test_nothing_but_blanks_reads_as_nothing(log_probs: np.ndarray) -> None:
    assert decode_greedy(log_probs, CHARACTERS)[:2] == ("", ())
    assert beam(log_probs)[:2] == ("", ())


def test_the_beam_agrees_with_the_ink_where_it_is_plain() -> None:
    assert beam(CERTAIN).text == "aab"


def test_the_language_decides_where_the_ink_leaves_it_open() -> None:
    assert decode_greedy(DOUBTFUL, CHARACTERS).text == "ac"
    assert beam(DOUBTFUL).text == "ab"


@pytest.mark.parametrize("how", [Beam(), STRONG])
@pytest.mark.parametrize("text", ["ac", "c7", "7 7", "bbb", "ca cb", "77cb7"])
def test_clear_ink_is_never_overruled_however_strong_the_language(text: str, how: Beam) -> None:
    rows = [row for character in text for row in ({character: 0.985}, {"-": 0.985})]
    assert beam(steps(*rows), how).text == text


def test_letters_the_ink_denies_are_never_taken_however_strong_the_language() -> None:
    denied = steps({"a": 0.96}, {"-": 0.96}, {"c": 0.5, "7": 0.497, "b": 0.0005})
    assert "b" not in beam(denied, STRONG).text


def test_each_character_has_its_own_certainty_from_the_ink_alone() -> None:
    reading = beam(steps({"a": 0.96}, {"a": 0.7}, {"-": 0.96}, {"b": 0.45, "c": 0.5}, {"-": 0.99}))
    assert reading.text == "ab"
    assert np.exp(reading.peaks) == pytest.approx([0.96, 0.45])


@pytest.mark.parametrize("decode", [decode_greedy, lambda p, c: beam(p)])
def test_spaces_at_the_ends_go_with_their_certainties(decode) -> None:
    reading = decode(steps({" ": 0.9}, {"a": 0.95}, {"b": 0.6}, {" ": 0.9}), CHARACTERS)
    assert reading.text == "ab"
    assert np.exp(reading.peaks) == pytest.approx([0.95, 0.6])


def test_a_reading_tells_what_the_language_says_of_it() -> None:
    assert beam(DOUBTFUL).language == pytest.approx(LANGUAGE.log_probability("ab"))
    assert decode_greedy(DOUBTFUL, CHARACTERS).language is None


def test_what_else_a_line_may_say_comes_along_likeliest_first() -> None:
    reading = beam(steps({"a": 0.96}, {"-": 0.96}, {"b": 0.5, "c": 0.3, "7": 0.15}))
    assert reading.text == "ab"
    assert reading.others[:2] == ("ac", "a7")
    assert reading.text not in reading.others


def test_what_the_ink_alone_says_is_among_the_others() -> None:
    plain = decode_greedy(DOUBTFUL, CHARACTERS)
    assert with_plain(beam(DOUBTFUL)._replace(others=("b",)), plain).others == ("b", "ac")
    assert with_plain(beam(CERTAIN), decode_greedy(CERTAIN, CHARACTERS)).others == beam(CERTAIN).others


def test_a_doubled_letter_needs_a_gap() -> None:
    assert beam(steps({"b": 0.9}, {"b": 0.9})).text == "b"
    assert beam(steps({"b": 0.9}, {"-": 0.9}, {"b": 0.9})).text == "bb"


def test_the_path_is_likelier_the_surer_the_ink() -> None:
    assert beam(CERTAIN).ink > beam(DOUBTFUL).ink
    assert beam(CERTAIN).ink <= 0

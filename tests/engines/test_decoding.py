import numpy as np
import pytest

from pipeline.engines.decoding import decode_beam, decode_greedy
from pipeline.engines.language import count_language

CHARACTERS = "abc "


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
LANGUAGE = count_language(["ab ab ab ab"] * 20)


def test_greedy_collapses_repeats_and_drops_blanks() -> None:
    text, confidence = decode_greedy(CERTAIN, CHARACTERS)
    assert text == "aab"
    assert 0.9 < confidence < 1


@pytest.mark.parametrize("decode", [decode_greedy, lambda p, c: decode_beam(p, c, LANGUAGE)])
def test_nothing_but_blanks_reads_as_nothing_without_confidence(decode) -> None:
    assert decode(steps({"-": 0.99}, {"-": 0.99}), CHARACTERS) == ("", 0.0)


def test_the_beam_agrees_with_the_ink_where_it_is_plain() -> None:
    assert decode_beam(CERTAIN, CHARACTERS, LANGUAGE)[0] == "aab"


def test_the_language_decides_where_the_ink_leaves_it_open() -> None:
    assert decode_greedy(DOUBTFUL, CHARACTERS)[0] == "ac"
    assert decode_beam(DOUBTFUL, CHARACTERS, LANGUAGE)[0] == "ab"


def test_the_language_never_forces_what_the_ink_denies() -> None:
    plain = steps({"a": 0.96}, {"-": 0.96}, {"c": 0.999, "b": 0.0005})
    assert decode_beam(plain, CHARACTERS, LANGUAGE)[0] == "ac"


def test_confidence_comes_from_the_ink_alone() -> None:
    sure = decode_beam(CERTAIN, CHARACTERS, LANGUAGE)[1]
    doubtful = decode_beam(DOUBTFUL, CHARACTERS, LANGUAGE)[1]
    assert 0 < doubtful < sure <= 1

"""Each line is left to the surer of two networks, and lines read together are mostly in one hand."""

import numpy as np

from pipeline.engines.hands import by_the_surer, is_surer, leads, sureness


def line(chance: float, classes: int = 3, steps: int = 6) -> np.ndarray:
    """Log-probabilities of a line whose likeliest path, "ab" with blanks between, has this chance at each step."""
    path = np.array([1, 1, 0, 2, 0, 0])[:steps]
    others = (1 - chance) / (classes - 1)
    return np.log(np.where(np.arange(classes) == path[:, None], chance, others)).astype(np.float32)


BLANK = np.log(np.full((6, 3), [0.998, 0.001, 0.001])).astype(np.float32)


def test_sureness_is_of_a_character() -> None:
    assert np.isclose(sureness(line(0.9)), 6 * np.log(0.9) / 2)
    assert sureness(np.zeros((0, 3), np.float32)) is None
    assert sureness(BLANK) is None


def test_of_two_looks_the_surer_counts_and_any_before_none() -> None:
    assert is_surer(line(0.99), line(0.98))
    assert not is_surer(line(0.98), line(0.99))
    assert is_surer(line(0.4), BLANK)
    assert not is_surer(BLANK, line(0.4))
    assert not is_surer(BLANK, BLANK)


def test_a_line_is_left_to_the_surer_network() -> None:
    sure, unsure = line(0.99), line(0.6)
    assert by_the_surer([sure], [unsure])[0] is sure
    assert (by_the_surer([unsure], [sure])[0] == sure).all()
    assert (by_the_surer([sure], [line(0.989)])[0] == line(0.989)).all()  # hardly surer is not enough
    assert by_the_surer([], []) == []


def test_a_network_that_is_surer_of_all_hands_must_be_surer_still() -> None:
    learned, general = line(0.97), line(0.955)
    (lead,) = leads([learned], [general])
    assert lead is not None
    assert 0.02 < lead < 0.06
    assert by_the_surer([learned], [general], ahead=0.9 * lead)[0] is learned
    assert (by_the_surer([learned], [general], ahead=1.1 * lead)[0] == general).all()
    assert leads([learned, BLANK], [BLANK, general]) == [None, None]


def test_lines_read_together_have_a_say() -> None:
    odd_learned, odd_general = line(0.9), line(0.92)
    assert (by_the_surer([odd_learned], [odd_general])[0] == odd_general).all()
    in_company = by_the_surer([odd_learned] + [line(0.99)] * 7, [odd_general] + [line(0.7)] * 7)
    assert in_company[0] is odd_learned
    among_others = by_the_surer([odd_general] + [line(0.7)] * 7, [odd_learned] + [line(0.99)] * 7)
    assert (among_others[0] == odd_learned).all()


def test_empty_lines_say_nothing() -> None:
    nothing = np.zeros((0, 3), np.float32)
    learned, general = line(0.97), line(0.955)
    assert by_the_surer([learned], [general])[0] is learned
    assert by_the_surer([learned, *[nothing] * 20], [general, *[nothing] * 20])[0] is learned


def test_being_sure_of_nothing_is_no_reading() -> None:
    doubtful = line(0.6)
    assert by_the_surer([doubtful], [BLANK])[0] is doubtful
    assert (by_the_surer([BLANK], [doubtful])[0] == doubtful).all()
    assert (by_the_surer([BLANK], [BLANK])[0] == BLANK).all()
    company = [line(0.97), *[BLANK] * 20], [line(0.9), *[doubtful] * 20]
    assert by_the_surer(*company)[0] is company[0][0]


def test_letters_that_the_general_network_lacks_are_never_its_reading() -> None:
    (chosen,) = by_the_surer([line(0.5, classes=5)], [line(0.9)])
    assert chosen.shape == (6, 5)
    assert (chosen[:, 3:] < -20).all()
    assert (chosen[:, :3] == line(0.9)).all()

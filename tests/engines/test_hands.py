"""Each line is left to the surer of two networks, and lines read together are mostly in one hand."""

import numpy as np

from pipeline.engines.hands import by_the_surer, sureness


def line(chance: float, classes: int = 3, steps: int = 6) -> np.ndarray:
    """Log-probabilities of a line whose likeliest path, "ab" with blanks between, has this chance at each step."""
    path = np.array([1, 1, 0, 2, 0, 0])[:steps]
    others = (1 - chance) / (classes - 1)
    return np.log(np.where(np.arange(classes) == path[:, None], chance, others)).astype(np.float32)


def test_sureness_is_of_a_character() -> None:
    assert np.isclose(sureness(line(0.9)), 6 * np.log(0.9) / 2)
    assert sureness(np.zeros((0, 3), np.float32)) == 0
    assert sureness(np.log(np.full((4, 2), [0.8, 0.2]))) == 4 * np.log(0.8)  # nothing but blanks


def test_a_line_is_left_to_the_surer_network() -> None:
    sure, unsure = line(0.99), line(0.6)
    assert by_the_surer([sure], [unsure])[0] is sure
    assert (by_the_surer([unsure], [sure])[0] == sure).all()
    assert (by_the_surer([sure], [line(0.989)])[0] == line(0.989)).all()  # hardly surer is not enough
    assert by_the_surer([], []) == []


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


def test_letters_that_the_general_network_lacks_are_never_its_reading() -> None:
    (chosen,) = by_the_surer([line(0.5, classes=5)], [line(0.9)])
    assert chosen.shape == (6, 5)
    assert (chosen[:, 3:] < -20).all()
    assert (chosen[:, :3] == line(0.9)).all()

"""A network that learned a hand reads beside the one it learned from; each line is left to the one that is surer of it.

So a hand can be learned as far as it goes, and all others are read as before.
"""

from collections.abc import Sequence

import numpy as np

# By so much a learned network must be surer of a line: natural log of a character's probability. On its own hand it
# mostly is, on others hardly ever (docs/adapting.md).
AHEAD = 0.02
COMPANY = 3.0  # lines read together are mostly in one hand: their mean counts so many times what a line says itself
NEVER = -30.0  # log-probability of characters that a network doesn't know


def by_the_surer(learned: Sequence[np.ndarray], general: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Of each line one of the two networks' log-probabilities.

    learned: (T, classes) a line. general: the same of the network it learned from, which may lack the last characters.
    """
    if not learned:
        return []
    ahead = np.array([sureness(new) - sureness(old) for new, old in zip(learned, general, strict=True)])
    written = sum(len(line) > 0 for line in learned)
    heard = (ahead + COMPANY * ahead.sum() / max(written, 1)) / (1 + COMPANY)
    return [
        new if lead > AHEAD else _widened(old, new.shape[1])
        for new, old, lead in zip(learned, general, heard, strict=True)
    ]


def sureness(log_probs: np.ndarray) -> float:
    """Mean log-probability of a character on the likeliest path through (T, classes), with its blanks; 0 of nothing."""
    if not len(log_probs):
        return 0.0
    path = log_probs.argmax(axis=1)
    characters = np.count_nonzero(path[np.diff(path, prepend=-1) != 0])
    return float(log_probs.max(axis=1).sum() / max(characters, 1))


def _widened(log_probs: np.ndarray, classes: int) -> np.ndarray:
    return np.pad(log_probs, ((0, 0), (0, classes - log_probs.shape[1])), constant_values=NEVER)

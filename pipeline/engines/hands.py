"""A network that learned a hand reads beside the one it learned from; each line is left to the one that is surer of it.

So a hand can be learned as far as it goes, and others are read nearly as before (docs/adapting.md).
"""

from collections.abc import Sequence

import numpy as np

# By so much at least a learned network must be surer of a line: natural log of a character's probability. On its own
# hand it mostly is, on others hardly ever (docs/adapting.md).
AHEAD = 0.02
COMPANY = 8.0  # lines read together are mostly in one hand: their mean counts so many times what a line says itself
NEVER = -30.0  # log-probability of characters that a network doesn't know


def by_the_surer(
    learned: Sequence[np.ndarray], general: Sequence[np.ndarray], ahead: float = AHEAD
) -> list[np.ndarray]:
    """Of each line one of the two networks' log-probabilities.

    learned: (T, classes) a line. general: the same of the network it learned from, which may lack the last characters.
    ahead: by how much the learned one must lead.
    """
    each = leads(learned, general)
    known = [lead for lead in each if lead is not None]
    company = sum(known) / len(known) if known else 0.0
    chosen = []
    for lead, new, old in zip(each, learned, general, strict=True):
        # Where one reads nothing, what the other reads is taken: whether it is text at all, the calibration knows.
        better = sureness(new) is not None if lead is None else (lead + COMPANY * company) / (1 + COMPANY) > ahead
        chosen.append(new if better else _widened(old, new.shape[1]))
    return chosen


def leads(learned: Sequence[np.ndarray], general: Sequence[np.ndarray]) -> list[float | None]:
    """By how much the learned network is surer of each line; None where one of the two reads nothing."""
    said = [(sureness(new), sureness(old)) for new, old in zip(learned, general, strict=True)]
    return [None if new is None or old is None else new - old for new, old in said]


def sureness(log_probs: np.ndarray) -> float | None:
    """Mean log-probability of a character on the likeliest path through (T, classes), with its blanks.

    None where the path has no character: of nothing any network is sure.
    """
    letters = letters_read(log_probs)
    return float(log_probs.max(axis=1).sum() / letters) if letters else None


def is_surer(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether the first of two readings of a line, (T, classes) each, is the surer one."""
    sure, sure_too = sureness(one), sureness(other)
    return sure is not None and (sure_too is None or sure > sure_too)


def letters_read(log_probs: np.ndarray) -> int:
    """How many characters the likeliest path through (T, classes) has."""
    path = log_probs.argmax(axis=1)
    return int(np.count_nonzero(path[np.diff(path, prepend=-1) != 0]))


def _widened(log_probs: np.ndarray, classes: int) -> np.ndarray:
    return np.pad(log_probs, ((0, 0), (0, classes - log_probs.shape[1])), constant_values=NEVER)

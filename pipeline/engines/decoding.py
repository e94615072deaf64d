"""From a CTC network's log-probabilities to text and confidence."""

import numpy as np

BLANK = 0


def decode_greedy(log_probs: np.ndarray, characters: str) -> tuple[str, float]:
    """Best path: take the likeliest class of each time step, collapse repeats, drop blanks.

    log_probs: (T, 1 + len(characters)), class 0 is the blank.
    Returns the text and the geometric mean probability of one character, 0..1: the whole path's probability
    spread over the characters read, so that a doubtful blank, where a letter may be missing, counts too.
    """
    path = log_probs.argmax(axis=1)
    starts = np.flatnonzero(np.diff(path, prepend=BLANK))
    kept = [int(path[start]) for start in starts if path[start] != BLANK]
    if not kept:
        return "", 0.0
    certainty = float(log_probs[np.arange(len(path)), path].sum())
    return "".join(characters[number - 1] for number in kept).strip(), float(np.exp(certainty / len(kept)))

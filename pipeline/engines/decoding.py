"""From a CTC network's log-probabilities to text and confidence."""

import math

import numpy as np

from pipeline.engines.language import LanguageModel

BLANK = 0
NEVER = -1e9
# Log probability in the ink from which on a letter is thought of at all, and how far behind the best a text may fall.
LEAST, MARGIN = -5.5, 9.0


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


def decode_beam(
    log_probs: np.ndarray,
    characters: str,
    language: LanguageModel,
    *,
    weight: float = 0.4,
    bonus: float = 1.3,
    width: int = 8,
) -> tuple[str, float]:
    """Prefix beam search (Hannun et al. 2014): the likeliest text, its letters weighed by a language model.

    Score of a text: log P(text | ink) + weight * log P(text) + bonus * length. Letters the ink gives less than one
    in 250 are never taken. Returns the text and its geometric mean probability a character in the ink alone.
    """
    # A text so far: log probabilities of the paths that end in blank and that do not, and the language's share.
    beam: dict[str, tuple[float, float, float]] = {"": (0.0, NEVER, 0.0)}
    for frame in log_probs:
        blank = float(frame[BLANK])
        if blank > -0.005:  # certainly between letters
            beam = {text: (_add(b, n) + blank, NEVER, extra) for text, (b, n, extra) in beam.items()}
            continue
        likely = [(characters[k - 1], float(frame[k])) for k in np.flatnonzero(frame > LEAST) if k != BLANK]
        grown: dict[str, tuple[float, float, float]] = {}
        for text, (ends_blank, ends_letter, extra) in beam.items():
            whole = _add(ends_blank, ends_letter)
            b, n, _ = grown.get(text, (NEVER, NEVER, extra))
            grown[text] = (_add(b, whole + blank), n, extra)
            for letter, log_p in likely:
                start = whole
                if text.endswith(letter):
                    # The same letter again: drawn on, or a second one after a blank.
                    b, n, _ = grown[text]
                    grown[text] = (b, _add(n, ends_letter + log_p), extra)
                    start = ends_blank
                longer = text + letter
                if longer in grown:
                    b, n, more = grown[longer]
                else:
                    b, n, more = NEVER, NEVER, extra + weight * language.log_probability(text, letter) + bonus
                grown[longer] = (b, _add(n, start + log_p), more)
        scores = {text: _score(state) for text, state in grown.items()}
        worst = max(scores.values()) - MARGIN
        ranked = sorted((text for text in scores if scores[text] > worst), key=scores.__getitem__, reverse=True)
        beam = {text: grown[text] for text in ranked[:width]}
    text, (ends_blank, ends_letter, _) = max(beam.items(), key=lambda item: _score(item[1]))
    if not text.strip():
        return "", 0.0
    return text.strip(), math.exp(min(_add(ends_blank, ends_letter) / len(text), 0.0))


def _score(state: tuple[float, float, float]) -> float:
    return _add(state[0], state[1]) + state[2]


def _add(a: float, b: float) -> float:
    """log(exp(a) + exp(b))."""
    if a < b:
        a, b = b, a
    return a if b < a - 30 else a + math.log1p(math.exp(b - a))

"""From a CTC network's log-probabilities to text, and how sure the ink is of each letter."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipeline.engines.language import LanguageModel

BLANK = 0
NEVER = -1e9


class Reading(NamedTuple):
    """A text and what the ink says of it, as log probabilities.

    `peaks`: each character's own, at its best time step. `ink`: of the whole path, so that a doubtful blank, where a
    letter may be missing, counts too; 0 characters have a path as well. `language`: what the language model says of
    the text, None where none was asked. `others`: what else it may say, likeliest first.
    """

    text: str
    peaks: tuple[float, ...]
    ink: float
    language: float | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Beam:
    """How the beam search weighs and prunes; `weight` and `bonus` are tuned by pipeline/train/calibrate.py."""

    weight: float = 0.4  # of the language model's log probability
    bonus: float = 1.3  # a character, against the language model's liking for short texts
    width: int = 8  # texts followed at a time
    certain: float = 0.98  # probability in the ink from which on nothing else is thought of
    least: float = -5.5  # log probability in the ink from which on a letter is thought of at all
    margin: float = 6.0  # how far behind the best a text may fall


def decode_greedy(log_probs: np.ndarray, characters: str) -> Reading:
    """Best path: take the likeliest class of each time step, collapse repeats, drop blanks.

    log_probs: (T, 1 + len(characters)), class 0 is the blank.
    """
    if not len(log_probs):
        return Reading("", (), 0.0)
    path = log_probs.argmax(axis=1)
    best = log_probs[np.arange(len(path)), path]
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    tops = np.maximum.reduceat(best, starts)
    read = [(characters[k - 1], top) for k, top in zip(path[starts].tolist(), tops.tolist(), strict=True) if k != BLANK]
    return _stripped("".join(c for c, _ in read), [top for _, top in read], float(best.sum()))


def decode_beam(log_probs: np.ndarray, characters: str, language: LanguageModel, beam: Beam) -> Reading:
    """Prefix beam search (Hannun et al. 2014): the likeliest text, its letters weighed by a language model.

    Score of a text: log P(text | ink) + weight * log P(text) + bonus * length. Where the ink is certain of a letter or
    of a gap it has the only say, and letters it gives less than one in 250 are never taken.
    """
    root = _Letter(None, "", NEVER)
    texts = {"": _Text(0.0, NEVER, 0.0, " ", root)}
    top = 0.0
    for log_p_blank, letters in _moments(log_probs, characters, beam):
        if not letters:
            for text in texts.values():
                text.blank, text.letter = _add(text.blank, text.letter) + log_p_blank, NEVER
            top += log_p_blank
            continue
        grown: dict[str, _Text] = {}
        floor = top + max(log_p_blank, max(log_p for _, log_p in letters)) - beam.margin
        for said, text in texts.items():
            whole = _add(text.blank, text.letter)
            same = grown.get(said)
            if same is None:
                same = grown[said] = _Text(NEVER, NEVER, text.extra, text.state, text.last)
            same.blank = _add(same.blank, whole + log_p_blank)
            for letter, log_p in letters:
                start = whole
                if text.last.character == letter:
                    # The same letter again: drawn on, or a second one after a blank.
                    same.letter = _add(same.letter, text.letter + log_p)
                    text.last.peak = max(text.last.peak, log_p)
                    start = text.blank
                if start + text.extra + log_p < floor:
                    continue  # the ink alone puts it too far behind
                longer = said + letter
                other = grown.get(longer)
                if other is None:
                    known = texts.get(longer)
                    if known is None:
                        log_p_language, state = language.step(text.state, letter)
                        extra = text.extra + beam.weight * log_p_language + beam.bonus
                        other = _Text(NEVER, NEVER, extra, state, _Letter(text.last, letter, log_p))
                    else:
                        other = _Text(NEVER, NEVER, known.extra, known.state, known.last)
                    grown[longer] = other
                other.letter = _add(other.letter, start + log_p)
        for text in grown.values():
            text.score = _add(text.blank, text.letter) + text.extra
        top = max(text.score for text in grown.values())
        ranked = sorted((item for item in grown.items() if item[1].score > top - beam.margin), key=_score, reverse=True)
        texts = dict(ranked[: beam.width])
    for text in texts.values():
        text.extra += beam.weight * language.step(text.state, " ")[0]
        text.score = _add(text.blank, text.letter) + text.extra
    (said, text), *others = sorted(texts.items(), key=_score, reverse=True)
    peaks: list[float] = []
    last: _Letter | None = text.last
    while last is not None and last is not root:
        peaks.append(last.peak)
        last = last.before
    reading = _stripped(said, peaks[::-1], _add(text.blank, text.letter))
    says = min(language.log_probability(reading.text), 0.0)
    return reading._replace(language=says, others=_others(reading.text, [other for other, _ in others]))


def _others(text: str, texts: list[str]) -> tuple[str, ...]:
    """Texts that differ from `text`, each once."""
    return tuple(other for other in dict.fromkeys(other.strip() for other in texts) if other != text)


def with_plain(reading: Reading, plain: Reading) -> Reading:
    """A reading that names what the ink alone says, too, where the language model had it otherwise."""
    return reading._replace(others=_others(reading.text, [*reading.others, plain.text]))


class _Letter:
    """The last letter of a text with the letters before it, and its best log probability so far."""

    __slots__ = ("before", "character", "peak")

    def __init__(self, before: "_Letter | None", character: str, peak: float):
        self.before, self.character, self.peak = before, character, peak


class _Text:
    """A text so far: log probabilities of its paths that end in blank and in a letter, and the language's share."""

    __slots__ = ("blank", "extra", "last", "letter", "score", "state")

    def __init__(self, blank: float, letter: float, extra: float, state: str, last: _Letter):
        self.blank, self.letter, self.extra, self.state, self.last = blank, letter, extra, state, last
        self.score = NEVER


def _score(item: tuple[str, _Text]) -> float:
    return item[1].score


def _moments(log_probs: np.ndarray, characters: str, beam: Beam) -> list[tuple[float, list[tuple[str, float]]]]:
    """Time steps as (log P(blank), letters worth thinking of), runs of steps sure of the same thing as one."""
    path = log_probs.argmax(axis=1)
    best = log_probs[np.arange(len(path)), path]
    # An uncertain step stands alone: it gets a number of its own.
    kinds = np.where(best > math.log(beam.certain), path, -1 - np.arange(len(path)))
    starts = np.flatnonzero(np.diff(kinds, prepend=len(log_probs) + len(characters)))
    sums = np.add.reduceat(best, starts).tolist() if len(starts) else []
    moments: list[tuple[float, list[tuple[str, float]]]] = []
    for start, kind, total in zip(starts.tolist(), kinds[starts].tolist(), sums, strict=True):
        if kind == BLANK:
            moments.append((total, []))
        elif kind > 0:
            moments.append((NEVER, [(characters[kind - 1], total)]))
        else:
            frame = log_probs[start]
            likely = [k for k in np.flatnonzero(frame > beam.least).tolist() if k != BLANK]
            moments.append((float(frame[BLANK]), [(characters[k - 1], float(frame[k])) for k in likely]))
    return moments


def _stripped(text: str, peaks: list[float], ink: float) -> Reading:
    """Without spaces at either end."""
    start = len(text) - len(text.lstrip())
    text = text.strip()
    return Reading(text, tuple(peaks[start : start + len(text)]), min(ink, 0.0))


def _add(a: float, b: float) -> float:
    """log(exp(a) + exp(b))."""
    if a < b:
        a, b = b, a
    return a if b < a - 30 else a + math.log1p(math.exp(b - a))

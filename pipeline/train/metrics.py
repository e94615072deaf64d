"""Error rates of characters and words, how far to trust them, and how well confidences tell errors beforehand."""

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

FEWEST_WRITERS = 5  # with fewer, drawing writers anew says nothing
DRAWS = 1000


def collapse(text: str) -> str:
    """The form in which texts are compared: accents composed (NFC), white space collapsed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def error_counts(truth: str, read: str, *, words: bool = False) -> tuple[int, int]:
    """Edits that turn what was read into the truth, and the length of the truth, in characters or words."""
    a, b = collapse(truth), collapse(read)
    units: tuple[list[str] | str, list[str] | str] = (a.split(), b.split()) if words else (a, b)
    return Levenshtein.distance(*units), len(units[0])


def error_rate(pairs: Iterable[tuple[str, str]], *, words: bool = False) -> float:
    """CER (or WER with `words`) over (truth, read) pairs: edits needed over the length of all truths."""
    counts = [error_counts(truth, read, words=words) for truth, read in pairs]
    return sum(edits for edits, _ in counts) / max(sum(length for _, length in counts), 1)


def confidence_interval(
    edits: Sequence[int], lengths: Sequence[int], writers: Sequence[str], *, seed: int = 7
) -> tuple[float, float]:
    """The 95 % interval of an error rate over lines, by the percentile bootstrap.

    Lines of one hand are alike, so whole writers are drawn with replacement: it says what other writers would bring.
    A line whose writer is not known ("") is drawn by itself. With fewer than 5 known writers all lines are drawn by
    themselves, which says only what other lines of the same hands would bring. The same seed, the same interval.
    """
    if not len(edits):
        return 0.0, 0.0
    few = len(set(writers) - {""}) < FEWEST_WRITERS
    labels = [f"line {number}" if few or not writer else f"by {writer}" for number, writer in enumerate(writers)]
    _, groups = np.unique(labels, return_inverse=True)
    edits_of, lengths_of = np.bincount(groups, edits), np.bincount(groups, lengths)
    rng = np.random.default_rng(seed)
    drawn = (rng.integers(len(edits_of), size=len(edits_of)) for _ in range(DRAWS))
    low, high = np.percentile([edits_of[some].sum() / max(lengths_of[some].sum(), 1) for some in drawn], (2.5, 97.5))
    return float(low), float(high)


def line_accuracy(cers: Sequence[float]) -> NDArray[np.float64]:
    """What a line's confidence should be: 1 - CER, and 0 for a line with more edits than characters."""
    return np.clip(1 - np.asarray(cers, np.float64), 0, 1)


def calibration_bins(confidences: Sequence[float], cers: Sequence[float], bins: int = 10) -> NDArray[np.float64]:
    """(bins, 3): lines, their mean confidence and mean accuracy, in `bins` equal parts of 0..1; empty ones are 0.

    A part holds its lower end but not its upper one; the last part also holds 1.
    """
    sure, right = np.clip(np.asarray(confidences, np.float64), 0, 1), line_accuracy(cers)
    part = np.minimum((sure * bins).astype(int), bins - 1)
    count = np.bincount(part, minlength=bins)
    some = np.maximum(count, 1)
    return np.stack([count, np.bincount(part, sure, bins) / some, np.bincount(part, right, bins) / some], axis=1)


def expected_calibration_error(confidences: Sequence[float], cers: Sequence[float], bins: int = 10) -> float:
    """Line-level ECE: |mean accuracy - mean confidence| of each tenth of 0..1, weighted by its share of the lines.

    One confidence and one CER a line; a line's accuracy is 1 - CER, at least 0 (Naeini et al. 2015, Guo et al. 2017,
    with a line's accuracy in place of right or wrong). 0 where there are no lines.
    """
    count, sure, right = calibration_bins(confidences, cers, bins).T
    return float((count * np.abs(right - sure)).sum() / max(count.sum(), 1))


def share_of_errors_in_least_certain(confidences: Sequence[float], edits: Sequence[int], share: float = 0.2) -> float:
    """The part of all character edits, 0..1, that the `share` of lines with the lowest confidences holds.

    Lines of equal confidence count with their mean, so their order does not matter. 1 where there are no errors.
    """
    if not sum(edits):
        return 1.0
    _, rank = np.unique(np.asarray(confidences, np.float64), return_inverse=True)
    mean_edits = np.bincount(rank, edits) / np.bincount(rank)
    held = np.concatenate([[0], np.cumsum(mean_edits[np.sort(rank)])])
    return float(np.interp(share * len(edits), np.arange(len(held)), held) / sum(edits))

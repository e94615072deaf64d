"""Character and word error rates."""

from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein


def collapse(text: str) -> str:
    """Collapse white space, the form in which texts are compared."""
    return " ".join(text.split())


def error_rate(pairs: Iterable[tuple[str, str]], *, words: bool = False) -> float:
    """CER (or WER with `words`) over (truth, read) pairs: edits needed over the length of all truths."""
    edits = length = 0
    for truth, read in pairs:
        a, b = (collapse(truth), collapse(read))
        units: tuple[list[str] | str, list[str] | str] = (a.split(), b.split()) if words else (a, b)
        edits += Levenshtein.distance(*units)
        length += len(units[0])
    return edits / max(length, 1)

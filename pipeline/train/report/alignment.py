"""Truth and reading laid side by side, letter by letter."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Levenshtein

Kind = Literal["same", "wrong", "missed", "added"]


@dataclass(frozen=True, slots=True)
class Step:
    """One character of the truth, of the reading, or of both; the absent one is empty."""

    kind: Kind
    truth: str
    read: str


def align(truth: str, read: str) -> list[Step]:
    """The fewest steps that tell how the reading departs from the truth; as many differ as the edit distance says."""
    steps = []
    for part in Levenshtein.opcodes(truth, read):
        tag, a, b = part.tag, truth[part.src_start : part.src_end], read[part.dest_start : part.dest_end]
        if tag == "delete":
            steps += [Step("missed", letter, "") for letter in a]
        elif tag == "insert":
            steps += [Step("added", "", letter) for letter in b]
        else:
            kind: Kind = "same" if tag == "equal" else "wrong"
            steps += [Step(kind, x, y) for x, y in zip(a, b, strict=True)]
    return steps


def visible(letters: str) -> str:
    """Letters that can be seen where they stand alone: a space as ␣, a loose accent on a circle, controls escaped."""
    return "".join(_visible(letter) for letter in letters)


def _visible(letter: str) -> str:
    if letter == " ":
        return "␣"
    if unicodedata.combining(letter):
        return "◌" + letter
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")


def kind_of_error(step: Step) -> str:
    """What an error is about, in the words of the report."""
    pair = step.truth, step.read
    if " " in pair:
        return "spaces between words"
    if step.kind == "wrong":
        if step.truth.casefold() == step.read.casefold():
            return "capital or small letter"
        if _bare(step.truth) == _bare(step.read):
            return "accents"
    letter = step.truth or step.read
    if letter.isdigit():
        return "digits"
    if not letter.isalpha():
        return "punctuation and signs"
    return {"wrong": "one letter for another", "missed": "letters missed", "added": "letters added"}[step.kind]


def _bare(letter: str) -> str:
    """The letter without its accents, in lower case."""
    return unicodedata.normalize("NFD", letter)[0].casefold()

"""Texts as the words that a search compares: without case and accents, each with its place in the text."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

# Letters and digits, with the accents that may follow them as characters of their own.
WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
# Letters that no accent makes of others.
PLAIN = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
# A word that goes on in the next line ends with one of these.
HYPHENS = "-‐‑¬=⸗\u00ad"
# Longer ones are no words; an index need not hold them whole.
LONGEST = 64


class Word(NamedTuple):
    """A word as it is compared, and where it stands in its text."""

    folded: str
    start: int
    end: int


def words_in(text: str) -> Iterator[Word]:
    """The words of a text in order: "L'Été 1" holds l, ete and 1."""
    for match in WORD.finditer(text):
        letters = unicodedata.normalize("NFKD", match.group().casefold().translate(PLAIN))
        folded = "".join(letter for letter in letters if letter.isalnum())[:LONGEST]
        if folded:
            yield Word(folded, *match.span())


def words_of_line(text: str, following: str) -> list[str]:
    """The words by which a line is found; one that is broken at its end counts whole, too, with `following` text."""
    words = [word.folded for word in words_in(text)]
    broken = text.rstrip()
    if words and broken.endswith(tuple(HYPHENS)) and broken.rstrip(HYPHENS)[-1:].isalpha():
        rest = following.lstrip()
        if rest[:1].isalpha():
            words.append((words[-1] + next(words_in(rest)).folded)[:LONGEST])
    return words

"""The words of a line that can be right or wrong."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LETTER = r"[A-Za-zÀ-ÖØ-öø-ɏ][\u0300-\u036f]*"  # Latin, with accents that follow as characters of their own
WORD = re.compile(rf"(?:{LETTER})+(?:['’‐‑-](?:{LETTER})+)*")
HYPHENS = ("-", "‐", "‑", "¬")
ARROWS, TIMES = "→←↔⇒⇐⇔↑↓↦", "·*"
ENDS = (".", "!", "?", ":", "…")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a line, from one place in its text up to another; `opens` says whether a sentence may begin with it."""

    text: str
    start: int
    end: int
    opens: bool

    @property
    def is_name(self) -> bool:
        """Whether nothing but its being a name makes it begin with a capital."""
        return self.text[0].isupper() and not self.opens


def words_of(line: str) -> Iterator[Word]:
    """The words of a line's prose; none of what stands with digits or signs, or beside a sign of mathematics."""
    chunks = list(re.finditer(r"\S+", line))
    signs = [_is_sign(chunk.group()) for chunk in chunks]
    opens = True
    for at, chunk in enumerate(chunks):
        text = chunk.group()
        if _is_prose(text) and not any(signs[max(at - 1, 0) : at + 2]):
            for match in WORD.finditer(text):
                yield Word(match.group(), chunk.start() + match.start(), chunk.start() + match.end(), opens)
                opens = False
        opens = opens or text.rstrip("\"'”’»)").endswith(ENDS)


def _is_prose(text: str) -> bool:
    """Whether a piece of a line without spaces is neither number, formula nor address."""
    return "://" not in text and not any(c in "@\\_" or unicodedata.category(c)[0] in "NS" for c in text)


def _is_sign(text: str) -> bool:
    """Whether it is a sign of mathematics, as in "a = b". An arrow also stands in prose."""
    signs = (c in TIMES or (unicodedata.category(c) == "Sm" and c not in ARROWS) for c in text)
    return any(signs) and not any(map(str.isalnum, text))

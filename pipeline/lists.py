"""What marks a list item in writing: bullets, dashes, numbers, letters."""

import re
from dataclasses import dataclass
from typing import Literal

_BULLET = re.compile(r"\s*[•·∙◦▪■○●*+–—‐−→⇒>»~-]+(?:\s+|(?=[^\W\d]))")
_NUMBER = re.compile(r"\s*\(?(\d{1,2})\s?[.)°](?:\s+|(?=[^\W\d]))")
# A bullet that was read as something else, where one is known to stand.
_MISREAD = re.compile(r"""\s*(?:[.,:;'’`´"“”«_=°^]+\s*|[oO0]\s+)(?=\w)""")
_LETTER = re.compile(r"\s*\(?([A-Za-z])\s?[.)]\s+")


@dataclass(frozen=True, slots=True)
class Item:
    """A line parted into its mark and the rest. `number` is that of a number, and of a letter its place from a = 1."""

    mark: Literal["", "bullet", "number", "letter"]
    number: int
    text: str


def split_mark(text: str, *, is_item: bool = False) -> Item:
    """Part a line at the mark of a list item; mark is empty where there is none.

    With `is_item` the line is known to be one, so that a badly read bullet is taken for what it is.
    """
    if match := _BULLET.match(text):
        return Item("bullet", 0, text[match.end() :])
    if match := _NUMBER.match(text):
        return Item("number", int(match[1]), text[match.end() :])
    if is_item and (match := _MISREAD.match(text)):
        return Item("bullet", 0, text[match.end() :])
    if match := _LETTER.match(text):
        return Item("letter", ord(match[1].lower()) - ord("a") + 1, text[match.end() :])
    return Item("", 0, text.strip())

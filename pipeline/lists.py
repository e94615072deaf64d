"""What marks a list item in writing: bullets, dashes, numbers, letters; and how deep items are nested."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.document import Kind

_BULLET = re.compile(r"\s*[•·∙◦▪■○●*+–—‐−→⇒>»~-]+(?:\s+|(?=[^\W\d]))")
_NUMBER = re.compile(r"\s*\(?(\d{1,2})\s?[.)°](?:\s+|(?=[^\W\d]))")
# A bullet that was read as something else, where one is known to stand.
_MISREAD = re.compile(r"""\s*(?:[.,:;'’`´"“”«_=°^]+\s*|[oO0]\s+)(?=\w)""")
_LETTER = re.compile(r"\s*\(?([A-Za-z])\s?[.)]\s+")
# How much farther than another item one is set in at least, in heights of their lines, to be a level deeper.
INDENT = 0.5


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


def levels(boxes: Sequence[Sequence[float]], kinds: Sequence[Kind]) -> list[int]:
    """How deep each line (x0, y0, x1, y1) that is a list item is nested, from 0, by how far it is set in; others are 0.

    Lines are in reading order. A heading ends a list; so does other text, unless it is set in farther than the items or
    stands in the margin. Where an item stands above the one before it, or right of all items so far, a column begins.
    """
    heights = sorted(y1 - y0 for (_, y0, _, y1), kind in zip(boxes, kinds, strict=True) if kind == "list_item")
    step = INDENT * heights[len(heights) // 2] if heights else 0.0
    found = [0] * len(boxes)
    starts: list[float] = []  # of the item and those it is nested in; none where a list begins
    top = right = 0.0  # of the item before, of the list
    for place, (x0, y0, x1, _) in enumerate(boxes):
        if kinds[place] != "list_item":
            in_margin = bool(starts) and x1 <= starts[0]
            while starts and (kinds[place] == "heading" or (x0 <= starts[-1] + step and not in_margin)):
                starts.pop()
            continue
        if not starts or y0 < top or x0 > right:
            starts, right = [], x1
        while starts and x0 < starts[-1] - step:
            starts.pop()
        if starts and x0 <= starts[-1] + step:
            starts[-1] = x0  # a margin may lean
        else:
            starts.append(x0)
        top, right = y0, max(right, x1)
        found[place] = len(starts) - 1
    return found

"""What every writer needs: a page as a sequence of blocks, lines joined to text, and text that can't break a file."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.document import Box, Figure, Kind, Line, Page

FigurePng = Callable[[Page, Figure], bytes]

_HYPHENATED = re.compile(r"\w[-‐¬\u00ad]$")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item or figure. The lines of a figure are the words written in it."""

    kind: Kind
    lines: tuple[Line, ...]
    figure: Figure | None = None


def clean_text(text: str) -> str:
    """Text without what XML and UTF-8 can't hold: control characters, lone surrogates, noncharacters; on one line."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")  # joins surrogates that are a pair
    spaced = re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]+", " ", whole)
    return "".join(c for c in spaced if unicodedata.category(c) != "Cc" and not _is_noncharacter(ord(c)))


def join_lines(texts: Sequence[str]) -> str:
    """Lines as running text: a word parted by a hyphen at the end of a line becomes whole again."""
    joined = ""
    for text in (clean_text(t).strip() for t in texts):
        if _HYPHENATED.search(joined) and text[:1].islower():
            joined = joined[:-1] + text
        elif text:
            joined = f"{joined} {text}" if joined else text
    return joined


def blocks(page: Page) -> list[Block]:
    """The page in reading order, each figure after the block above it, or where the words written in it stand."""
    labels = {figure: tuple(line for line in page.lines if _is_inside(line, figure.box)) for figure in page.figures}
    in_figures = {line.id for group in labels.values() for line in group}
    found: list[Block] = []
    before_label: dict[str, int] = {}
    previous: Line | None = None
    for line in page.lines:
        if line.id in in_figures:
            before_label[line.id] = len(found)
            continue
        goes_on = previous is not None and line.paragraph == previous.paragraph and line.kind == "text"
        if goes_on and found[-1].kind in ("text", "list_item"):
            found[-1] = Block(found[-1].kind, (*found[-1].lines, line))
        else:
            found.append(Block(line.kind, (line,)))
        previous = line
    places = [
        (before_label[labels[figure][0].id] if labels[figure] else _place(found, figure.box), figure)
        for figure in page.figures
    ]
    # From the end, so that places before stay true; of two at one place the upper one is put in last.
    for place, figure in sorted(places, key=lambda p: (p[0], p[1].box[1]), reverse=True):
        found.insert(place, Block("text", labels[figure], figure))
    return found


def _place(found: Sequence[Block], box: Box) -> int:
    """Where a figure belongs among the blocks: after the last one above its middle, in its column if it has one."""
    middle = (box[1] + box[3]) / 2
    above = [(n, line.box) for n, b in enumerate(found) for line in b.lines if _middle(line)[1] < middle]
    own_column = [n for n, (x0, _, x1, _) in above if x0 < box[2] and box[0] < x1]
    return max(own_column or [n for n, _ in above], default=-1) + 1


def _middle(line: Line) -> tuple[float, float]:
    x0, y0, x1, y1 = line.box
    return (x0 + x1) / 2, (y0 + y1) / 2


def _is_inside(line: Line, box: Box) -> bool:
    x, y = _middle(line)
    return box[0] < x < box[2] and box[1] < y < box[3]


def _is_noncharacter(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF

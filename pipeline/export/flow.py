"""What every writer needs: a page as a sequence of blocks, lines joined to text, and text that can't break a file."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline import lists
from pipeline.decorations import PLAIN, Kinds, kinds_of_words, word_spans
from pipeline.document import Box, Figure, Kind, Line, Page
from pipeline.lists import Item

# Words less certain than this are marked for another look.
DOUBTFUL = 0.6
DEEPEST = 2  # of the levels of a list, counted from 0
_HYPHENATED = re.compile(r"\w[-‐¬\u00ad]$")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, formula or figure. The lines of a figure are the words written in it."""

    kind: Kind
    lines: tuple[Line, ...]
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A word, how certain its least certain character is, 0..1, and whether it is underlined or struck out."""

    text: str
    confidence: float
    decorations: Kinds = PLAIN

    @property
    def is_doubtful(self) -> bool:
        return self.confidence < DOUBTFUL


def clean_text(text: str) -> str:
    """Text without what XML and UTF-8 can't hold: control characters, lone surrogates, noncharacters; on one line."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")  # joins surrogates that are a pair
    spaced = re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]+", " ", whole)
    return "".join(c for c in spaced if unicodedata.category(c) != "Cc" and not _is_noncharacter(ord(c)))


def line_text(line: Line) -> str:
    """What a line says, cleaned, with one space between words."""
    return " ".join(word.text for word in words_of(line))


def words_of(line: Line) -> list[Word]:
    """The words of a line; where the reader did not tell characters apart, each is as certain as the line."""
    text, characters = line.text, line.transcription.character_confidences
    told = len(characters) == len(text)
    words = []
    kinds = kinds_of_words(text, line.transcription.decorations)
    for (start, end), decorations in zip(word_spans(text), kinds, strict=True):
        confidence = min(characters[start:end]) if told else line.transcription.confidence
        # Cleaning may turn what is no space to Python into one, or leave nothing.
        words += [Word(part, confidence, decorations) for part in clean_text(text[start:end]).split()]
    return words


def join_words(lines: Sequence[Sequence[Word]]) -> list[Word]:
    """Lines as running text: a word parted by a hyphen at the end of a line becomes whole again."""
    joined: list[Word] = []
    for line in lines:
        if joined and line and _HYPHENATED.search(joined[-1].text) and line[0].text[0].islower():
            head, tail = joined[-1], line[0]
            confidence, decorations = min(head.confidence, tail.confidence), head.decorations | tail.decorations
            joined[-1:] = [Word(head.text[:-1] + tail.text, confidence, decorations), *line[1:]]
        else:
            joined += line
    return joined


def block_words(block: Block) -> list[Word]:
    """A block's running text, word by word."""
    return join_words([words_of(line) for line in block.lines])


def block_text(block: Block) -> str:
    """A block's running text."""
    return " ".join(word.text for word in block_words(block))


def item_words(block: Block, item: Item) -> list[Word]:
    """A list item's running text without its written mark, if that is a number or a bullet."""
    first = words_of(block.lines[0])
    if item.mark in ("number", "bullet"):
        first = _without_mark(first, item.text)
    return join_words([first, *(words_of(line) for line in block.lines[1:])])


def _without_mark(words: Sequence[Word], rest: str) -> list[Word]:
    """The words of a line that are left of it without its mark; a mark may have stood close to the first word."""
    texts = rest.split()
    if not texts:
        return []
    kept = words[len(words) - len(texts) :]
    return [replace(kept[0], text=texts[0]), *kept[1:]]


def label_text(block: Block) -> str:
    """The words written in a figure."""
    return " · ".join(text for line in block.lines if (text := line_text(line)))


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


def levels(found: Sequence[Block]) -> list[int]:
    """How deep each list item of a page is nested, 0 to 2: as its line says, on pages whose lines say so, else by
    how far it is set in. Other blocks are 0.
    """
    if any(block.lines[0].level for block in found if is_item(block)):
        return [min(block.lines[0].level, DEEPEST) if is_item(block) else 0 for block in found]
    lines = [
        (place, line)
        for place, block in enumerate(found)
        for line in (block.lines[:1] if is_item(block) else block.lines)
    ]
    nested = lists.levels([line.box for _, line in lines], [found[place].kind for place, _ in lines])
    level_at = {place: level for (place, _), level in zip(lines, nested, strict=True)}
    return [min(level_at.get(place, 0), DEEPEST) for place in range(len(found))]


def is_item(block: Block) -> bool:
    return block.kind == "list_item" and block.figure is None


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

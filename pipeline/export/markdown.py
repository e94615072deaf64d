"""Markdown (CommonMark): headings, paragraphs joined over lines, nested lists; drawings by what is written in them.

Struck-out words stand between `~~`, as GitHub and Pandoc read it, underlined ones in HTML's `<u>`.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import BinaryIO

from pipeline.document import Document, Page
from pipeline.export.flow import Block, Word, block_words, blocks, clean_text, is_item, item_words, label_text, levels
from pipeline.export.pictures import Pictures
from pipeline.lists import split_mark

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&])")
# What would begin a heading, list, quotation, rule or code block at the start of a line.
_OPENING = re.compile(r"^(#{1,6}(?=\s|$)|[-+](?=\s|$)|=+\s*$|-+\s*$)")
_COUNTING = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
# Deep enough for an item below "1." and below "10.".
INDENT = 4


def write(document: Document, pictures: Pictures, file: BinaryIO) -> None:
    """UTF-8, with a rule between pages."""
    file.write("\n---\n\n".join(_page(page) for page in document.pages).encode("utf-8"))


def _page(page: Page) -> str:
    if page.error:
        return f"*Page {page.index + 1} could not be read. {_escape(clean_text(page.error))}*\n"
    found = blocks(page)
    written, depth = "", -1  # depth of the list item above, -1: there is none
    for block, level in zip(found, levels(found), strict=True):
        level = min(level, depth + 1)  # set in further, it would be a block of code
        text = _block(block, level, is_title=page.index == 0 and block is found[0])
        if text:
            written += ("" if not written or (depth >= 0 and is_item(block)) else "\n") + text + "\n"
            depth = level if is_item(block) else -1
    return written


def _block(block: Block, level: int, *, is_title: bool) -> str:
    if block.figure is not None:
        labels = label_text(block)
        return f"*[Drawing{': ' + _escape(labels) if labels else ''}]*"
    words = block_words(block)
    if not words:
        return ""
    if block.kind == "heading":
        return f"{'#' if is_title else '##'} {_said(words)}"
    return _item(block, level) if is_item(block) else _plain(words)


def _item(block: Block, level: int) -> str:
    item = split_mark(clean_text(block.lines[0].text), is_item=True)
    # CommonMark counts only in numbers: a letter stays as it was written.
    mark = f"{item.number}." if item.mark == "number" else "-"
    return " " * INDENT * level + f"{mark} {_plain(item_words(block, item))}"


def _plain(words: Sequence[Word]) -> str:
    """Text that means only itself, at the start of a line, too."""
    return _COUNTING.sub(r"\1\\\2", _OPENING.sub(r"\\\1", _said(words)))


def _said(words: Sequence[Word]) -> str:
    """Words with their decorations."""
    parts = []
    for decorations, group in groupby(words, key=lambda word: word.decorations):
        text = _escape(" ".join(word.text for word in group))
        text = f"~~{text}~~" if "strike" in decorations else text
        parts.append(f"<u>{text}</u>" if "underline" in decorations else text)
    return " ".join(parts)


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)

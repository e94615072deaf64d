"""Blocks of a page as Word paragraphs: styles, list numbers, pictures, and comments on doubtful words."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby

from docx.document import Document as Word
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Length
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from pipeline.decorations import Kinds
from pipeline.document import Box, Page
from pipeline.errors import InklineError
from pipeline.export.flow import Block, block_text, block_words, clean_text, is_item, item_words, label_text
from pipeline.export.flow import Word as SaidWord
from pipeline.export.pictures import Pictures
from pipeline.export.xml_parts import now
from pipeline.lists import Item, split_mark

STYLE_LEVELS = ("", " 2", " 3")  # how Word's list styles are numbered


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where a page is written: `body` of the file `word`. `room` bounds pictures; `width` is the whole page's.

    `numbers` are those of the file's comments to come. `paragraphs` are those written so far: to ask the file for them,
    or for a free number, would take the longer the more is in it.
    """

    word: Word
    body: Word | _Cell
    page: Page
    room: tuple[Length, Length]
    width: Length
    numbers: Iterator[int] = field(default_factory=count)
    paragraphs: list[Paragraph] = field(default_factory=list)

    def add(self, text: str = "", style: str | None = None) -> Paragraph:
        """A new paragraph at the end."""
        self.paragraphs.append(self.body.add_paragraph(text, style=style))
        return self.paragraphs[-1]


def write_block(sheet: Sheet, block: Block, level: int, last_number: int, pictures: Pictures, *, is_title: bool) -> int:
    """Add a block; returns the number of the numbered item it is, else that of the last one before it."""
    if block.figure is not None:
        labels = label_text(block)
        name = f"Drawing on page {sheet.page.index + 1}" + (f": {labels}" if labels else "")
        if _picture(sheet, block.figure.box, name, pictures) and labels:
            sheet.paragraphs[-1].paragraph_format.keep_with_next = True
            sheet.add(labels, style="Caption")
    elif block.kind == "formula":
        _picture(sheet, block.lines[0].box, f"Formula: {block_text(block)}".strip(" :"), pictures)
    elif not block_text(block):
        pass
    elif block.kind == "heading":
        _say(sheet, sheet.add(style="Heading 1" if is_title else "Heading 2"), block_words(block))
    elif is_item(block):
        return _list_item(sheet, block, STYLE_LEVELS[level], last_number)
    else:
        _say(sheet, sheet.add(), block_words(block))
    return last_number


def write_note(sheet: Sheet, text: str) -> None:
    sheet.add().add_run(f"[{clean_text(text)}]").italic = True


def _say(sheet: Sheet, paragraph: Paragraph, words: Sequence[SaidWord]) -> None:
    """Fill a paragraph; neighbouring doubtful words share one comment."""
    before: Kinds | None = None  # decorations of the word before
    for doubtful, group in groupby(words, key=lambda word: word.is_doubtful):
        said = list(group)
        runs = []
        for decorations, part in groupby(said, key=lambda word: word.decorations):
            if before is not None:
                _run(paragraph, " ", before & decorations)
            runs.append(_run(paragraph, " ".join(word.text for word in part), decorations))
            before = decorations
        if doubtful:
            least = min(word.confidence for word in said)
            _comment(sheet, runs[0], runs[-1], f"Please check: read with {least:.0%} confidence.")


def _run(paragraph: Paragraph, text: str, decorations: Kinds) -> Run:
    run = paragraph.add_run(text)
    if "underline" in decorations:
        run.underline = True
    if "strike" in decorations:
        run.font.strike = True
    return run


def _comment(sheet: Sheet, first: Run, last: Run, text: str) -> None:
    """What python-docx's `add_comment` does, which looks through all comments for a free number each time."""
    number = next(sheet.numbers)
    written = (
        f'<w:comment {nsdecls("w")} w:id="{number}" w:author="Inkline" w:initials="I" w:date="{now()}">'
        '<w:p><w:pPr><w:pStyle w:val="CommentText"/></w:pPr>'
        '<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:annotationRef/></w:r>'
        f"<w:r><w:t>{text}</w:t></w:r></w:p></w:comment>"
    )
    sheet.word.part._comments_part.element.append(parse_xml(written))
    first.mark_comment_range(last, number)


def _list_item(sheet: Sheet, block: Block, level: str, last_number: int) -> int:
    """Add a list item without its written mark, which the style brings back; returns its number, 0 for others."""
    item = split_mark(clean_text(block.lines[0].text), is_item=True)
    if item.mark == "letter" and last_number > 0 and item.number > 1:
        item = Item("number", last_number + 1, item.text)  # "Y." after "3." is a badly read "4."
    words = item_words(block, item)
    if item.mark == "number":
        style = f"List Number{level}"
        paragraph = sheet.add(style=style)
        _number(sheet.word, paragraph, style, item.number, goes_on=0 < last_number == item.number - 1)
        _say(sheet, paragraph, words)
        return item.number
    # Word's own styles know no letters: they stay as they were written.
    style = "List" if item.mark == "letter" else "List Bullet"
    _say(sheet, sheet.add(style=f"{style}{level}"), words)
    return 0


def _number(word: Word, paragraph: Paragraph, style: str, number: int, *, goes_on: bool) -> None:
    """Make a numbered paragraph show the number that was written, not the next one of the whole document."""
    numbering = word.part.numbering_part.element
    if goes_on:
        number_id = numbering.num_lst[-1].numId
    else:
        style_id = word.styles[style].element.pPr.numPr.numId.val
        abstract = next(n.abstractNumId.val for n in numbering.num_lst if n.numId == style_id)
        instance = numbering.add_num(abstract)
        instance.add_lvlOverride(ilvl=0).add_startOverride(val=number)
        number_id = instance.numId
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = number_id


def _picture(sheet: Sheet, box: Box, name: str, pictures: Pictures) -> bool:
    """A part of the page, as wide on paper as it was there, with its name as alt text; False leaves a note instead."""
    x0, y0, x1, y1 = box
    width = min(sheet.width * (x1 - x0) / max(sheet.page.width, 1), sheet.room[0])
    width = min(width, sheet.room[1] * (x1 - x0) / max(y1 - y0, 1))
    try:
        png = pictures.cut(sheet.page, box)
    except InklineError as error:
        what = name if name.startswith("Formula") else f"A drawing of page {sheet.page.index + 1}"
        write_note(sheet, f"{what} could not be added. {error}")
        return False
    picture = sheet.add().add_run().add_picture(io.BytesIO(png), width=Length(int(width)))
    picture._inline.docPr.set("descr", name)
    return True

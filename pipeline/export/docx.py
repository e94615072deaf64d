"""Word documents: headings, paragraphs and lists as styles, drawings as pictures at their place."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import docx
from docx.document import Document as Word
from docx.shared import Cm, Length
from docx.text.paragraph import Paragraph

from pipeline.document import Document, Page
from pipeline.errors import InklineError
from pipeline.export.flow import Block, FigurePng, blocks, clean_text, join_lines
from pipeline.lists import Item, split_mark

PAPER = (Cm(21.0), Cm(29.7))
MARGIN = Cm(2.5)
LEVELS = ("", " 2", " 3")  # how Word's list styles are numbered


def write(document: Document, figure_png: FigurePng) -> bytes:
    """The document as DOCX; each page begins on a new page, and one that could not be read says so."""
    word = docx.Document()
    section = word.sections[0]
    section.page_width, section.page_height = PAPER
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    properties = word.core_properties
    properties.title = clean_text(document.name)[:255]
    properties.author, properties.comments = "", "Read from handwriting with Inkline."
    properties.created = properties.modified = datetime.now(UTC)
    for page in document.pages:
        first = len(word.paragraphs)
        _write_page(word, page, figure_png)
        if page is not document.pages[0]:
            word.paragraphs[first].paragraph_format.page_break_before = True
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def _write_page(word: Word, page: Page, figure_png: FigurePng) -> None:
    """At least one paragraph, for the page break to stand on."""
    if page.error:
        _note(word, f"Page {page.index + 1} could not be read. {page.error}")
        return
    count = len(word.paragraphs)
    found = blocks(page)
    levels = _levels(found)
    last_number = 0
    for block, level in zip(found, levels, strict=True):
        texts = [line.text for line in block.lines]
        if block.figure is not None:
            _picture(word, page, block, figure_png)
        elif block.kind == "heading" and join_lines(texts):
            is_title = page.index == 0 and block is found[0]
            word.add_heading(join_lines(texts), level=1 if is_title else 2)
        elif block.kind == "list_item" and join_lines(texts):
            last_number = _list_item(word, texts, LEVELS[level], last_number)
        elif join_lines(texts):
            word.add_paragraph(join_lines(texts))
    if len(word.paragraphs) == count:
        word.add_paragraph()


def _levels(found: Sequence[Block]) -> list[int]:
    """How deep each list item of a page is set in, 0 to 2; other blocks are 0."""
    items = [block.lines[0].box for block in found if block.kind == "list_item" and block.figure is None]
    step = sorted(y1 - y0 for _, y0, _, y1 in items)[len(items) // 2] if items else 0
    starts: list[int] = []
    for x0, *_ in sorted(items):
        if not starts or x0 - starts[-1] > step:
            starts.append(x0)
    return [
        min(sum(start <= block.lines[0].box[0] for start in starts) - 1, len(LEVELS) - 1)
        if block.kind == "list_item" and block.figure is None
        else 0
        for block in found
    ]


def _list_item(word: Word, texts: Sequence[str], level: str, last_number: int) -> int:
    """Add a list item without its written mark, which the style brings back; returns its number, 0 for others."""
    item = split_mark(clean_text(texts[0]), is_item=True)
    text = join_lines([item.text, *texts[1:]])
    if item.mark == "letter" and last_number > 0 and item.number > 1:
        item = Item("number", last_number + 1, item.text)  # "Y." after "3." is a badly read "4."
    if item.mark == "number":
        style = f"List Number{level}"
        _number(
            word, word.add_paragraph(text, style=style), style, item.number, goes_on=0 < last_number == item.number - 1
        )
        return item.number
    if item.mark == "letter":  # Word's own styles know no letters: they stay as they were written
        word.add_paragraph(join_lines(texts), style=f"List{level}")
    else:
        word.add_paragraph(text, style=f"List Bullet{level}")
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


def _picture(word: Word, page: Page, block: Block, figure_png: FigurePng) -> None:
    """A figure as wide on paper as it was on the page; words written in it become its caption and alt text."""
    assert block.figure is not None
    labels = " · ".join(text for line in block.lines if (text := clean_text(line.text).strip()))
    try:
        png = figure_png(page, block.figure)
        picture = word.add_picture(io.BytesIO(png), width=_width(page, block))
    except InklineError as error:
        _note(word, f"A drawing of page {page.index + 1} could not be added. {error}")
        return
    description = picture._inline.docPr
    description.set("descr", f"Drawing on page {page.index + 1}" + (f": {labels}" if labels else ""))
    if labels:
        word.paragraphs[-1].paragraph_format.keep_with_next = True
        word.add_paragraph(labels, style="Caption")


def _width(page: Page, block: Block) -> Length:
    assert block.figure is not None
    x0, y0, x1, y1 = block.figure.box
    room = PAPER[0] - 2 * MARGIN, (PAPER[1] - 2 * MARGIN) * 0.9
    width = min(PAPER[0] * (x1 - x0) / max(page.width, 1), room[0])
    return Length(int(min(width, room[1] * (x1 - x0) / max(y1 - y0, 1))))


def _note(word: Word, text: str) -> None:
    word.add_paragraph().add_run(f"[{clean_text(text)}]").italic = True

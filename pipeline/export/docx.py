"""Word documents: headings, paragraphs and lists as styles, drawings and formulas as pictures at their place."""

import io
from datetime import UTC, datetime
from itertools import count
from typing import BinaryIO

import docx
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_BREAK_TYPE
from docx.shared import Cm, Length, Pt
from docx.table import _Cell

from pipeline.document import Document, Page
from pipeline.errors import InklineError
from pipeline.export.docx_blocks import Sheet, write_block, write_note
from pipeline.export.flow import Block, blocks, clean_text, levels
from pipeline.export.pictures import Pictures

PAPER = (Cm(21.0), Cm(29.7))
MARGIN, NARROW = Cm(2.5), Cm(1.5)
# Of the landscape sheet between narrow margins: the page's picture left, its text right.
PICTURE_WIDTH, TEXT_WIDTH = Cm(12.2), Cm(14.5)
CELL_PADDING = Cm(0.4)


def write(document: Document, pictures: Pictures, file: BinaryIO) -> None:
    """The document as DOCX; each page begins on a new page, and one that could not be read says so."""
    word = _new(document)
    section = word.sections[0]
    section.page_width, section.page_height = PAPER
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    room = Length(PAPER[0] - 2 * MARGIN), Length(int((PAPER[1] - 2 * MARGIN) * 0.9))
    numbers = count()
    for page in document.pages:
        sheet = Sheet(word, word, page, room, PAPER[0], numbers)
        _write_page(sheet, pictures)
        if page is not document.pages[0]:
            sheet.paragraphs[0].paragraph_format.page_break_before = True
    word.save(file)


def write_beside(document: Document, pictures: Pictures, file: BinaryIO) -> None:
    """The same with each page's picture left of its text, on landscape paper."""
    word = _new(document)
    section = word.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = PAPER[1], PAPER[0]
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = NARROW
    height = Length(int((PAPER[0] - 2 * NARROW) * 0.92))
    numbers = count()
    for page in document.pages:
        if page is not document.pages[0]:
            # Two tables in a row would become one; the paragraph that parts them takes no room on the new page.
            between = word.add_paragraph()
            between.paragraph_format.space_after = Pt(0)
            between.paragraph_format.line_spacing = Pt(1)
            between.add_run().add_break(WD_BREAK_TYPE.PAGE)
        table = word.add_table(1, 2)
        table.autofit = False
        left, right = table.rows[0].cells
        left.width, right.width = PICTURE_WIDTH, TEXT_WIDTH
        _show_page(left, page, height, pictures)
        room = Length(TEXT_WIDTH - CELL_PADDING), height
        _write_page(Sheet(word, right, page, room, TEXT_WIDTH, numbers), pictures)
        _drop_first_paragraph(right)
    word.save(file)


def _new(document: Document) -> Word:
    word = docx.Document()
    properties = word.core_properties
    properties.title = clean_text(document.name)[:255]
    properties.author, properties.last_modified_by = "", "Inkline"
    properties.comments = "Read from handwriting with Inkline."
    properties.created = properties.modified = datetime.now(UTC)
    return word


def _write_page(sheet: Sheet, pictures: Pictures) -> None:
    """At least one paragraph, for a page break to stand on."""
    if sheet.page.error:
        write_note(sheet, f"Page {sheet.page.index + 1} could not be read. {sheet.page.error}")
        return
    found: list[Block] = blocks(sheet.page)
    last_number = 0
    for block, level in zip(found, levels(found), strict=True):
        is_title = sheet.page.index == 0 and block is found[0]
        last_number = write_block(sheet, block, level, last_number, pictures, is_title=is_title)
    if not sheet.paragraphs:
        sheet.add()


def _show_page(cell: _Cell, page: Page, height: Length, pictures: Pictures) -> None:
    run = cell.paragraphs[0].add_run()
    if not page.width or not page.height:
        return
    width = min(PICTURE_WIDTH - CELL_PADDING, int(height * page.width / page.height))
    try:
        picture = run.add_picture(io.BytesIO(pictures.small(page)), width=Length(width))
    except InklineError as error:
        run.text = f"[{clean_text(str(error))}]"
        return
    picture._inline.docPr.set("descr", f"Page {page.index + 1} as it was written")


def _drop_first_paragraph(cell: _Cell) -> None:
    """A new cell begins with an empty paragraph, which would stand above the text."""
    first = cell.paragraphs[0]._p
    first.getparent().remove(first)

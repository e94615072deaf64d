"""hOCR 1.2 (http://kba.github.io/hocr-spec/1.2/): XHTML whose titles say where each page, line and word stands."""

from collections.abc import Sequence
from typing import BinaryIO

from lxml import etree

from pipeline.document import Box, DecorationKind, Document, Line, Page
from pipeline.export.flow import clean_text
from pipeline.export.pictures import Pictures
from pipeline.export.xml_parts import (
    Element,
    add,
    box_around,
    box_inside,
    paragraphs,
    picture_name,
    to_bytes,
    word_boxes,
)

SPACE = "http://www.w3.org/1999/xhtml"
DOCTYPE = "<!DOCTYPE html>"
TAGS: dict[DecorationKind, str] = {"underline": "u", "strike": "s"}
CAPABILITIES = "ocr_page ocr_par ocr_header ocr_line ocrx_word ocr_linedrawing"


def write(document: Document, pictures: Pictures, file: BinaryIO) -> None:
    """One file for all pages; their pictures are named as in the PAGE and ALTO archives, which hold them."""
    root = etree.Element(f"{{{SPACE}}}html", nsmap={None: SPACE})
    head = add(root, "head")
    add(head, "title", text=clean_text(document.name))
    add(head, "meta", {"charset": "utf-8"})
    add(head, "meta", {"name": "ocr-system", "content": "Inkline"})
    add(head, "meta", {"name": "ocr-capabilities", "content": CAPABILITIES})
    body = add(root, "body")
    for page in document.pages:
        _page(body, page)
    file.write(to_bytes(root, DOCTYPE))


def _page(body: Element, page: Page) -> None:
    title = f'image "{picture_name(page)}"; {_box((0, 0, page.width, page.height))}; ppageno {page.index}'
    if page.dpi:
        title += f"; scan_res {page.dpi} {page.dpi}"
    sheet = add(body, "div", {"class": "ocr_page", "id": f"page_{page.index + 1}", "title": title})
    if page.error:
        add(sheet, "p", text=f"This page could not be read. {clean_text(page.error)}")
    for lines in paragraphs(page):
        _paragraph(sheet, page, lines)
    for figure in page.figures:
        add(sheet, "div", {"class": "ocr_linedrawing", "title": _box(box_inside(figure.box, page))})


def _paragraph(sheet: Element, page: Page, lines: Sequence[Line]) -> None:
    paragraph = add(sheet, "p", {"class": "ocr_par", "title": _box(box_around(lines, page))})
    for line in lines:
        kind = "ocr_header" if line.kind == "heading" else "ocr_line"
        box = box_around([line], page)
        written = add(paragraph, "span", {"class": kind, "title": _box(box) + _baseline(line, box)})
        part = None
        for word, place in word_boxes(line, page):
            if part is not None:
                part.tail = " "
            title = f"{_box(place)}; x_wconf {round(100 * word.confidence)}"
            part = add(written, "span", {"class": "ocrx_word", "title": title})
            inner = part
            for kind in sorted(word.decorations):
                inner = add(inner, TAGS[kind])
            inner.text = word.text
        written.tail = "\n"


def _baseline(line: Line, box: Box) -> str:
    """Slope, and offset from the lower left corner of the line's box."""
    if len(line.baseline) < 2:
        return ""
    (x0, y0), (x1, y1) = line.baseline[0], line.baseline[-1]
    slope = (y1 - y0) / (x1 - x0) if x1 > x0 else 0.0
    return f"; baseline {slope:.4f} {y0 + slope * (box[0] - x0) - box[3]:.0f}"


def _box(box: Box) -> str:
    return "bbox {} {} {} {}".format(*box)

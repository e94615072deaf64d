"""What the XML formats share: paragraphs in the order of the page, points, and where each word stands in its line."""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from lxml import etree

from pipeline.document import Box, Document, Line, Page, Point
from pipeline.export.flow import Word, words_of
from pipeline.export.pictures import Pictures

# lxml has no types of its own.
Element = Any
Writer = Callable[[Page, str], bytes]


def add(parent: Element, name: str, attributes: dict[str, str] | None = None, text: str | None = None) -> Element:
    """A new child in the parent's namespace."""
    child = etree.SubElement(parent, etree.QName(etree.QName(parent).namespace, name), attributes or {})
    child.text = text
    return child


def to_bytes(root: Element, doctype: str | None = None) -> bytes:
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True, doctype=doctype)
    return data


def paragraphs(page: Page) -> list[tuple[Line, ...]]:
    """Lines that follow each other in one paragraph; joined again they are all lines in reading order."""
    return [tuple(lines) for _, lines in groupby(page.lines, key=lambda line: line.paragraph)]


def inside(points: Sequence[Point], page: Page) -> list[tuple[int, int]]:
    """Points as whole pixels of the page's picture."""
    return [(min(max(round(x), 0), page.width), min(max(round(y), 0), page.height)) for x, y in points]


def corners(box: Box) -> tuple[Point, ...]:
    x0, y0, x1, y1 = box
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def box_around(lines: Sequence[Line], page: Page) -> Box:
    """The smallest upright box around lines, as whole pixels of the page's picture."""
    points = inside([point for line in lines for point in line.polygon], page)
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def word_boxes(line: Line, page: Page) -> list[tuple[Word, Box]]:
    """Each word with the part of the line's box that its share of the characters gives it."""
    words = words_of(line)
    x0, y0, x1, y1 = box_around([line], page)
    total = sum(len(word.text) + 1 for word in words) - 1
    boxes, before = [], 0
    for word in words:
        start, end = before, before + len(word.text)
        boxes.append((word, (x0 + (x1 - x0) * start // total, y0, x0 + (x1 - x0) * end // total, y1)))
        before = end + 1
    return boxes


def now() -> str:
    """The time as schemas want it, in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def stem_of(page: Page) -> str:
    """How a page's files are called."""
    return f"page-{page.index + 1:04}"


def picture_name(page: Page) -> str:
    return stem_of(page) + (".png" if page.image.endswith(".png") else ".jpg")


def zipped(document: Document, pictures: Pictures, write: Writer) -> bytes:
    """An archive with an XML file and the picture of every page that has one: kraken and eScriptorium want both."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for page, picture in _seen_pages(document, pictures):
            name = stem_of(page) + (".png" if picture.startswith(b"\x89PNG") else ".jpg")
            archive.writestr(f"{stem_of(page)}.xml", write(page, name))
            archive.writestr(name, picture, zipfile.ZIP_STORED)
    return file.getvalue()


def _seen_pages(document: Document, pictures: Pictures) -> Iterator[tuple[Page, bytes]]:
    for page in document.pages:
        if page.width and page.height:
            yield page, pictures.read(page)

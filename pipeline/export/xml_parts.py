"""What the XML formats share: paragraphs in the order of the page, points, and where each word stands in its line."""

import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, BinaryIO

from lxml import etree

from pipeline.document import Box, Document, Line, Page, Point
from pipeline.errors import InklineError
from pipeline.export.flow import Word, clean_text, words_of
from pipeline.export.pictures import Pictures, white_picture

# lxml has no types of its own.
Element = Any
# Of a page, the file name of its picture, and a note for the reader of the file.
Writer = Callable[[Page, str, str], bytes]
NOTES = "problems.txt"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


def root_of(name: str, space: str, schema: str) -> Element:
    """The root of a file in a namespace, with the address of its schema."""
    root = etree.Element(f"{{{space}}}{name}", nsmap={None: space, "xsi": INSTANCE})
    root.set(f"{{{INSTANCE}}}schemaLocation", f"{space} {schema}")
    return root


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


def box_inside(box: Box, page: Page) -> Box:
    """A box as whole pixels of the page's picture."""
    (left, top), (right, bottom) = inside([box[:2], box[2:]], page)
    return left, top, right, bottom


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


def true_confidences(line: Line) -> tuple[float, ...]:
    """Each character's confidence, 0..1, if the reader told and the text goes out just as it is; else nothing."""
    shares = line.transcription.character_confidences
    told = len(shares) == len(line.text) and clean_text(line.text) == line.text
    return tuple(min(max(share, 0.0), 1.0) for share in shares) if told else ()


def share(confidence: float) -> str:
    """A confidence as schemas want it, 0 to 1."""
    return f"{min(max(confidence, 0), 1):.4g}"


def now() -> str:
    """The time as schemas want it, in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def stem_of(page: Page) -> str:
    """How a page's files are called."""
    return f"page-{page.index + 1:04}"


def picture_name(page: Page) -> str:
    return stem_of(page) + (".png" if page.image.endswith(".png") else ".jpg")


def zipped(write: Writer, document: Document, pictures: Pictures, file: BinaryIO) -> None:
    """A zip of page-0001.xml, page-0001.jpg and so on, for every page that has a picture: kraken and eScriptorium
    want both.

    A page whose picture is lost has a white one, and says so; so does `problems.txt`.
    """
    notes: list[str] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in document.pages:
            if not page.width or not page.height:
                continue
            note = ""
            try:
                picture = pictures.whole(page)
            except InklineError as error:
                note = f"Page {page.index + 1} has lost its picture, and a white one stands in its place. {error}"
                notes.append(note)
                picture = white_picture(page)
            name = stem_of(page) + (".png" if picture.startswith(b"\x89PNG") else ".jpg")
            archive.writestr(f"{stem_of(page)}.xml", write(page, name, note))
            archive.writestr(name, picture, zipfile.ZIP_STORED)
        if notes:
            archive.writestr(NOTES, "\n".join(notes) + "\n")

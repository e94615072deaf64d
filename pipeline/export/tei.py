"""TEI P5 (https://tei-c.org/release/doc/tei-p5-doc/): zones of ink, and text that points at them line by line."""

from collections.abc import Sequence
from typing import BinaryIO

from lxml import etree

from pipeline.document import DecorationKind, Document, Line, Page
from pipeline.export.flow import blocks, clean_text, is_item, label_text, words_of
from pipeline.export.pictures import Pictures
from pipeline.export.xml_parts import Element, add, corners, inside, now, picture_name, to_bytes

SPACE = "http://www.tei-c.org/ns/1.0"
XML = "{http://www.w3.org/XML/1998/namespace}"
TAGS: dict[DecorationKind, tuple[str, dict[str, str]]] = {
    "underline": ("hi", {"rend": "underline"}),
    "strike": ("del", {"rend": "strikethrough"}),
}
HYPHENS = "-‐¬\u00ad"


def write(document: Document, pictures: Pictures, file: BinaryIO) -> None:
    """One file for all pages; their pictures are named as in the PAGE and ALTO archives, which hold them."""
    root = etree.Element(f"{{{SPACE}}}TEI", nsmap={None: SPACE})
    _header(root, document)
    seen = [page for page in document.pages if page.width and page.height]
    if seen:
        facsimile = add(root, "facsimile")
        for page in seen:
            _surface(facsimile, page)
    body = add(add(root, "text"), "body")
    add(body, "div")
    for page in document.pages:
        beginning = add(body[-1], "pb", {"n": str(page.index + 1)})
        if page.width and page.height:
            beginning.set("facs", f"#page{page.index + 1}")
        _text(body, page)
    file.write(to_bytes(root))


def _header(root: Element, document: Document) -> None:
    file = add(add(root, "teiHeader"), "fileDesc")
    add(add(file, "titleStmt"), "title", text=clean_text(document.name))
    publication = add(file, "publicationStmt")
    add(publication, "p", text=f"Written by Inkline on {now()[:10]}.")
    add(add(file, "sourceDesc"), "p", text="Read from handwriting.")


def _surface(facsimile: Element, page: Page) -> None:
    size = {"ulx": "0", "uly": "0", "lrx": str(page.width), "lry": str(page.height)}
    surface = add(facsimile, "surface", {XML + "id": f"page{page.index + 1}", **size})
    add(surface, "graphic", {"url": picture_name(page), "width": f"{page.width}px", "height": f"{page.height}px"})
    for number, line in enumerate(page.lines):
        points = " ".join(f"{x},{y}" for x, y in inside(line.polygon, page))
        add(surface, "zone", {XML + "id": _line_id(page, number), "points": points})
    for number, figure in enumerate(page.figures):
        points = " ".join(f"{x},{y}" for x, y in inside(corners(figure.box), page))
        add(surface, "zone", {XML + "id": _figure_id(page, number), "type": "figure", "points": points})


def _text(body: Element, page: Page) -> None:
    """A heading opens a new division: TEI wants <head> before all that is said under it."""
    if page.error:
        add(body[-1], "p", text=f"Page {page.index + 1} could not be read. {clean_text(page.error)}")
    numbers = {line.id: number for number, line in enumerate(page.lines)}
    items: Element | None = None
    for block in blocks(page):
        if not is_item(block):
            items = None
        division = body[-1]
        if block.figure is not None:
            number = page.figures.index(block.figure)
            figure = add(add(division, "p"), "figure", {"facs": f"#{_figure_id(page, number)}"})
            if labels := label_text(block):
                add(figure, "figDesc", text=labels)
        elif is_item(block):
            items = add(division, "list") if items is None else items
            _lines(add(items, "item"), page, block.lines, numbers)
        elif block.kind == "heading":
            division = add(body, "div") if any(etree.QName(e).localname != "pb" for e in division) else division
            _lines(add(division, "head"), page, block.lines, numbers)
        elif block.kind == "formula":
            _lines(add(add(division, "p"), "seg", {"type": "formula"}), page, block.lines, numbers)
        else:
            _lines(add(division, "p"), page, block.lines, numbers)


def _lines(parent: Element, page: Page, lines: Sequence[Line], numbers: dict[str, int]) -> None:
    """Each line after its <lb/>; one that parts a word says so; doubtful words are <unclear>, struck-out ones <del>."""
    parted = False
    for line in lines:
        number = numbers[line.id]
        last = add(parent, "lb", {"n": str(number + 1), "facs": f"#{_line_id(page, number)}"})
        if parted:
            last.set("break", "no")
        last.tail = ""
        words = words_of(line)
        for place, word in enumerate(words):
            space = " " if place + 1 < len(words) else ""
            tags = [TAGS[kind] for kind in sorted(word.decorations)]
            tags += [("unclear", {"cert": "low"})] if word.is_doubtful else []
            if tags:
                last = inner = add(parent, *tags[0])
                for tag in tags[1:]:
                    inner = add(inner, *tag)
                inner.text, last.tail = word.text, space
            else:
                last.tail += word.text + space
        parted = bool(words) and words[-1].text[-1] in HYPHENS and len(words[-1].text) > 1
        last.tail += "\n"


def _line_id(page: Page, number: int) -> str:
    return f"page{page.index + 1}line{number + 1}"


def _figure_id(page: Page, number: int) -> str:
    return f"page{page.index + 1}figure{number + 1}"

"""ALTO 4.4 in pixels, a file a page beside its picture, in one archive.

Schema: https://www.loc.gov/standards/alto/. What a line is stands in a tag of the type "line", as eScriptorium has it.
"""

from collections.abc import Sequence

from lxml import etree

from pipeline.document import Box, Document, Line, Page, Point
from pipeline.export.pictures import Pictures
from pipeline.export.xml_parts import Element, add, box_around, inside, paragraphs, to_bytes, word_boxes, zipped

SPACE = "http://www.loc.gov/standards/alto/ns-v4#"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


def write(document: Document, pictures: Pictures) -> bytes:
    """A zip of page-0001.xml, page-0001.jpg and so on."""
    return zipped(document, pictures, page_file)


def page_file(page: Page, image: str) -> bytes:
    """One page; `image` is the file name of its picture."""
    root = etree.Element(f"{{{SPACE}}}alto", nsmap={None: SPACE, "xsi": INSTANCE}, SCHEMAVERSION="4.4")
    root.set(f"{{{INSTANCE}}}schemaLocation", f"{SPACE} http://www.loc.gov/standards/alto/v4/alto-4-4.xsd")
    description = add(root, "Description")
    add(description, "MeasurementUnit", text="pixel")
    add(add(description, "sourceImageInformation"), "fileName", text=image)
    software = add(add(description, "Processing", {"ID": "inkline"}), "processingSoftware")
    add(software, "softwareName", text="Inkline")
    kinds = sorted({line.kind for line in page.lines} - {"text"})
    if kinds:
        tags = add(root, "Tags")
        for kind in kinds:
            add(tags, "OtherTag", {"ID": f"kind_{kind}", "TYPE": "line", "LABEL": kind})
    size = {"WIDTH": str(page.width), "HEIGHT": str(page.height)}
    sheet = add(add(root, "Layout"), "Page", {"ID": "page", "PHYSICAL_IMG_NR": str(page.index + 1), **size})
    space = add(sheet, "PrintSpace", {"HPOS": "0", "VPOS": "0", **size})
    for number, lines in enumerate(paragraphs(page)):
        block = add(space, "TextBlock", {"ID": f"b{number}", **_place(box_around(lines, page))})
        for place, line in enumerate(lines):
            _line(block, page, f"b{number}l{place}", line)
    for number, figure in enumerate(page.figures):
        x0, y0, x1, y1 = figure.box
        (left, top), (right, bottom) = inside([(x0, y0), (x1, y1)], page)
        add(space, "Illustration", {"ID": f"f{number}", "TYPE": "drawing", **_place((left, top, right, bottom))})
    return to_bytes(root)


def _line(block: Element, page: Page, name: str, line: Line) -> None:
    box = box_around([line], page)
    written = add(block, "TextLine", {"ID": name, **_place(box)})
    if len(line.baseline) > 1:
        written.set("BASELINE", _points(line.baseline, page))
    if line.checked:
        written.set("CS", "true")  # corrected, or confirmed, by a person
    if line.kind != "text":
        written.set("TAGREFS", f"kind_{line.kind}")
    add(add(written, "Shape"), "Polygon", {"POINTS": _points(line.polygon, page)})
    words = word_boxes(line, page)
    if not words:
        add(written, "String", {"CONTENT": "", **_place(box), "WC": _share(line.transcription.confidence)})
    for count, (word, part) in enumerate(words):
        if count:
            before = words[count - 1][1]
            gap = before[2], part[1], part[0], part[3]
            add(written, "SP", _place(gap))
        content = {"ID": f"{name}w{count}", "CONTENT": word.text, "WC": _share(word.confidence)}
        add(written, "String", {**content, **_place(part)})


def _place(box: Box) -> dict[str, str]:
    x0, y0, x1, y1 = box
    return {"HPOS": str(x0), "VPOS": str(y0), "WIDTH": str(x1 - x0), "HEIGHT": str(y1 - y0)}


def _points(points: Sequence[Point], page: Page) -> str:
    return " ".join(f"{x} {y}" for x, y in inside(points, page))


def _share(confidence: float) -> str:
    return f"{min(max(confidence, 0), 1):.4g}"

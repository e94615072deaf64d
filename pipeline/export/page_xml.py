"""PAGE XML 2019-07-15, a file a page beside its picture, in one archive.

Schema: https://github.com/PRImA-Research-Lab/PAGE-XML. What a line is stands in its `custom` attribute, as
Transkribus and eScriptorium write it, underlines and strike-outs with it, which each word also has as its style, and
what PAGE has no place for: the level of a list item, who checked the line, and the confidence of each character in per
cent.
"""

from collections.abc import Sequence
from functools import partial

from pipeline.decorations import carried
from pipeline.document import DecorationKind, Line, Page, Point
from pipeline.export.flow import clean_text
from pipeline.export.xml_parts import (
    Element,
    add,
    box_around,
    corners,
    inside,
    now,
    paragraphs,
    root_of,
    share,
    to_bytes,
    true_confidences,
    word_boxes,
    zipped,
)

SPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
STYLES: dict[DecorationKind, str] = {"underline": "underlined", "strike": "strikethrough"}


def page_file(page: Page, image: str, note: str = "") -> bytes:
    """One page; `image` is the file name of its picture, `note` what whoever opens the file should know."""
    root = root_of("PcGts", SPACE, f"{SPACE}/pagecontent.xsd")
    metadata = add(root, "Metadata")
    for name, text in (("Creator", "Inkline"), ("Created", now()), ("LastChange", now())):
        add(metadata, name, text=text)
    if note:
        add(metadata, "Comments", text=clean_text(note))
    size = {"imageWidth": str(page.width), "imageHeight": str(page.height)}
    if page.dpi:
        size |= {"imageXResolution": str(page.dpi), "imageYResolution": str(page.dpi), "imageResolutionUnit": "PPI"}
    if page.skew_degrees:
        size["orientation"] = f"{page.skew_degrees:.4g}"
    body = add(root, "Page", {"imageFilename": image, **size})
    groups = paragraphs(page)
    if groups:
        order = add(add(body, "ReadingOrder"), "OrderedGroup", {"id": "order"})
        for number in range(len(groups)):
            add(order, "RegionRefIndexed", {"index": str(number), "regionRef": f"r{number}"})
    for number, lines in enumerate(groups):
        _region(body, page, number, lines)
    for number, figure in enumerate(page.figures):
        drawing = add(body, "LineDrawingRegion", {"id": f"f{number}"})
        _coordinates(drawing, "Coords", corners(figure.box), page)
    return to_bytes(root)


def _region(body: Element, page: Page, number: int, lines: Sequence[Line]) -> None:
    kind = "heading" if all(line.kind == "heading" for line in lines) else "paragraph"
    custom = f"paragraph {{number:{lines[0].paragraph};}}"
    region = add(body, "TextRegion", {"id": f"r{number}", "type": kind, "custom": custom})
    _coordinates(region, "Coords", corners(box_around(lines, page)), page)
    for place, line in enumerate(lines):
        name = f"r{number}l{place}"
        written = add(region, "TextLine", {"id": name})
        if custom := _custom(line):
            written.set("custom", custom)
        _coordinates(written, "Coords", line.polygon, page)
        if len(line.baseline) > 1:
            _coordinates(written, "Baseline", line.baseline, page)
        for count, (word, box) in enumerate(word_boxes(line, page)):
            part = add(written, "Word", {"id": f"{name}w{count}"})
            _coordinates(part, "Coords", corners(box), page)
            _text(part, word.text, word.confidence)
            if word.decorations:
                add(part, "TextStyle", {STYLES[kind]: "true" for kind in sorted(word.decorations)})
        _text(written, clean_text(line.text), line.transcription.confidence)


def _custom(line: Line) -> str:
    said = []
    if line.kind != "text" or line.level:
        said.append(f"structure {{type:{line.kind};" + f" level:{line.level};" * (line.level > 0) + "}")
    if line.checked:
        said.append("checked {by:person;}")
    for one in carried(line.text, line.transcription.decorations, clean_text(line.text)):
        said.append(f"textStyle {{offset:{one.start}; length:{one.end - one.start}; {STYLES[one.kind]}:true;}}")
    if shares := true_confidences(line):
        said.append(f"confidences {{percent:{' '.join(str(round(100 * certainty)) for certainty in shares)};}}")
    return " ".join(said)


def _coordinates(parent: Element, name: str, points: Sequence[Point], page: Page) -> None:
    add(parent, name, {"points": " ".join(f"{x},{y}" for x, y in inside(points, page))})


def _text(parent: Element, text: str, confidence: float) -> None:
    add(add(parent, "TextEquiv", {"conf": share(confidence)}), "Unicode", text=text)


write = partial(zipped, page_file)

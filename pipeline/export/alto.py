"""ALTO 4.4 in pixels, a file a page beside its picture, in one archive.

Schema: https://www.loc.gov/standards/alto/. What a line is stands in a tag of the type "line", as eScriptorium has it,
how deep a list item is nested in one of the type "level", the number of a paragraph in its block's ID, underlines and
strike-outs in the style of each word, and what ALTO in pixels has no place for, resolution and skew, among the settings
of the processing.
"""

from collections.abc import Sequence
from functools import partial

from pipeline.document import Box, DecorationKind, Line, Page, Point
from pipeline.export.flow import Word, clean_text
from pipeline.export.xml_parts import (
    Element,
    add,
    box_around,
    box_inside,
    inside,
    paragraphs,
    root_of,
    share,
    to_bytes,
    true_confidences,
    word_boxes,
    zipped,
)

SPACE = "http://www.loc.gov/standards/alto/ns-v4#"
STYLES: dict[DecorationKind, str] = {"underline": "underline", "strike": "strikethrough"}


def page_file(page: Page, image: str, note: str = "") -> bytes:
    """One page; `image` is the file name of its picture, `note` what whoever opens the file should know."""
    root = root_of("alto", SPACE, "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd")
    root.set("SCHEMAVERSION", "4.4")
    description = add(root, "Description")
    add(description, "MeasurementUnit", text="pixel")
    add(add(description, "sourceImageInformation"), "fileName", text=image)
    processing = add(description, "Processing", {"ID": "inkline"})
    if note:
        add(processing, "processingStepDescription", text=clean_text(note))
    add(processing, "processingStepSettings", text=f"dpi={page.dpi} skew_degrees={page.skew_degrees:.4g}")
    add(add(processing, "processingSoftware"), "softwareName", text="Inkline")
    _tags(root, page)
    size = {"WIDTH": str(page.width), "HEIGHT": str(page.height)}
    sheet = add(add(root, "Layout"), "Page", {"ID": "page", "PHYSICAL_IMG_NR": str(page.index + 1), **size})
    space = add(sheet, "PrintSpace", {"HPOS": "0", "VPOS": "0", **size})
    for number, lines in enumerate(paragraphs(page)):
        name = f"b{number}_paragraph{lines[0].paragraph}"
        block = add(space, "TextBlock", {"ID": name, **_place(box_around(lines, page))})
        for place, line in enumerate(lines):
            _line(block, page, f"b{number}l{place}", line)
    for number, figure in enumerate(page.figures):
        add(space, "Illustration", {"ID": f"f{number}", "TYPE": "drawing", **_place(box_inside(figure.box, page))})
    return to_bytes(root)


def _tags(root: Element, page: Page) -> None:
    kinds = sorted({line.kind for line in page.lines} - {"text"})
    levels = sorted({line.level for line in page.lines} - {0})
    if not kinds and not levels:
        return
    tags = add(root, "Tags")
    for kind in kinds:
        add(tags, "OtherTag", {"ID": f"kind_{kind}", "TYPE": "line", "LABEL": kind})
    for level in levels:
        add(tags, "OtherTag", {"ID": f"level_{level}", "TYPE": "level", "LABEL": str(level)})


def _line(block: Element, page: Page, name: str, line: Line) -> None:
    box = box_around([line], page)
    written = add(block, "TextLine", {"ID": name, **_place(box)})
    if len(line.baseline) > 1:
        written.set("BASELINE", _points(line.baseline, page))
    if line.checked:
        written.set("CS", "true")  # corrected, or confirmed, by a person
    tags = [f"kind_{line.kind}"] * (line.kind != "text") + [f"level_{line.level}"] * (line.level > 0)
    if tags:
        written.set("TAGREFS", " ".join(tags))
    add(add(written, "Shape"), "Polygon", {"POINTS": _points(line.polygon, page)})
    words = word_boxes(line, page)
    if not words:
        add(written, "String", {"CONTENT": "", **_place(box), "WC": share(line.transcription.confidence)})
    doubts = _doubts(line, [word for word, _ in words])
    for count, (word, part) in enumerate(words):
        if count:
            before = words[count - 1][1]
            gap = before[2], part[1], part[0], part[3]
            add(written, "SP", _place(gap))
        content = {"ID": f"{name}w{count}", "CONTENT": word.text, "WC": share(word.confidence)}
        if doubts:
            content["CC"] = doubts[count]
        if word.decorations:
            content["STYLE"] = " ".join(STYLES[kind] for kind in sorted(word.decorations))
        add(written, "String", {**content, **_place(part)})


def _doubts(line: Line, words: Sequence[Word]) -> list[str]:
    """For each word ALTO's doubt of each character, 0 (sure) to 9; nothing where the reader did not tell."""
    shares = true_confidences(line)
    if not shares:
        return []
    doubts, start = [], 0
    for word in words:
        start = line.text.index(word.text, start)
        end = start + len(word.text)
        doubts.append(" ".join(str(round(9 * (1 - certainty))) for certainty in shares[start:end]))
        start = end
    return doubts


def _place(box: Box) -> dict[str, str]:
    x0, y0, x1, y1 = box
    return {"HPOS": str(x0), "VPOS": str(y0), "WIDTH": str(x1 - x0), "HEIGHT": str(y1 - y0)}


def _points(points: Sequence[Point], page: Page) -> str:
    return " ".join(f"{x} {y}" for x, y in inside(points, page))


write = partial(zipped, page_file)

"""Everything known of a document as JSON: lines in reading order, coordinates in pixels of the page as it came in."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from pipeline.decorations import carried
from pipeline.document import Document, Line, Page, Point
from pipeline.export.flow import clean_text
from pipeline.export.pictures import Pictures


def write(document: Document, pictures: Pictures, file: BinaryIO) -> None:
    """UTF-8 JSON, a page a row; a page that could not be read also has an "error"."""
    # Page by page, as the whole of a long document would take ten times the room of its text.
    name = json.dumps(clean_text(document.name), ensure_ascii=False)
    file.write(f'{{"name": {name}, "pages": ['.encode())
    for number, page in enumerate(document.pages):
        file.write((",\n" if number else "\n").encode() + json.dumps(_page(page), ensure_ascii=False).encode())
    file.write(b"\n]}\n")


def _page(page: Page) -> dict[str, Any]:
    content: dict[str, Any] = {
        "index": page.index,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "skew_degrees": round(page.skew_degrees, 3),
        "lines": [_line(line) for line in page.lines],
        "figures": [{"box": list(figure.box)} for figure in page.figures],
    }
    return {**content, "error": clean_text(page.error)} if page.error else content


def _line(line: Line) -> dict[str, Any]:
    reading = line.transcription
    content: dict[str, Any] = {
        "id": line.id,
        "polygon": _points(line.polygon),
        "baseline": _points(line.baseline),
        "text": clean_text(line.text),
        "confidence": round(reading.confidence, 4),
        "kind": line.kind,
        "level": line.level,
        "paragraph": line.paragraph,
        "checked": line.checked,
        "reader": clean_text(reading.engine),
    }
    # Cleaning may take characters out, and then nobody knows which number belongs to which.
    if len(reading.character_confidences) == len(content["text"]) > 0 and content["text"] == line.text:
        content["character_confidences"] = [round(share, 4) for share in reading.character_confidences]
    if reading.alternatives:
        content["alternatives"] = [clean_text(other) for other in reading.alternatives]
    if decorations := carried(line.text, reading.decorations, content["text"]):
        content["decorations"] = [asdict(one) for one in decorations]
    return content


def _points(points: Sequence[Point]) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in points]

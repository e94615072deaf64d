"""Documents as files. One file a format, one registry."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.document import Document
from pipeline.errors import ExportError
from pipeline.export import docx, json, text
from pipeline.export.flow import FigurePng


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is called by browsers and file names, and what writes it."""

    media_type: str
    suffix: str
    write: Callable[[Document, FigurePng], bytes]


FORMATS: dict[str, Format] = {
    "docx": Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx", docx.write),
    "txt": Format("text/plain; charset=utf-8", ".txt", text.write),
    "json": Format("application/json", ".json", json.write),
}


def write_document(document: Document, format: str, figure_png: FigurePng) -> bytes:
    """The document as a file. `figure_png` cuts a figure out of its page. Raises ExportError for an unknown format."""
    if format not in FORMATS:
        raise ExportError(f"There is no format {format!r}. Choose one of: {', '.join(FORMATS)}.")
    return FORMATS[format].write(document, figure_png)

"""Documents as files. One file a format, one registry."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.document import Document
from pipeline.errors import ExportError
from pipeline.export import alto, docx, hocr, json, markdown, page_xml, pdf, table, tei, text
from pipeline.export.pictures import Pictures

__all__ = ["FORMATS", "USUAL", "Format", "Pictures", "check_format", "write_document", "write_document_to"]


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is called by people, file names and browsers, and what writes it."""

    title: str
    suffix: str
    media_type: str
    write: Callable[[Document, Pictures, BinaryIO], None]


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS: dict[str, Format] = {
    "docx": Format("Word", ".docx", WORD, docx.write),
    "docx-beside": Format("Word, pictures beside the text", ".beside.docx", WORD, docx.write_beside),
    "pdf": Format("Searchable PDF", ".pdf", "application/pdf", pdf.write),
    "txt": Format("Text", ".txt", "text/plain; charset=utf-8", text.write),
    "md": Format("Markdown", ".md", "text/markdown; charset=utf-8", markdown.write),
    "json": Format("JSON", ".json", "application/json", json.write),
    "csv": Format("Table (CSV)", ".csv", "text/csv; charset=utf-8", table.write),
    "page": Format("PAGE XML with pictures", ".page.zip", "application/zip", page_xml.write),
    "alto": Format("ALTO with pictures", ".alto.zip", "application/zip", alto.write),
    "hocr": Format("hOCR", ".hocr", "application/xhtml+xml", hocr.write),
    "tei": Format("TEI", ".tei.xml", "application/tei+xml", tei.write),
}
# What most people want, and `digitize` writes when nothing is said.
USUAL = ("docx", "txt", "json")


def check_format(name: str) -> Format:
    """The format of that name. Raises ExportError, which lists the right ones."""
    if name not in FORMATS:
        raise ExportError(f"There is no format {name!r}. Choose one of: {', '.join(FORMATS)}.")
    return FORMATS[name]


def write_document(document: Document, format: str, pictures: Pictures) -> bytes:
    """The document as a file, for those small enough for memory. Raises ExportError for an unknown format."""
    file = io.BytesIO()
    write_document_to(file, document, format, pictures)
    return file.getvalue()


def write_document_to(file: BinaryIO, document: Document, format: str, pictures: Pictures) -> None:
    """Write the document into an open file that can be sought in. Raises ExportError for an unknown format."""
    check_format(format).write(document, pictures, file)

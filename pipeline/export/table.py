"""CSV: a row a line, with where it stands on its page in pixels."""

import csv
import io
import re
from typing import BinaryIO

from pipeline.document import Document
from pipeline.export.flow import clean_text
from pipeline.export.pictures import Pictures

# What spreadsheets run as a formula, even behind spaces; the second apostrophe keeps a first one that was written.
_FORMULA = re.compile(r"['\s]*[=+\-@＝＋－＠]")
COLUMNS = ("page", "line", "paragraph", "kind", "text", "confidence", "checked", "x0", "y0", "x1", "y1")


def write(document: Document, pictures: Pictures, file: BinaryIO) -> None:
    """UTF-8 with the mark that tells spreadsheets so; pages and lines count from 1.

    A text that a spreadsheet would run as a formula has an apostrophe before it.
    """
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(COLUMNS)
    for page in document.pages:
        for number, line in enumerate(page.lines, 1):
            confidence = round(line.transcription.confidence, 4)
            text = _harmless(clean_text(line.text))
            place = page.index + 1, number, line.paragraph + 1
            rows.writerow([*place, line.kind, text, confidence, int(line.checked), *line.box])
    file.write(table.getvalue().encode("utf-8-sig"))


def _harmless(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text

"""CSV: a row a line, with where it stands on its page in pixels."""

import csv
import io

from pipeline.document import Document
from pipeline.export.flow import clean_text
from pipeline.export.pictures import Pictures

COLUMNS = ("page", "line", "paragraph", "kind", "text", "confidence", "checked", "x0", "y0", "x1", "y1")


def write(document: Document, pictures: Pictures) -> bytes:
    """UTF-8 with the mark that tells spreadsheets so; pages and lines count from 1."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for page in document.pages:
        for number, line in enumerate(page.lines, 1):
            confidence = round(line.transcription.confidence, 4)
            text = clean_text(line.text)
            place = page.index + 1, number, line.paragraph + 1
            rows.writerow([*place, line.kind, text, confidence, int(line.checked), *line.box])
    return file.getvalue().encode("utf-8-sig")

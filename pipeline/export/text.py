"""Plain text, UTF-8: a line for each written line, an empty line between paragraphs, a form feed between pages.

List items follow each other without empty lines.
"""

from typing import BinaryIO

from pipeline.document import Document, Page
from pipeline.export.flow import blocks, clean_text
from pipeline.export.pictures import Pictures


def write(document: Document, pictures: Pictures, file: BinaryIO) -> None:
    """The document's text; drawings are left out, but the words written in them are kept."""
    file.write("\f".join(_page(page) for page in document.pages).encode("utf-8"))


def _page(page: Page) -> str:
    if page.error:
        return f"[Page {page.index + 1} could not be read. {clean_text(page.error)}]\n"
    written = ""
    previous = ""
    for block in blocks(page):
        texts = [text for line in block.lines if (text := clean_text(line.text).strip())]
        if texts:
            is_next_item = previous == block.kind == "list_item"
            written += ("" if is_next_item or not written else "\n") + "\n".join(texts) + "\n"
            previous = block.kind
    return written

"""Plain text, UTF-8: one line for each written line, an empty line between paragraphs, a form feed between pages."""

from pipeline.document import Document, Page
from pipeline.export.flow import FigurePng, blocks, clean_text


def write(document: Document, figure_png: FigurePng) -> bytes:
    """The document's text; drawings are left out, but the words written in them are kept."""
    return ("\f".join(_page(page) for page in document.pages)).encode("utf-8")


def _page(page: Page) -> str:
    if page.error:
        return f"[Page {page.index + 1} could not be read. {clean_text(page.error)}]\n"
    paragraphs = [[clean_text(line.text).strip() for line in block.lines] for block in blocks(page)]
    filled = ["\n".join(text for text in paragraph if text) for paragraph in paragraphs]
    return "".join(f"{paragraph}\n\n" for paragraph in filled if paragraph).removesuffix("\n")

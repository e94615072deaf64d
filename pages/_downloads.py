"""Buttons that make a file of a document when they are pressed, not before."""

from functools import partial

import streamlit as st

from pages._common import store
from pages._pictures import crop_figure
from pipeline.document import Figure, Page
from pipeline.export import FORMATS, write_document

LABELS = {"docx": "Word", "txt": "Text", "json": "JSON"}


def download_buttons(document_id: str, formats: tuple[str, ...] = ("docx", "txt", "json")) -> None:
    """One button a format, for the caller's container."""
    name = store().get_summary(document_id).name
    for format in formats:
        st.download_button(
            LABELS[format],
            data=partial(export, document_id, format),
            file_name=f"{name}{FORMATS[format].suffix}",
            mime=FORMATS[format].media_type,
            key=f"{format}-{document_id}",
            icon=":material/download:",
            help=f"Download as {LABELS[format]}",
            on_click="ignore",
        )


def export(document_id: str, format: str) -> bytes:
    """The document as a file, with every correction made so far."""
    return write_document(store().get_document(document_id), format, figure_png)


def figure_png(page: Page, figure: Figure) -> bytes:
    return crop_figure(store().get_blob(page.image), page, figure)

"""Buttons that make a file of a document, or of many, when they are pressed, not before."""

from collections.abc import Callable, Sequence
from functools import partial
from tempfile import TemporaryFile
from typing import BinaryIO

import streamlit as st

from pages._common import count, said, store
from pipeline.exchange_library import write_library
from pipeline.export import FORMATS, write_document
from pipeline.export.archive import file_name, write_archive
from pipeline.store import DocumentSummary
from pipeline.store.pictures import pictures_of

FIRST = ("docx", "pdf", "txt")


def download_menu(document_id: str) -> None:
    """The usual formats, a button each, for the caller's container, and a menu of all the others."""
    for format in FIRST:
        download_button(document_id, format)
    with st.popover("More", icon=":material/more_horiz:", help="Download in another format"):
        for format in FORMATS:
            if format not in FIRST:
                download_button(document_id, format)


def download_button(document_id: str, format: str, *, of: str = "") -> None:
    """A button that downloads the document; `of` is its name where others have such buttons, too."""
    title = FORMATS[format].title
    label = "PDF" if format == "pdf" else title
    st.download_button(
        said(label, of) if of else label,
        data=partial(export, document_id, format),
        file_name=f"{file_name(store().get_summary(document_id).name)}{FORMATS[format].suffix}",
        mime=FORMATS[format].media_type,
        key=f"{format}-{document_id}",
        icon=":material/download:",
        help=f"Download as {title}",
        on_click="ignore",
    )


def export(document_id: str, format: str) -> bytes:
    """The document as a file, with every correction made so far."""
    return write_document(store().get_document(document_id), format, pictures_of(store()))


def download_many(documents: Sequence[DocumentSummary]) -> None:
    """A choice of documents and a format, and a button that packs them into one archive."""
    names = {document.id: document.name for document in documents if document.pages}
    chosen = st.multiselect(
        "Documents",
        list(names),
        format_func=lambda document_id: names.get(document_id, ""),
        placeholder="All documents",
        key="export-documents",
    )
    format = st.selectbox("Format", list(FORMATS), format_func=lambda name: FORMATS[name].title, key="export-format")
    ids = chosen or list(names)
    st.download_button(
        f"Download {count(len(ids), 'document')}",
        data=partial(export_many, ids, format),
        file_name=f"documents.{format}.zip",
        mime="application/zip",
        key="export-many",
        icon=":material/download:",
        type="primary",
        disabled=not ids,
        on_click="ignore",
    )


def export_many(ids: Sequence[str], format: str) -> bytes:
    """A zip with a file for each document."""
    documents = map(store().get_document, ids)
    return _through_disk(lambda file: write_archive(file, documents, format, pictures_of(store())))


def _through_disk(write: Callable[[BinaryIO], object]) -> bytes:
    """What is written, in memory only once it is whole: Streamlit takes nothing else. The API sends it from disk."""
    with TemporaryFile(prefix="inkline-") as file:
        write(file)
        file.seek(0)
        return file.read()


def download_library() -> None:
    """All documents with their pictures and tags in one archive, which another Inkline takes in."""
    st.markdown("The whole library, to keep or to take in elsewhere")
    st.download_button(
        "Download the library",
        data=export_library,
        file_name="library.zip",
        mime="application/zip",
        key="export-library",
        icon=":material/archive:",
        help="Every page with its picture and lines, names and tags; without histories and the files that were read.",
        on_click="ignore",
    )


def export_library() -> bytes:
    """An archive that the library takes in again."""
    return _through_disk(lambda file: write_library(file, store()))

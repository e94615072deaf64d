"""Taking in what others have transcribed: PAGE XML and ALTO with the pictures of their pages."""

from pathlib import Path

import streamlit as st

from pages._common import count, store
from pipeline.errors import InklineError
from pipeline.exchange import import_transcribed, uploads
from pipeline.settings import read_settings

KINDS = ["zip", "xml", "jpg", "jpeg", "png", "tif", "tiff", "webp", "bmp", "heic"]


def import_form() -> None:
    """Files to drop in, and what became of those that were."""
    with st.form("import", border=False, clear_on_submit=True):
        files = st.file_uploader(
            "PAGE XML or ALTO with pictures",
            KINDS,
            accept_multiple_files=True,
            help="A zip, or XML files together with the pictures they name. They become one document; each zip does.",
        )
        pressed = st.form_submit_button("Take these in", icon=":material/upload:")
    if not pressed:
        return
    if not files:
        st.warning("Choose a zip, or XML files with their pictures, first.")
        return
    with st.spinner("Taking in pages"), uploads([(file.name, file) for file in files]) as sources:
        for path, called in sources:
            _take_in(path, called)


def _take_in(path: Path, called: str) -> None:
    try:
        imported = import_transcribed(path, store(), read_settings(), name=called)
    except InklineError as error:
        st.error(f"{called}: {error}", icon=":material/error:")
        return
    what = f"{count(imported.pages, 'page')} with {count(imported.lines, 'line')}"
    st.success(f"{called} is in the library: {what}.", icon=":material/check:")
    for problem in imported.problems:
        st.warning(problem, icon=":material/warning:")

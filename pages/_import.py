"""Taking in libraries, and what others have transcribed: PAGE XML and ALTO with the pictures of their pages."""

import logging

import streamlit as st

from pages._common import count, plain, store
from pipeline.errors import InklineError
from pipeline.exchange import take_in, uploads
from pipeline.exchange_files import Upload
from pipeline.settings import read_settings

log = logging.getLogger(__name__)
KINDS = ["zip", "xml", "jpg", "jpeg", "png", "tif", "tiff", "webp", "bmp", "heic", "pdf"]


def import_form() -> None:
    """Files to drop in, and what became of those that were."""
    with st.form("import", border=False, clear_on_submit=True):
        files = st.file_uploader(
            "A library, or PAGE XML or ALTO with pictures",
            KINDS,
            accept_multiple_files=True,
            help="A zip, or XML files together with the pictures they name. They become one document; each zip does. "
            "The archive of a library brings all of its documents.",
        )
        pressed = st.form_submit_button("Take these in", icon=":material/upload:")
    if not pressed:
        return
    if not files:
        st.warning("Choose a zip, or XML files with their pictures, first.")
        return
    try:
        with st.spinner("Taking in pages"), uploads([(file.name, file) for file in files]) as sources:
            for upload in sources:
                _take_in(upload)
    except InklineError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _take_in(upload: Upload) -> None:
    path, called, name = upload
    try:
        taken = take_in(path, store(), read_settings(), name=name, called=called)
    except InklineError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    except Exception as error:  # one bad file must not lose the others
        log.exception("importing %s", called)
        fault = f"Taking in {called} met a fault in Inkline ({type(error).__name__}: {error})."
        st.error(plain(fault), icon=":material/error:")
        return
    pages, lines = (sum(getattr(imported, what) for imported in taken) for what in ("pages", "lines"))
    what = f"{count(pages, 'page')} with {count(lines, 'line')}"
    these = f"{plain(taken[0].name)} is" if len(taken) == 1 else f"{count(len(taken), 'document')} are"
    st.success(f"{these} in the library: {what}.", icon=":material/check:")
    for imported in taken:
        for problem in imported.problems:
            st.warning(plain(problem), icon=":material/warning:")

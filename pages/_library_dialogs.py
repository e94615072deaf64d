"""What the library asks in a window of its own: names, tags, the trash, and downloads of many documents."""

from contextlib import suppress

import streamlit as st

from pages._common import close_window, count, plain, store
from pages._downloads import download_button, download_library, download_many
from pipeline.errors import NotFoundError
from pipeline.export import FORMATS
from pipeline.store import DocumentSummary


@st.dialog("Rename", on_dismiss=close_window)
def rename(document: DocumentSummary) -> None:
    with st.form("rename", border=False):
        key = f"name-{document.id}"
        st.text_input("Name", document.name, key=key)
        if st.form_submit_button("Rename", type="primary", on_click=take_name, args=(document, key)):
            close_window()
            st.rerun()


def take_name(document: DocumentSummary, key: str) -> None:
    # Deleted in another tab meanwhile: the list that follows shows so.
    with suppress(NotFoundError):
        store().rename_document(document.id, st.session_state[key].strip() or document.name)


@st.dialog("Tags", on_dismiss=close_window)
def edit_tags(document: DocumentSummary) -> None:
    st.write(plain(document.name))
    with st.form("tags", border=False):
        key = f"tags-text-{document.id}"
        st.text_input("Tags, with commas between them", ", ".join(document.tags), key=key, placeholder="physics, 2026")
        known = [tag for tag in store().list_tags() if tag not in document.tags]
        if known:
            st.caption("In use: " + plain(", ".join(known[:30])))
        if st.form_submit_button("Keep", type="primary", on_click=take_tags, args=(document, key)):
            close_window()
            st.rerun()


def take_tags(document: DocumentSummary, key: str) -> None:
    with suppress(NotFoundError):
        store().set_tags(document.id, st.session_state[key].split(","))


@st.dialog("Other formats", on_dismiss=close_window)
def show_formats(document: DocumentSummary) -> None:
    st.write(plain(document.name))
    with st.container(horizontal=True):
        for format in FORMATS:
            if format != "docx":  # its button is in the list
                download_button(document.id, format)


@st.dialog("Trash")
def show_trash() -> None:
    documents = store().list_trash()
    if not documents:
        st.write("The trash is empty.")
        return
    st.caption("What was deleted is kept here for 30 days.")
    for document in documents:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{plain(document.name)} :small[· {count(document.pages, 'page')}]", width="stretch")
            key = f"restore-{document.id}"
            back = st.button("Restore", icon=":material/undo:", key=key, on_click=restore, args=(document.id,))
        if back:
            st.rerun()
    ids = tuple(document.id for document in documents)
    with st.popover("Empty the trash", icon=":material/delete_forever:"):
        these = count(len(ids), "document")
        st.markdown(f"**Remove {these} for good?** Files and corrections will be gone, and nothing brings them back.")
        if st.button(f"Remove {these} for good", type="primary", on_click=empty_trash, args=(ids,)):
            st.rerun()


def put_away(document: DocumentSummary) -> None:
    """Into the trash; the screen offers to undo that."""
    with suppress(NotFoundError):
        store().trash_document(document.id)
    st.session_state.put_away = (document.id, document.name)


def offer_undo() -> None:
    """A line about the document deleted last, with a way back."""
    document_id, name = st.session_state.get("put_away", ("", ""))
    if document_id:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="undo-delete"):
            st.markdown(f":material/delete: {plain(name)} is in the trash.", width="stretch")
            st.button("Undo", icon=":material/undo:", key="undo", on_click=restore, args=(document_id,))


def restore(document_id: str) -> None:
    with suppress(NotFoundError):
        store().restore_document(document_id)
    if st.session_state.get("put_away", ("", ""))[0] == document_id:
        del st.session_state.put_away


def empty_trash(ids: tuple[str, ...]) -> None:
    """Only what was shown: another tab may have put more into the trash since."""
    for document_id in ids:
        with suppress(NotFoundError):
            store().delete_document(document_id, only_trashed=True)
    st.session_state.pop("put_away", None)


@st.dialog("Download many documents")
def show_downloads() -> None:
    download_many(store().list_documents())
    st.divider()
    download_library()

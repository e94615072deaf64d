"""All documents: open, rename, download, delete; and in from other programs."""

from contextlib import suppress

import streamlit as st

from pages._common import count, plain, small_picture, store, when
from pages._downloads import download_buttons, download_many
from pages._import import import_form
from pages._progress import STATES
from pipeline.errors import NotFoundError
from pipeline.store import DocumentSummary

PER_SCREEN = 20


def show() -> None:
    st.title("Library")
    head = st.container(horizontal=True, vertical_alignment="bottom")
    with head.popover("Take in", icon=":material/upload:", help="Take in PAGE XML or ALTO with pictures"):
        import_form()
    documents = store().list_documents()
    if not documents:
        st.info("There are no documents yet. Start by choosing a scan, a photo or the sample notes.")
        st.page_link("digitize.py", label="Choose a file", icon=":material/document_scanner:")
        return
    with head.popover("Download several", icon=":material/download:", help="Download many documents at once"):
        download_many(documents)
    wanted = head.text_input(
        "Find by name", placeholder="Find by name", icon=":material/search:", label_visibility="collapsed"
    )
    found = [document for document in documents if wanted.strip().casefold() in document.name.casefold()]
    if not found:
        st.info(f"No document has {wanted.strip()} in its name.")
    shown = found[: st.session_state.get("shown", PER_SCREEN)]
    for document in shown:
        card(document)
    if len(found) > len(shown):
        st.button(f"Show more ({len(found) - len(shown)} left)", on_click=show_more)


def show_more() -> None:
    st.session_state.shown = st.session_state.get("shown", PER_SCREEN) + PER_SCREEN


def card(document: DocumentSummary) -> None:
    """One document: its first page, what is known of it, and what can be done with it."""
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="medium", key=f"card-{document.id}"
    ):
        if document.image:
            st.image(small_picture(document.image), width=76, alt=f"First page of {document.name}")
        with st.container(width="stretch", gap="xxsmall"):
            st.markdown(f"#### {plain(document.name)}")
            facts = [when(document.created), count(document.pages, "page"), count(document.lines, "line")]
            if document.state != "done":
                facts.append(f":orange[{STATES[document.state]}]")
            st.caption(" · ".join(facts))
            if document.lines:
                share = document.checked / document.lines
                st.progress(share, text=f":small[{document.checked} of {document.lines} checked]", width=260)
        page = "correct.py" if document.pages else "digitize.py"
        st.page_link(page, label="Open", icon=":material/edit_note:", query_params={"document": document.id})
        download_buttons(document.id, ("docx",), more=False)
        if st.button("Rename", icon=":material/edit:", key=f"rename-{document.id}"):
            rename(document)
        if st.button("Delete", icon=":material/delete:", key=f"delete-{document.id}"):
            delete(document)


@st.dialog("Rename")
def rename(document: DocumentSummary) -> None:
    with st.form("rename", border=False):
        key = f"name-{document.id}"
        st.text_input("Name", document.name, key=key)
        if st.form_submit_button("Rename", type="primary", on_click=take_name, args=(document, key)):
            st.rerun()


def take_name(document: DocumentSummary, key: str) -> None:
    # Deleted in another tab meanwhile: the list that follows shows so.
    with suppress(NotFoundError):
        store().rename_document(document.id, st.session_state[key].strip() or document.name)


@st.dialog("Delete this document?")
def delete(document: DocumentSummary) -> None:
    st.write(f"**{plain(document.name)}** with its pages and all corrections will be gone. This can't be undone.")
    with st.container(horizontal=True):
        sure = st.button("Delete", type="primary", icon=":material/delete:", on_click=remove, args=(document,))
        if st.button("Keep it") or sure:
            st.rerun()


def remove(document: DocumentSummary) -> None:
    with suppress(NotFoundError):
        store().delete_document(document.id)


show()

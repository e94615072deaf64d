"""The correction screen: a page beside a table of its lines, where every edit is kept at once."""

import streamlit as st

from pages._common import count, picture_of, store
from pages._downloads import download_buttons
from pages._history import line_history, undo_last
from pages._table import VIEWS, lines_table
from pipeline.errors import NotFoundError
from pipeline.store import DocumentSummary, PageSummary

LEGEND = ":green[■] checked  :blue[■] sure  :orange[■] look here first"


def show() -> None:
    documents = [document for document in store().list_documents() if document.pages]
    if not documents:
        st.title("Correct")
        st.info("Nothing has been read yet. Start by choosing a scan, a photo or the sample notes.")
        st.page_link("digitize.py", label="Choose a file", icon=":material/document_scanner:")
        return
    document = chosen_document(documents)
    if document is None:
        return
    pages = store().list_pages(document.id)
    page = chosen_page(document, pages)
    head(document, pages, page)
    if page.error:
        st.warning(f"Page {page.index + 1} could not be read: {page.error}", icon=":material/warning:")
    st.fragment(workbench)(document.id, page.index)


def chosen_document(documents: list[DocumentSummary]) -> DocumentSummary | None:
    """The document named in the address; the newest if none is named; None if it is not there."""
    wanted = st.query_params.get("document", documents[0].id)
    for document in documents:
        if document.id == wanted:
            return document
    try:
        summary = store().get_summary(wanted)
    except NotFoundError as error:
        st.error(str(error), icon=":material/error:")
        st.page_link("library.py", label="Open the library", icon=":material/folder_open:")
    else:
        st.info(f"No page of {summary.name} has been read yet.")
        st.page_link("digitize.py", label="See how far it is", query_params={"document": wanted})
    return None


def chosen_page(document: DocumentSummary, pages: list[PageSummary]) -> PageSummary:
    """The page whose number stands in the address, or the first."""
    wanted = st.query_params.get("page", "1")
    by_number = {str(page.index + 1): page for page in pages}
    return by_number.get(wanted, pages[0])


def go_to(document_id: str, index: int) -> None:
    st.query_params.from_dict({"document": document_id, "page": str(index + 1)})


def head(document: DocumentSummary, pages: list[PageSummary], page: PageSummary) -> None:
    """Name, pages, downloads."""
    position = pages.index(page)
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.subheader(document.name, width="stretch")
        download_buttons(document.id)
    if len(pages) > 1:
        with st.container(horizontal=True, vertical_alignment="center", key="pages"):
            turn("Previous page", ":material/chevron_left:", document.id, pages[position - 1 : position])
            number = st.selectbox(
                "Page",
                [other.index for other in pages],
                position,
                format_func=lambda index: page_label(pages, index),
                key=f"page-{document.id}-{page.index}",
                label_visibility="collapsed",
                width=300,
            )
            turn("Next page", ":material/chevron_right:", document.id, pages[position + 1 : position + 2])
        if number != page.index:
            go_to(document.id, number)
            st.rerun()


def page_label(pages: list[PageSummary], index: int) -> str:
    page = next(page for page in pages if page.index == index)
    state = "could not be read" if page.error else f"{page.checked} of {count(page.lines, 'line')} checked"
    return f"Page {index + 1} of {len(pages)} · {state}"


def turn(label: str, icon: str, document_id: str, target: list[PageSummary]) -> None:
    """A button to a neighbouring page, out of use where there is none."""
    args = (document_id, target[0].index if target else 0)
    st.button("", icon=icon, help=label, key=label, disabled=not target, on_click=go_to, args=args)


def workbench(document_id: str, index: int) -> None:
    """Page and table; an edit renews only this part of the screen."""
    page = store().get_page(document_id, index)
    left, right = st.columns([5, 8], gap="medium")
    with right:
        with st.container(horizontal=True, vertical_alignment="center"):
            view = st.segmented_control("Lines", VIEWS, default=VIEWS[0], required=True, label_visibility="collapsed")
            st.space("stretch")
            undo_last(document_id, index)
        lines_table(document_id, page, view)
        if page.lines:
            line_history(document_id, page)
    with left:
        if page.image:
            st.image(picture_of(document_id, index, width=1100, numbered=True), width="stretch")
            job = store().job_of(document_id)
            st.caption(f"{LEGEND}  \nRead by **{job.engine}**. {job.engine_reason}")


show()

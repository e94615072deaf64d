"""The correction screen: a page beside a table of its lines, where every edit is kept at once."""

from contextlib import suppress

import streamlit as st

from pages._common import local, picture_of, store
from pages._corrector import corrector
from pages._downloads import download_menu
from pages._history import line_history, undo_last
from pages._pages_dialog import show_pages
from pages._table import ORDERS, keep_edits, lines_table
from pipeline.errors import NotFoundError
from pipeline.store import DocumentSummary, PageSummary

VIEWS = ["Workbench", "Table"]
LEGEND = ":small[:green[■] checked   :blue[■] sure   :orange[■] look here first]"


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
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        choose_document(documents, document)
        view = choose_view()
        if st.button("Pages", icon=":material/auto_stories:", help="Add, move, turn and delete pages"):
            show_pages(document.id, document.name)
        download_menu(document.id)
    if view == VIEWS[0]:
        st.fragment(bench_view)(document.id)
    else:
        st.fragment(table_view)(document.id, chosen_page(document.id))


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


def choose_document(documents: list[DocumentSummary], document: DocumentSummary) -> None:
    """Any other document. Labels must not change while one is chosen: the browser sends the label back."""
    ids: dict[str, str] = {}
    for other in documents:
        label = f"{other.name} · {local(other.created):%-d %b %Y, %H:%M}"
        while label in ids:
            label += " (again)"
        ids[label] = other.id
    position = list(ids.values()).index(document.id)
    chosen = st.selectbox("Document", ids, position, key=f"document-{document.id}", label_visibility="collapsed")
    if ids.get(chosen, document.id) != document.id:
        go_to(ids[chosen], 0)


def choose_view() -> str:
    """The workbench, or the plain table; the address says which, so that a reload keeps it."""
    st.session_state.setdefault("view", VIEWS[st.query_params.get("view") == "table"])
    view = st.segmented_control("View", VIEWS, key="view", required=True, label_visibility="collapsed")
    if view == VIEWS[1]:
        st.query_params["view"] = "table"
    else:
        st.query_params.pop("view", None)
    return str(view)


def chosen_page(document_id: str) -> int:
    """The index of the page with the line named in the address, else of that numbered there, else of the first."""
    with suppress(NotFoundError):
        of, index, _ = store().get_line(st.query_params.get("line", ""))
        if of == document_id:
            return index
    wanted = st.query_params.get("page", "1")
    indexes = [page.index for page in store().list_pages(document_id)]
    return next((index for index in indexes if str(index + 1) == wanted), indexes[0])


def bench_view(document_id: str) -> None:
    """The workbench on the page that the address names now."""
    corrector(document_id, chosen_page(document_id))


def table_view(document_id: str, index: int) -> None:
    """Page and plain table; an edit renews only this part of the screen."""
    keep_edits()
    page = store().get_page(document_id, index)
    with st.container(key="bench"):
        left, right = st.columns([4, 8], gap="medium")
    with right:
        with st.container(horizontal=True, vertical_alignment="center"):
            order = st.segmented_control(
                "Lines", ORDERS, default=ORDERS[0], required=True, label_visibility="collapsed"
            )
            st.space("stretch")
            undo_last(document_id)
        if page.error:
            st.warning(f"This page could not be read: {page.error}", icon=":material/warning:")
        lines_table(document_id, page, order)
        if page.lines:
            line_history(page)
    with left:
        turn_pages(document_id, index)
        if page.image:
            st.image(picture_of(document_id, index, width=900, numbered=True), width="stretch")
            st.markdown(LEGEND)
            job = store().job_of(document_id)
            st.caption(f":material/visibility: Read by **{job.engine}**. {job.engine_reason}")


def turn_pages(document_id: str, index: int) -> None:
    """Previous, any, and next page."""
    pages = store().list_pages(document_id)
    position = next(position for position, page in enumerate(pages) if page.index == index)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="pages"):
        back = st.button("Back", icon=":material/chevron_left:", disabled=position == 0)
        target = st.selectbox(
            "Page",
            range(len(pages)),
            position,
            format_func=lambda position: page_label(pages, position),
            key=f"page-{document_id}-{index}",
            label_visibility="collapsed",
            width="stretch",
        )
        last = position + 1 == len(pages)
        on = st.button("Next", icon=":material/chevron_right:", icon_position="right", disabled=last)
    target = position - 1 if back else position + 1 if on else target
    if target != position:
        go_to(document_id, pages[target].index)


def go_to(document_id: str, index: int) -> None:
    """Show another page in the same view."""
    st.query_params.pop("line", None)  # which would say on which page it is
    st.query_params.update({"document": document_id, "page": str(index + 1)})
    st.rerun()


def page_label(pages: list[PageSummary], position: int) -> str:
    page = pages[position]
    return f"Page {page.index + 1} of {len(pages)}" + (" (could not be read)" if page.error else "")


show()

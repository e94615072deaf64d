"""All documents: found by name, tag or what is written in them; opened, named, tagged, downloaded, deleted."""

from collections.abc import Callable

import streamlit as st

from pages import _library_dialogs as dialogs
from pages._common import WINDOW, count, plain, said, small_picture, store, when
from pages._downloads import download_button
from pages._import import import_form
from pages._library_hits import HITS_SHOWN, show_hits
from pages._pages_dialog import show_pages
from pages._progress import STATES
from pipeline.store import DocumentSummary
from pipeline.store.library import ORDERS, Order

PER_SCREEN = 20
WINDOWS: dict[str, Callable[[DocumentSummary], object]] = {
    "rename": dialogs.rename,
    "pages": lambda document: show_pages(document.id, document.name),
    "tags": dialogs.edit_tags,
    "other formats": dialogs.show_formats,
}
# What can be done with a document, with icons; browsers open and close the menu of it by themselves.
MENU = {
    "rename": "edit",
    "pages": "auto_stories",
    "tags": "label",
    "other formats": "download",
    "delete": "delete",
}
OF_PAGES = ("pages", "other formats")  # nothing without pages
SHOWN_ORDERS: dict[Order, str] = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "name": "By name",
    "to check": "Most to check first",
    "pages": "Most pages first",
}


def show() -> None:
    st.title("Library")
    dialogs.offer_undo()
    wanted, tag, order = head()
    found = store().count_documents(name=wanted, tag=tag)
    if not found and not wanted and not tag:
        st.info("There are no documents yet. Start by choosing a scan, a photo or the sample notes.")
        st.page_link("digitize.py", label="Choose a file", icon=":material/document_scanner:")
        return
    shown = st.session_state.get("shown", PER_SCREEN)
    documents = store().list_documents(name=wanted, tag=tag, order=order, limit=shown)
    if wanted and documents:
        st.markdown(f"##### {count(found, 'document')} with this name")
    for document in documents:
        card(document)
    if found > len(documents):
        st.button(f"Show more ({found - len(documents)} left)", on_click=show_more)
    if wanted:
        show_hits(wanted, tag)


def head() -> tuple[str, str, Order]:
    """What is sought, the tag and the order; and what concerns the whole library."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
            "Search names and texts",
            placeholder="Search names and all that is written",
            icon=":material/search:",
            label_visibility="collapsed",
            key="wanted",
            on_change=start_over,
        )
        tags = store().list_tags()
        tag = ""
        if tags:
            tag = st.selectbox(
                "Tag",
                ["", *tags],
                format_func=lambda tag: f"{tag} ({tags.get(tag, 0)})" if tag else "All tags",
                label_visibility="collapsed",
                width=190,
                key="tag",
                on_change=start_over,
            )
        order = st.selectbox(
            "Order", ORDERS, format_func=SHOWN_ORDERS.__getitem__, label_visibility="collapsed", width=190, key="order"
        )
        with st.popover(
            "Take in", icon=":material/upload:", help="Take in a library, or PAGE XML or ALTO with pictures"
        ):
            import_form()
        if st.button("Download", icon=":material/download:", help="Download many documents, or the whole library"):
            dialogs.show_downloads()
        if st.button("Trash", icon=":material/delete:", help="What was deleted"):
            dialogs.show_trash()
    return wanted.strip(), tag, order


def start_over() -> None:
    """Another question begins with its first answers."""
    st.session_state.shown, st.session_state.hits = PER_SCREEN, HITS_SHOWN


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
            st.caption(" · ".join(facts) + "".join(f" :blue-badge[{plain(tag)}]" for tag in document.tags))
            if document.state == "needs_password":
                st.warning(plain(store().job_of(document.id).error), icon=":material/lock:")
            if document.lines:
                share = document.checked / document.lines
                st.progress(share, text=f":small[{document.checked} of {document.lines} checked]", width=260)
        page = "correct.py" if document.pages and document.state != "needs_password" else "digitize.py"
        st.page_link(
            page, label=said("Open", document.name), icon=":material/edit_note:", query_params={"document": document.id}
        )
        download_button(document.id, "docx", of=document.name)
        menu = f"menu-{document.id}"
        st.menu_button(
            said("More", document.name),
            [action for action in MENU if document.pages or action not in OF_PAGES],
            format_func=lambda action: f":material/{MENU[action]}: {action.capitalize()}",
            icon=":material/more_horiz:",
            help="Name, pages, tags, other formats, delete",
            key=menu,
            on_click=choose,
            args=(menu, document),
        )
        window, shown_of = st.session_state.get(WINDOW, ("", ""))
        if shown_of == document.id:
            WINDOWS[window](document)


def choose(menu: str, document: DocumentSummary) -> None:
    """Do what was chosen in the menu of a document."""
    action = st.session_state[menu]
    if action in WINDOWS:
        st.session_state[WINDOW] = action, document.id
    elif action == "delete":
        dialogs.put_away(document)


show()

"""The pages of a document in a window of their own: added; moved, turned and deleted, with a way back."""

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from pages._common import close_window, count, plain, said, small_picture, store
from pages._draft import SUFFIXES, by_name, keep_file
from pages._progress import ACTIVE
from pipeline import retouch
from pipeline.errors import InklineError, NotFoundError
from pipeline.settings import read_settings
from pipeline.store import AUTHOR, Change, PageSummary, SourceFile
from pipeline.store.values import PAGE_KINDS

SHOWN_AT_ONCE = 20


def leave() -> None:
    st.session_state.pop("page_moved", None)
    close_window()


@st.dialog("Pages", width="large", on_dismiss=leave)
def show_pages(document_id: str, name: str) -> None:
    look = st.fragment(run_every="2s")(window) if store().job_of(document_id).state in ACTIVE else window
    look(document_id, name)


def window(document_id: str, name: str) -> None:
    pages = store().list_pages(document_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(name)}** :small[· {count(len(pages), 'page')}]", width="stretch")
        step = last_step(document_id)
        if step and step.kind in PAGE_KINDS:
            label = f"Undo: {step.summary[0].lower()}{step.summary[1:]}"
            st.button(label, icon=":material/undo:", key="undo-pages", on_click=undo, args=(document_id,))
    if trouble := st.session_state.pop("pages_trouble", ""):
        st.warning(plain(trouble), icon=":material/warning:")
    add_form(document_id, tuple(page.id for page in pages))
    if store().job_of(document_id).state in ACTIVE:
        st.caption("Pages are being read. New ones take their places then.")
    if len(pages) > 2:
        with st.form("move", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input("Move page", 1, len(pages), key="page_to_move", width=140)
            st.number_input("to place", 1, len(pages), key="place_to_take", width=140)
            ids = tuple(page.id for page in pages)
            st.form_submit_button("Move", icon=":material/low_priority:", on_click=move_far, args=(ids,))
    starts = range(0, len(pages), SHOWN_AT_ONCE)
    start = 0
    if len(starts) > 1:
        start = st.selectbox(
            "Which pages", starts, format_func=lambda at: f"Pages {at + 1} to {min(at + SHOWN_AT_ONCE, len(pages))}"
        )
    for position in range(start, min(start + SHOWN_AT_ONCE, len(pages))):
        row(pages, position)


def add_form(document_id: str, page_ids: tuple[str, ...]) -> None:
    with st.expander("Add pages", icon=":material/add:"), st.form("add", border=False, clear_on_submit=True):
        st.file_uploader(
            "PDFs, or photos of pages",
            SUFFIXES,
            accept_multiple_files=True,
            max_upload_size=read_settings().max_file_mb,
            key="files_to_add",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            places = range(len(page_ids) + 1)
            st.selectbox("Where", places, format_func=place_label, key="place_to_add", width=220)
            st.text_input("Password, for a PDF that asks for one", type="password", key="password_to_add")
        st.form_submit_button("Add", icon=":material/upload:", on_click=add, args=(document_id, page_ids))


def place_label(place: int) -> str:
    return f"Before page {place}" if place else "At the end"


def add(document_id: str, page_ids: tuple[str, ...]) -> None:
    """Each file by itself, so that a bad one holds up no other; where it comes counts in the pages that were shown."""
    password, problems = st.session_state.password_to_add, []
    before = ("", *page_ids)[st.session_state.place_to_add]
    arrived = st.session_state.files_to_add
    for upload in sorted(arrived, key=lambda upload: by_name(SourceFile("", upload.name))):
        try:
            file = keep_file(upload.getvalue(), upload.name)
            retouch.add_files(store(), document_id, [file], read_settings(), password=password, before=before)
        except InklineError as error:
            problems.append(str(error))
    if not arrived:
        problems.append("Choose one or more files first.")
    st.session_state.pages_trouble = " ".join(problems)


def row(pages: list[PageSummary], position: int) -> None:
    """One page: its picture, its first words, what is known of it, and buttons."""
    page, number, last = pages[position], position + 1, len(pages) - 1
    with st.container(horizontal=True, vertical_alignment="center", key=f"page-{page.id}"):
        if page.image:
            st.image(small_picture(page.image), width=110, alt=f"Page {number}")
        facts = plain(page.error) if page.error else f"{count(page.lines, 'line')}, {page.checked} checked"
        if page.unread:
            facts += ", :orange[to be read again]"
        with st.container(width="stretch", gap="xsmall"):
            moved = " :blue-badge[moved here]" if st.session_state.get("page_moved") == page.id else ""
            st.markdown(f"**{number}.** {plain(first_line(page))}{moved}  \n:small[{facts}]")
            with st.container(horizontal=True, gap="xsmall"):
                if page.image:
                    press("Turn left", number, "rotate_left", f"left-{page.id}", turn, page.id, 3)
                    press("Turn right", number, "rotate_right", f"right-{page.id}", turn, page.id, 1)
                if last:
                    up, down = (move, page.id, position - 1), (move, page.id, position + 1)
                    press("Up", number, "arrow_upward", f"up-{page.id}", *up, disabled=position == 0)
                    press("Down", number, "arrow_downward", f"down-{page.id}", *down, disabled=position == last)
                    press("Delete", number, "delete", f"drop-{page.id}", drop, page.id)


def press(
    word: str, number: int, icon: str, key: str, run: Callable[..., None], *args: object, disabled: bool = False
) -> None:
    label, icon = said(word, f"page {number}"), f":material/{icon}:"
    st.button(label, icon=icon, key=key, on_click=run, args=args, disabled=disabled)


def first_line(page: PageSummary) -> str:
    """What the first line says; nothing of a page without lines or one that is just deleted in another tab."""
    with suppress(NotFoundError):
        return next((line.text for line in store().find_page(page.id)[1].lines if line.text), "")
    return ""


def last_step(document_id: str) -> Change | None:
    """What Undo would take back; None if it is not among the newest steps."""
    return next((change for change in store().changes(document_id) if change.state == "done"), None)


def move(page_id: str, to: int) -> None:
    attempt(lambda: retouch.move_page(store(), page_id, to, author=AUTHOR), moved=page_id)


def move_far(page_ids: tuple[str, ...]) -> None:
    """The page of the number written first, as they were shown, to the place written then."""
    move(page_ids[st.session_state.page_to_move - 1], st.session_state.place_to_take - 1)


def turn(page_id: str, quarters: int) -> None:
    attempt(lambda: retouch.turn_page(store(), page_id, quarters, author=AUTHOR))


def drop(page_id: str) -> None:
    attempt(lambda: retouch.delete_page(store(), page_id, author=AUTHOR))


def undo(document_id: str) -> None:
    """Take back a step on pages, but not what has been written meanwhile in another tab."""
    step = last_step(document_id)
    if step and step.kind in PAGE_KINDS:
        attempt(lambda: store().undo(document_id, author=AUTHOR))


def attempt(change: Callable[[], Change | None], moved: str = "") -> None:
    st.session_state.page_moved = moved
    try:
        done = change()
        st.session_state.pages_trouble = done.note if done else ""
    except InklineError as error:  # for example deleted in another tab meanwhile
        st.session_state.pages_trouble = str(error)

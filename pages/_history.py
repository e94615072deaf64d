"""What a line said before: undo, and going back to any version."""

import streamlit as st

from pages._common import AUTHOR, store, when
from pages._table import correct
from pipeline.document import Page


def undo_last(document_id: str) -> None:
    """A button that takes back this session's last correction in the document, and shows the page it is on."""
    corrected = [(where, line_id) for where, line_id in st.session_state.get("corrected", []) if where == document_id]
    help = "Take back your last correction in this document"
    if st.button("Undo", icon=":material/undo:", disabled=not corrected, help=help):
        st.session_state.corrected.remove(corrected[-1])
        store().undo_line(corrected[-1][1])
        _, page, _ = store().get_line(corrected[-1][1])
        st.query_params.from_dict({"document": document_id, "page": str(page + 1)})
        st.rerun()


def line_history(document_id: str, page: Page) -> None:
    """All versions of a line the user picks, newest first, each with a button that goes back to it."""
    with st.expander("History of a line", icon=":material/history:"):
        number = st.selectbox(
            "Line",
            range(len(page.lines)),
            format_func=lambda number: f"Line {number + 1}",
            key=f"history-{page.image}",
        )
        versions = store().history(page.lines[number].id)[::-1]
        for position, version in enumerate(versions):
            who = "you" if version.author == AUTHOR else version.author
            with st.container(horizontal=True, vertical_alignment="center"):
                restored = " (taken back)" if version.restored else ""
                st.text(version.text or "(empty)", width="stretch")
                st.caption(f"{who}, {when(version.created)}{restored}")
                st.button(
                    "Back to this",
                    key=f"back-{page.lines[number].id}-{position}",
                    disabled=version.text == versions[0].text,
                    on_click=correct,
                    args=(document_id, page.lines[number].id, version.text),
                )

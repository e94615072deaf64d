"""What a line said before: undo, and going back to any version."""

import streamlit as st

from pages._common import store, when
from pipeline.document import Page
from pipeline.store import AUTHOR, Version


def undo_last(document_id: str) -> None:
    """A button that takes back the last step in the document, of earlier visits too, and shows the page it is on."""
    possible = store().can_undo(document_id, author=AUTHOR)
    if st.button(
        "Undo", icon=":material/undo:", disabled=not possible, help="Take back your last step in this document"
    ):
        change = store().undo(document_id, author=AUTHOR)
        if change and change.pages:
            st.query_params.pop("line", None)
            st.query_params["page"] = str(change.pages[0] + 1)
        st.rerun()


def line_history(page: Page) -> None:
    """All versions of a line the user picks, newest first, each with a button that goes back to it."""
    with st.expander("History of a line", icon=":material/history:"):
        number = st.selectbox(
            "Line",
            range(len(page.lines)),
            format_func=lambda number: f"Line {number + 1}",
            key=f"history-{page.image}",
        )
        versions = store().history(page.lines[number].id)[::-1]
        for version in versions:
            who = "you" if version.author == AUTHOR else version.author
            with st.container(horizontal=True, vertical_alignment="center"):
                restored = " (taken back)" if version.restored else ""
                st.text(version.text or "(empty)", width="stretch")
                st.caption(f"{who}, {when(version.created)}{restored}{_decorations(version)}")
                st.button(
                    "Back to this",
                    key=f"back-{page.lines[number].id}-{version.number}",
                    disabled=(version.text, version.decorations) == (versions[0].text, versions[0].decorations),
                    on_click=go_back,
                    args=(page.lines[number].id, version.number),
                )


def _decorations(version: Version) -> str:
    """What is underlined and struck out in it, in words."""
    names = {"underline": "underlined", "strike": "struck out"}
    return "".join(f"; {names[one.kind]}: {version.text[one.start : one.end]}" for one in version.decorations)


def go_back(line_id: str, number: int) -> None:
    store().go_back(line_id, number, author=AUTHOR)

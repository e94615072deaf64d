"""Buttons that count their presses. Streamlit's own forget a press when something else comes in a moment later.

A press of `st.button` is a trigger: it is sent once, and a newer request that is there before its callback has begun
takes its place. A count stays, and is sent again with every request.
"""

from collections.abc import Mapping

import streamlit as st

HTML = """<div class="presses">
<button name="read" class="first">Read</button>
<button name="clear">Clear</button>
</div>"""
CSS = """
.presses { display: flex; gap: 1rem; height: 40px; }
.presses button {
    font: inherit; padding: 0 1rem; height: 40px; cursor: pointer;
    border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, var(--st-base-radius));
    background: var(--st-background-color); color: var(--st-text-color);
}
.presses button:hover, .presses button:focus-visible { border-color: var(--st-primary-color); }
.presses button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.presses button.first { background: var(--st-primary-color); border-color: var(--st-primary-color); color: #fff; }
"""
JS = """
export default function ({ parentElement, data, setStateValue }) {
    const root = parentElement.querySelector(".presses");
    root.send = setStateValue;
    if (root.counts) return;
    root.counts = { ...data };
    for (const button of root.querySelectorAll("button")) {
        button.onclick = () => {
            root.counts[button.name] += 1;
            root.send("counts", { ...root.counts });
        };
    }
}
"""


def count_presses(key: str) -> Mapping[str, int]:
    """How often each button was pressed so far, as the browser last said; to be asked before they are drawn."""
    state = st.session_state.get(key) or {}
    return state.get("counts") or {}


def show_buttons(key: str, counts: Mapping[str, int]) -> None:
    """The buttons Read and Clear, which go on counting from here."""
    buttons = st.components.v2.component("inkline_presses", html=HTML, css=CSS, js=JS, isolate_styles=False)
    buttons(key=key, data=dict(counts), default={"counts": dict(counts)}, on_counts_change=lambda: None)

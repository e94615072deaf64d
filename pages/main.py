"""Where every visit starts: page set-up and navigation. A sign-in would stand before `page.run()`."""

from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).resolve().parent.parent / "assets"

st.set_page_config(page_title="Inkline", page_icon=str(ASSETS / "icon.png"), layout="wide")
st.html(ASSETS / "screens.css")
st.logo(str(ASSETS / "logo.svg"), size="large")
page = st.navigation(
    [
        st.Page("digitize.py", title="Digitize", icon=":material/document_scanner:", default=True),
        st.Page("correct.py", title="Correct", icon=":material/edit_note:"),
        st.Page("draw.py", title="Draw", icon=":material/draw:"),
        st.Page("library.py", title="Library", icon=":material/folder_open:"),
        st.Page("models.py", title="Models", icon=":material/psychology:"),
    ],
    position="top",
)
page.run()

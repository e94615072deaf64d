"""Serves the screens, the REST API and the worker on one port, in one process: `streamlit run streamlit_app.py`."""

import streamlit as st

app = st.App("pages/main.py")

"""Serves the screens, the REST API and the worker on one port, in one process: `streamlit run streamlit_app.py`."""

import streamlit as st
from starlette.routing import Mount

from pipeline.api.app import api, lifespan

# Screens live in pages/ and not beside this file, so that a deep link can't run one of them without pages/main.py.
app = st.App("pages/main.py", routes=[Mount("/api", app=api)], lifespan=lifespan)

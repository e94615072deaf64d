"""The language that our own reader is told the writing is in."""

import streamlit as st

from pipeline.engines import languages_of
from pipeline.settings import read_settings

NAMES = {"auto": "Automatic", "en": "English", "fr": "French", "none": "None: by the ink alone"}


def choose_language(engine: str) -> str:
    """The language chosen for what this reader reads; "" where it can't be told one. Raises EngineError."""
    settings = read_settings()
    known = languages_of(engine, settings)
    if not known:
        return ""
    return st.selectbox(
        "Language",
        known,
        known.index(settings.language) if settings.language in known else 0,
        format_func=lambda language: NAMES.get(language, language),
        help="Letters that the ink leaves open are decided by what usually follows what in a language.",
        width=220,
    )

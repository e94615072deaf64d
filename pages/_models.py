"""Words and small steps that the parts of the screen Models share."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages._common import count, engine_choice, local, plain, store
from pipeline.models import Kind, Model

KINDS: dict[Kind, str] = {
    "own": "made here",
    "shipped": "came with Inkline",
    "trocr": "TrOCR, from the Hugging Face hub",
}
ALL = "All documents"


def title_of(name: str, models: Sequence[Model]) -> str:
    """What the model called `name` is called on screens."""
    return next((model.title for model in models if model.name == name), Path(name).name)


def megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size < 100 * 2**20 else f"{size / 2**20:,.0f} MB"


def lines_rate(cers: Mapping[str, float]) -> list[str]:
    """Error rates of the data sets a model was measured on when it was made."""
    return [f"{name}: {rate:.1%} misread" for name, rate in cers.items()]


def left_out(result: Mapping[str, Any]) -> None:
    """Names the rows that a task could not use; tasks of older Inklines did not count them."""
    many = result.get("left_out", 0)
    if not many:
        return
    with st.expander(
        f"{count(many, 'row')} can't be used and {'was' if many == 1 else 'were'} left out", icon=":material/warning:"
    ):
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in result["bad"]))
        if more := many - len(result["bad"]):
            st.caption(f"and {more} more.")


def forget_choice() -> None:
    """Screens keep for a minute which reader reads: not beyond a new choice."""
    engine_choice.clear()


def confirmed_lines() -> dict[str, tuple[str, int]]:
    """By label: where confirmed lines lie, as `--data` takes it, and how many they are; all of them first."""
    documents = [document for document in store().list_documents() if document.checked]
    places = {ALL: ("store", sum(document.checked for document in documents))}
    for document in documents:
        label = f"{document.name} · {local(document.created):%-d %b %Y, %H:%M}"
        while label in places:
            label += " (again)"
        places[label] = (f"store:{document.id}", document.checked)
    return places


def choose_lines(key: str) -> tuple[str, str, int]:
    """A choice among the documents with confirmed lines: its label, its place, and how many lines there are."""
    places = confirmed_lines()
    label = st.selectbox("Confirmed lines of", list(places), key=key)
    return label, *places.get(label, places[ALL])

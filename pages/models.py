"""The models: learn a hand from confirmed lines, check how well each reads, choose the one that does."""

import json
from pathlib import Path

import streamlit as st

from pages._checks import ask_for_check, checks
from pages._common import count, engine_choice, plain, when
from pages._learning import learning
from pages._models import KINDS, forget_choice, lines_rate, megabytes, title_of
from pipeline.engines.default import default_model, go_back, make_default, model_before
from pipeline.engines.hub import fetch_command
from pipeline.errors import EngineError, InklineError, NotFoundError
from pipeline.models import Model, delete_model, list_models
from pipeline.settings import read_settings

FIGURES = Path(__file__).resolve().parents[1] / "assets" / "line_finding.json"


def show() -> None:
    st.title("Models")
    models = list_models(read_settings())
    reads_now(models)
    learning(models)
    st.subheader("The models there are")
    for problem in st.session_state.pop("model_problems", []):
        st.error(problem, icon=":material/error:")
    for model in models:
        card(model)
    checks(models)
    lines_found()


def lines_found() -> None:
    """How well lines are found, by sets of pages: `evaluate --json` wrote it."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    st.subheader("How well lines are found")
    st.caption(
        "Before any model reads, Inkline finds the lines. These pages were looked at while it was built: expect a "
        "little less of others. In lecture notes, formulas and headings that are found count against the F-measure."
    )
    rows = [
        f"| {row['set']} | {row['pages']} | {row['lines']} | {row['recall']:.1%} | {row['fm']:.1%} |" for row in figures
    ]
    st.markdown("\n".join(["| pages | number | lines | found | F-measure |", "|---|---|---|---|---|", *rows]))


def reads_now(models: list[Model]) -> None:
    """Which model reads, why, and the way back to the one before."""
    settings = read_settings()
    try:
        choice = engine_choice(settings.engine)
    except EngineError as error:
        st.error(str(error), icon=":material/error:")
        return
    before = model_before(settings)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/visibility: **{plain(title_of(choice.name, models))}** reads. {plain(choice.reason)}",
            width="stretch",
        )
        if before is not None:
            target = title_of(before, models) if before else "Inkline's own choice"
            st.button(f"Go back to {target}", icon=":material/undo:", on_click=switch_back)
    if settings.engine != "auto":
        st.warning(
            f"INKLINE_ENGINE is {settings.engine}, which comes before what is chosen here. "
            "A document read with the reader Automatic is read by the model chosen here.",
            icon=":material/info:",
        )


def card(model: Model) -> None:
    """One model: what it is, how well it reads, and what can be done with it."""
    chosen = default_model(read_settings()) == model.name
    with st.container(border=True, key=f"model-{model.name}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            with st.container(width="stretch", gap="xxsmall"):
                st.markdown(f"#### {plain(model.title)}" + ("  :green-badge[your choice]" if chosen else ""))
                st.caption(" · ".join(facts(model)))
            usable = model.folder is not None
            label = "Let Inkline choose" if chosen else "Let it read"
            wanted = "" if chosen else model.name
            st.button(label, key=f"use-{model.name}", disabled=not usable, on_click=switch_to, args=(wanted,))
            if st.button("Check it", icon=":material/fact_check:", key=f"check-{model.name}", disabled=not usable):
                ask_for_check(model)
            if model.kind == "own":
                st.button("Delete", icon=":material/delete:", key=f"delete-{model.name}", disabled=chosen,
                          on_click=remove, args=(model.name,))  # fmt: skip
        if model.card:
            with st.expander("Model card", icon=":material/description:"):
                st.markdown(model.card)


def facts(model: Model) -> list[str]:
    """What is known of a model, most telling first."""
    known = [KINDS[model.kind]]
    if model.adapted:
        learned, before, after = (model.adapted.get(name, 0) for name in ("learned", "before", "after"))
        known.append(f"learned from {count(learned, 'line')}, on top of {model.adapted.get('from', 'another model')}")
        known.append(f"misreads {after:.1%} of the characters of its hand, before {before:.1%}")
    known += lines_rate(model.cers)
    if model.kind == "trocr":
        known.append(
            megabytes(model.bytes) if model.folder else f"not on this machine; to fetch it: {fetch_command(model.name)}"
        )
    elif model.made:
        known += [megabytes(model.bytes), when(model.made)]
    return known


def switch_to(name: str) -> None:
    make_default(name, read_settings())
    forget_choice()


def switch_back() -> None:
    go_back(read_settings())
    forget_choice()


def remove(name: str) -> None:
    try:
        delete_model(name, read_settings())
    except NotFoundError as error:
        remember_problem(error)


def remember_problem(error: InklineError) -> None:
    st.session_state.setdefault("model_problems", []).append(str(error))


show()

"""Checking models: on confirmed lines or on a folder, in the background; results are kept and can be compared."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages._common import count, plain, store, when
from pages._models import choose_lines, left_out, title_of
from pipeline.models import Model
from pipeline.store import Task

SHOWN = 20
STAGES = {"": "starting", "lines": "looking for the lines", "load": "loading the model", "read": "reading"}


@st.dialog("Check a model")
def ask_for_check(model: Model) -> None:
    """What to check it on."""
    st.write(f"How many characters does **{plain(model.title)}** misread?")
    way = st.radio("Lines", ["Confirmed lines", "A folder of labelled lines"], horizontal=True)
    if way == "Confirmed lines":
        label, data, lines = choose_lines("check-on")
        st.caption(f"{count(lines, 'line')}. What a model learned from says little about how it reads the rest.")
        ready = lines > 0
    else:
        data = st.text_input("Folder on this machine", placeholder="/home/me/lines/dev").strip()
        st.caption("With labels.tsv beside images/, PAGE XML or ALTO with page images, or IAM's own layout.")
        label, ready = data, bool(data)
    if st.button("Start the check", type="primary", disabled=not ready, on_click=start, args=(model, data, label)):
        st.rerun()


def start(model: Model, data: str, label: str) -> None:
    store().add_task("evaluate", {"model": model.name, "title": model.title, "data": data, "label": label})


def checks(models: Sequence[Model]) -> None:
    """All checks made so far."""
    tasks = store().list_tasks("evaluate")[:SHOWN]
    if not tasks:
        return
    st.subheader("Checks")
    active = any(task.active for task in tasks)
    st.fragment(run_every="1s" if active else None)(results)(list(models), active)


def results(models: list[Model], active: bool) -> None:
    """The part of the screen that renews itself while a model is checked."""
    tasks = store().list_tasks("evaluate")[:SHOWN]
    if active and not any(task.active for task in tasks):
        st.rerun()
    for task in tasks:
        name = f"**{plain(title_of(task.wanted['model'], models))}** on {plain(str(task.wanted['label']))}"
        if task.active:
            with st.container(horizontal=True, vertical_alignment="center"):
                stage = "waiting for its turn" if task.state == "queued" else STAGES.get(task.stage, task.stage)
                st.progress(task.progress, text=f"{name} · {stage}")
                st.button("Stop", key=f"stop-{task.id}", on_click=store().cancel_task, args=(task.id,))
        elif task.state == "failed":
            st.error(f"{name}: {task.error}", icon=":material/error:")
    done = [task for task in tasks if task.state == "done"]
    if not done:
        return
    chosen = st.dataframe(
        pd.DataFrame([row(task, models) for task in done]),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="checks",
        column_config={
            "misread": st.column_config.NumberColumn("Characters misread", format="%.1f %%"),
            "words": st.column_config.NumberColumn("Words misread", format="%.1f %%"),
            "speed": st.column_config.NumberColumn("Time a line", format="%.0f ms"),
        },
    )
    for position in chosen["selection"]["rows"]:
        left_out(done[position].result)
        worst_lines(done[position])


def row(task: Task, models: list[Model]) -> dict[str, Any]:
    """A check as a row of the table."""
    result = task.result
    return {
        "Model": title_of(task.wanted["model"], models),
        "Lines of": task.wanted["label"],
        "Lines": result["lines"],
        "Left out": result.get("left_out", 0),
        "misread": 100 * result["cer"],
        "Likely between": f"{100 * result['low']:.1f} and {100 * result['high']:.1f} %",
        "words": 100 * result["wer"],
        "speed": result["ms_a_line"],
        "When": when(task.updated),
    }


def worst_lines(task: Task) -> None:
    """The lines with most errors of the check that is selected in the table."""
    if not task.result["worst"]:
        st.success("Not one character was misread.", icon=":material/check:")
        return
    st.dataframe(
        pd.DataFrame(task.result["worst"]),
        hide_index=True,
        row_height=52,
        column_config={
            "ink": st.column_config.ImageColumn("Worst lines", width=360),
            "truth": st.column_config.TextColumn("What it says"),
            "read": st.column_config.TextColumn("What was read"),
        },
    )

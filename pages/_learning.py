"""Learning a hand: how many lines are confirmed, the button, the curve while it learns, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages._common import count, plain, store, time_left, when
from pages._models import choose_lines, forget_choice, left_out
from pipeline.models import ENOUGH, FEWEST, Model
from pipeline.store import Task

TITLE = "My handwriting"
INK = st.column_config.ImageColumn("Ink", width=360)
STAGES = {
    "": "Starting",
    "lines": "Cutting out the lines",
    "load": "Loading the model",
    "learn": "Learning",
    "check": "Checking it on the lines it was not shown",
}


def learning(models: Sequence[Model]) -> None:
    """The panel of the screen that lets a model learn."""
    tasks = store().list_tasks("adapt")
    newest = tasks[0] if tasks else None
    active = newest is not None and newest.active
    with st.container(border=True, key="learning"):
        st.subheader("Learn my handwriting")
        if not active:
            begin(models)
        if newest:
            st.fragment(run_every="1s" if active else None)(follow)(newest.id, active)


def begin(models: Sequence[Model]) -> None:
    """What can be learned from, and the button that starts it."""
    st.write(
        "Confirm lines of one hand on the screen Correct, then let a model learn that hand in two to three minutes. "
        "It is checked on lines it was not shown, kept only if it reads them better, and you can always go back."
    )
    learners = [model for model in models if model.can_learn]
    left, right = st.columns(2, gap="medium")
    with left:
        label, data, lines = choose_lines("learn-from")
    with right:
        st.text_input("Name of the new model", TITLE, max_chars=60, key="learn-title")
    source = learners[-1].name if learners else ""  # the one that came with Inkline
    if len(learners) > 1:
        titles = {model.name: model.title for model in learners}
        names = list(titles)
        source = st.selectbox("On top of", names, names.index(source), format_func=lambda name: titles[name])
    st.progress(min(lines / ENOUGH, 1.0), text=lines_note(lines))
    if not learners:
        st.info("No model on this machine can learn: its model.safetensors is missing.")
    ready = bool(learners) and lines >= FEWEST
    st.button(
        "Learn my handwriting", type="primary", icon=":material/school:", disabled=not ready,
        on_click=start, args=(source, data, label),
    )  # fmt: skip


def lines_note(lines: int) -> str:
    """How far the confirmed lines go."""
    if lines < FEWEST:
        return f"{count(lines, 'line')} confirmed · {FEWEST - lines} more to begin, {ENOUGH} are better"
    if lines < ENOUGH:
        return f"{lines} lines confirmed · enough to begin, {ENOUGH} are better"
    return f"{lines} lines confirmed"


def start(source: str, data: str, label: str) -> None:
    # Asked for now: a name typed right before the press has not been through a run of the screen.
    title = st.session_state["learn-title"].strip() or TITLE
    store().add_task("adapt", {"model": source, "data": data, "label": label, "title": title})


def follow(task_id: str, active: bool) -> None:
    """The part of the panel that renews itself while a model learns."""
    task = store().get_task(task_id)
    if active and not task.active:
        forget_choice()  # a model that was kept reads from now on
        st.rerun()  # as a whole, which ends the renewing
    title = plain(str(task.wanted["title"]))
    if task.active:
        st.progress(task.progress if task.stage == "learn" else 0.0, text=f"**{title}** · {sentence(task)}")
        curve(task)
        st.caption("You can leave this page: learning goes on. The model that reads now is not touched.")
        st.button("Stop", icon=":material/stop:", on_click=store().cancel_task, args=(task_id,))
    elif task.state == "failed":
        st.error(f"{title} could not be learned: {task.error}", icon=":material/error:")
    elif task.state == "cancelled":
        st.info(f"Learning {title} was stopped {when(task.updated)}. Nothing has changed.", icon=":material/stop:")
    else:
        outcome(task)


def sentence(task: Task) -> str:
    """What is going on, and for how long still."""
    words = "Waiting for its turn" if task.state == "queued" else STAGES.get(task.stage, task.stage)
    if task.stage == "learn" and task.curve:
        left = task.curve[-1]["seconds"] * (1 / task.curve[-1]["progress"] - 1)
        return f"{words} · {time_left(left)}"
    return f"{words}..."


def curve(task: Task) -> None:
    """Misread characters of the held-back lines over the time spent learning."""
    if len(task.curve) < 2:
        return
    rows = [{"seconds": row["seconds"], "misread": 100 * row["held_back_cer"]} for row in task.curve]
    st.line_chart(
        pd.DataFrame(rows), x="seconds", y="misread", height=190,
        x_label="seconds of learning; misread characters of lines it was not shown", y_label="% misread",
    )  # fmt: skip


def outcome(task: Task) -> None:
    """Kept or not, and the held-back lines before and after."""
    result = task.result
    show = st.success if result["kept"] else st.warning
    show(
        f"**{plain(str(task.wanted['title']))}** · {result['reason']}",
        icon=":material/check:" if result["kept"] else ":material/undo:",
    )
    left_out(result)
    mistaken(result)
    before, after, lines, time = st.columns(4)
    before.metric("Misread before", f"{result['before']:.1%}")
    change = f"{100 * (result['after'] - result['before']):+.1f} points"
    after.metric("Misread after", f"{result['after']:.1%}", change, delta_color="inverse")
    lines.metric("Lines learned, checked on", f"{result['learned']}, {result['held_back']}")
    time.metric("Time", f"{result['seconds']:.0f} s", when(task.updated), delta_color="off", delta_arrow="off")
    with st.expander("The lines it was checked on, and how it learned", icon=":material/list:"):
        st.dataframe(
            pd.DataFrame(result["readings"], columns=["ink", "truth", "before", "after"]),
            hide_index=True,
            row_height=52,
            column_config={
                "ink": INK,
                "truth": st.column_config.TextColumn("You wrote"),
                "before": st.column_config.TextColumn("Read before"),
                "after": st.column_config.TextColumn("Reads now" if result["kept"] else "Would read"),
            },
        )
        curve(task)


def mistaken(result: Mapping[str, Any]) -> None:
    """The confirmed lines that were not learned, for a look at them; tasks of older Inklines learned them all."""
    lines = result.get("mistaken", [])
    if not lines:
        return
    them = "it" if len(lines) == 1 else "them"
    label = f"{count(len(lines), 'line')} may have been confirmed wrongly; learning left {them} out"
    with st.expander(label, icon=":material/warning:"):
        st.dataframe(
            pd.DataFrame(lines, columns=["ink", "truth"]),
            hide_index=True,
            row_height=52,
            column_config={"ink": INK, "truth": st.column_config.TextColumn("Confirmed as")},
        )

"""What the API sends and takes about models and the work on them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from pipeline.models import Kind, Model
from pipeline.store.values import Task, TaskKind, TaskState


class ModelOut(BaseModel):
    """`id` stands in addresses, `name` is what `engine` takes elsewhere, `chosen` says whether it was made the default.

    `cers` are error rates (0..1) by data set; `adapted` says what it was made from, if it learned a hand.
    """

    id: str
    name: str
    title: str
    kind: Kind
    on_this_machine: bool
    can_learn: bool
    chosen: bool
    bytes: int
    made: datetime | None
    cers: dict[str, float]
    adapted: dict[str, Any]


class ModelWithCard(ModelOut):
    """`card` is Markdown: what the model was trained on, on which terms, and how well it reads."""

    card: str


class Check(BaseModel):
    """On whose confirmed lines: a document's id, or "" for those of all documents."""

    document: str = ""


class Learn(Check):
    """The same, and what to call the new model."""

    title: str = Field(default="My handwriting", min_length=1, max_length=60)


class Chosen(BaseModel):
    """A model's id or name; "" lets the machine decide."""

    model: str


class DefaultOut(BaseModel):
    """The model that was chosen ("": none), which one reads and why, and the one `back` goes to (null: none)."""

    chosen: str
    reads: str
    reason: str
    before: str | None


class TaskOut(BaseModel):
    """`progress` is 0..1 of `stage`; `label` says whose lines. Work that is not about a model has none."""

    id: str
    kind: TaskKind
    model: str
    title: str
    label: str
    state: TaskState
    stage: str
    progress: float
    error: str
    queued: datetime
    started: datetime | None
    updated: datetime


class TaskWithResult(TaskOut):
    """`curve` grows while a model learns; `result` holds rates (0..1), counts and lines once it is done."""

    curve: list[dict[str, Any]]
    result: dict[str, Any]


def model_out(model: Model, chosen: str) -> ModelWithCard:
    """`chosen`: the name of the default model."""
    return ModelWithCard(
        id=model.name if model.kind == "trocr" or model.folder is None else model.folder.name,
        name=model.name,
        title=model.title,
        kind=model.kind,
        on_this_machine=model.folder is not None,
        can_learn=model.can_learn,
        chosen=model.name == chosen,
        bytes=model.bytes,
        made=model.made,
        cers=dict(model.cers),
        adapted=dict(model.adapted),
        card=model.card,
    )


def task_out(task: Task) -> TaskWithResult:
    return TaskWithResult(
        id=task.id,
        kind=task.kind,
        model=task.wanted.get("model", ""),
        title=task.wanted.get("title", ""),
        label=task.wanted.get("label", ""),
        state=task.state,
        stage=task.stage,
        progress=task.progress,
        error=task.error,
        queued=task.queued,
        started=task.started,
        updated=task.updated,
        curve=[dict(row) for row in task.curve],
        result=dict(task.result),
    )

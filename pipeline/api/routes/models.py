"""The models: what there are, which one reads, and the work on them: checking one, learning a hand."""

from collections.abc import Sequence

from fastapi import APIRouter

from pipeline.api.deps import SettingsDep, StoreDep
from pipeline.api.model_schemas import (
    Check,
    Chosen,
    DefaultOut,
    Learn,
    ModelOut,
    ModelWithCard,
    TaskOut,
    TaskWithResult,
    model_out,
    task_out,
)
from pipeline.engines import choose_engine
from pipeline.engines.default import default_model, go_back, make_default, model_before
from pipeline.errors import EngineError, SourceError
from pipeline.models import FEWEST, Model, delete_model, find_model, list_models
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.values import TaskKind

router = APIRouter(tags=["models"])
# Ids of models on the Hugging Face hub have a slash.
MODEL = "/models/{model:path}"


@router.get("/models")
def get_models(settings: SettingsDep) -> Sequence[ModelOut]:
    """Models made here, newest first, then those that came with Inkline, then TrOCR's."""
    chosen = default_model(settings)
    return [model_out(model, chosen) for model in list_models(settings)]


@router.get(MODEL)
def get_model(settings: SettingsDep, model: str) -> ModelWithCard:
    """One model with its card."""
    return model_out(find_model(model, settings), default_model(settings))


@router.delete(MODEL, status_code=204)
def remove_model(settings: SettingsDep, model: str) -> None:
    """Remove a model made here that is not the default."""
    delete_model(find_model(model, settings).name, settings)


@router.post(MODEL + "/check", status_code=202)
def check_model(settings: SettingsDep, store: StoreDep, model: str, body: Check) -> TaskOut:
    """Measure the model on confirmed lines; follow the task to its result."""
    found = _on_this_machine(model, settings)
    data, label, lines = _confirmed(store, body.document)
    if not lines:
        raise SourceError("Nobody has confirmed a line there yet. Confirm lines first.")
    return _queue(store, "evaluate", found.name, data, label, found.title)


@router.post(MODEL + "/learn", status_code=202)
def learn_hand(settings: SettingsDep, store: StoreDep, model: str, body: Learn) -> TaskOut:
    """Make a new model on top of this one that reads a hand better; it becomes the default if it does."""
    found = _on_this_machine(model, settings)
    if not found.can_learn:
        raise EngineError(f"{found.title} can't learn: there is no model.safetensors in its folder.")
    data, label, lines = _confirmed(store, body.document)
    if lines < FEWEST:
        raise SourceError(f"Learning a hand needs at least {FEWEST} confirmed lines; there are {lines}.")
    return _queue(store, "adapt", found.name, data, label, body.title.strip() or "My handwriting")


@router.get("/tasks")
def get_tasks(store: StoreDep) -> Sequence[TaskOut]:
    """All work on models, newest first."""
    tasks = [*store.list_tasks("adapt"), *store.list_tasks("evaluate")]
    tasks.sort(key=lambda task: task.queued, reverse=True)
    return [task_out(task) for task in tasks]


@router.get("/tasks/{task_id}")
def get_task(store: StoreDep, task_id: str) -> TaskWithResult:
    """How far a task has come, and what came of it."""
    return task_out(store.get_task(task_id))


@router.post("/tasks/{task_id}/cancel")
def cancel_task(store: StoreDep, task_id: str) -> TaskOut:
    """Let nobody go on with the task; one that is done stays done."""
    store.cancel_task(task_id)
    return get_task(store, task_id)


@router.get("/default-model")
def get_default(settings: SettingsDep) -> DefaultOut:
    """Which model reads where nobody names one, and why."""
    choice = choose_engine(settings.engine, settings)
    return DefaultOut(
        chosen=default_model(settings), reads=choice.name, reason=choice.reason, before=model_before(settings)
    )


@router.put("/default-model")
def set_default(settings: SettingsDep, body: Chosen) -> DefaultOut:
    """Let this model read from now on."""
    make_default(_on_this_machine(body.model, settings).name if body.model else "", settings)
    return get_default(settings)


@router.post("/default-model/back")
def take_back_default(settings: SettingsDep) -> DefaultOut:
    """Let the model read again that read before, step by step."""
    go_back(settings)
    return get_default(settings)


def _on_this_machine(name: str, settings: Settings) -> Model:
    model = find_model(name, settings)
    if model.folder is None:
        raise EngineError(f"{model.title} is not on this machine.")
    return model


def _confirmed(store: Store, document_id: str) -> tuple[str, str, int]:
    """Where confirmed lines lie, as `--data` takes it, what that is called, and how many there are."""
    if document_id:
        document = store.get_summary(document_id)
        return f"store:{document_id}", document.name, document.checked
    return "store", "All documents", sum(document.checked for document in store.list_documents())


def _queue(store: Store, kind: TaskKind, model: str, data: str, label: str, title: str) -> TaskOut:
    task_id = store.add_task(kind, {"model": model, "data": data, "label": label, "title": title})
    return get_task(store, task_id)

"""The models there are: those that come with Inkline, those made here, and TrOCR's on the hub."""

import json
import shutil
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pipeline.engines import TROCR_MODELS
from pipeline.engines.default import default_model, forget_model, own_models
from pipeline.engines.hub import HUB_ID, cached_folder, cached_models, is_removed_with, remove_cached
from pipeline.errors import NotFoundError
from pipeline.settings import Settings

Kind = Literal["shipped", "own", "trocr"]
FEWEST, ENOUGH = 20, 40  # confirmed lines needed to learn a hand, and lines that bring most of what can be learned
DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Model:
    """A model as the screens show it. `name` is what `--engine` and `load_engine` take.

    `folder` is None for a TrOCR that is not on this machine. `cers` are error rates (0..1) by data set, as its
    description gives them; `adapted` says what it was made from, if it learned a hand.
    """

    name: str
    title: str
    kind: Kind
    folder: Path | None
    bytes: int
    card: str = ""
    made: datetime | None = None
    can_learn: bool = False
    cers: Mapping[str, float] = field(default_factory=dict)
    adapted: Mapping[str, Any] = field(default_factory=dict)


def list_models(settings: Settings) -> list[Model]:
    """Models made here, newest first, then those that came with Inkline, then Microsoft's TrOCRs and others fetched."""
    own = [_crnn(folder, str(folder), "own") for folder in _model_folders(own_models(settings))]
    own.sort(key=lambda model: model.made or datetime.min.replace(tzinfo=UTC), reverse=True)
    shipped = [
        _crnn(folder, "crnn" if folder.name == "crnn" else str(folder), "shipped")
        for folder in _model_folders(settings.models_dir)
    ]
    trocrs = dict.fromkeys([*TROCR_MODELS.values(), *cached_models()])
    return [*own, *shipped, *(_trocr(name) for name in trocrs)]


def find_model(name: str, settings: Settings) -> Model:
    """The model of that name, else the newest whose folder or title is called so. Raises NotFoundError."""
    models = list_models(settings)
    by_rank: tuple[list[str | None], ...] = (
        [model.name for model in models],
        [model.folder.name if model.folder else None for model in models],
        [model.title for model in models],
    )
    for names in by_rank:
        if name in names:
            return models[names.index(name)]
    raise NotFoundError(f"There is no model called {name}. It may have been deleted.")


def new_folder(title: str, settings: Settings) -> Path:
    """A folder that is not there yet, for a model of this title; no model that came with Inkline is called so."""
    stem = "-".join("".join(c if c.isalnum() else " " for c in title).lower().split())[:60] or "model"
    name, number = stem, 1
    while (own_models(settings) / name).exists() or (settings.models_dir / name).exists():
        number += 1
        name = f"{stem}-{number}"
    return own_models(settings) / name


def delete_model(name: str, settings: Settings) -> None:
    """Remove a model made here. Raises NotFoundError for any other, and for the one that reads now."""
    model = find_model(name, settings)
    if model.kind != "own" or model.folder is None:
        raise NotFoundError(f"{model.title} was not made here, so it can't be deleted here.")
    if default_model(settings) == model.name:
        raise NotFoundError(f"{model.title} is the model that reads now. Choose another one first.")
    # Renamed first, so that nobody meets half a model; what can't be removed now is swept later.
    doomed = model.folder.with_name(f".{uuid.uuid4().hex}.new")
    model.folder.rename(doomed)
    forget_model(model.name, settings)
    shutil.rmtree(doomed, ignore_errors=True)


def remove_model(name: str, settings: Settings) -> int:
    """Remove a model made here, or a TrOCR from the cache that all programs on the machine share.

    Gives the bytes that became free. Raises NotFoundError where there is none, and for the one that reads now.
    """
    name = TROCR_MODELS.get(name, name)
    if HUB_ID.fullmatch(name) and not Path(name).is_dir():
        reads = default_model(settings)
        if HUB_ID.fullmatch(reads) and is_removed_with(reads, name):
            raise NotFoundError(f"{reads} is the model that reads now. Choose another one first.")
        freed = remove_cached(name)
        if freed is None:
            raise NotFoundError(f"{name} is not on this machine.")
        return freed
    model = find_model(name, settings)
    delete_model(model.name, settings)
    return model.bytes


def sweep_half_made(settings: Settings) -> None:
    """Remove what was left of models and files whose making was cut off, after a day."""
    for path in own_models(settings).glob(".*.new"):
        with suppress(OSError):  # another worker sweeps too
            if path.stat().st_mtime > time.time() - DAY_S:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def _model_folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(
        folder
        for folder in parent.iterdir()
        if not folder.name.startswith(".") and (folder / "model.onnx").exists() and (folder / "model.json").exists()
    )


def _crnn(folder: Path, name: str, kind: Kind) -> Model:
    about = _read_json(folder / "model.json")
    adapted = about.get("adapted") or {}
    # A learned model's rates on the sets of the one it came from are not its own.
    cers = {} if adapted else about.get("cer") or {}
    card = folder / "README.md"
    made = adapted.get("made")
    return Model(
        name=name,
        title=str(adapted.get("title") or folder.name),
        kind=kind,
        folder=folder,
        bytes=sum(file.stat().st_size for file in folder.iterdir() if file.suffix in (".onnx", ".npz")),
        card=card.read_text(encoding="utf-8") if card.exists() else "",
        made=datetime.fromisoformat(made) if made else _changed(folder / "model.onnx"),
        can_learn=(folder / "model.safetensors").exists(),
        cers=cers,
        adapted=adapted,
    )


def _trocr(name: str) -> Model:
    folder = cached_folder(name)
    size = sum(file.stat().st_size for file in folder.iterdir()) if folder else 0
    return Model(name=name, title=name.split("/")[-1], kind="trocr", folder=folder, bytes=size)


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}

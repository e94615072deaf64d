"""The model a user made the default, remembered with those before it in `models/default.json` of the data folder."""

import json
import os
import uuid
from itertools import groupby
from pathlib import Path

from pipeline.settings import Settings

MOST_REMEMBERED = 20


def own_models(settings: Settings) -> Path:
    """The folder of the models made here, one folder each."""
    return settings.data_dir / "models"


def default_model(settings: Settings) -> str:
    """The name `load_engine` takes of the model that was made the default; "" while nobody has chosen."""
    history = _history(settings)
    return history[-1] if history else ""


def make_default(name: str, settings: Settings) -> None:
    """Let `auto` stand for this model from now on; "" lets the machine decide again."""
    history = _history(settings)
    if (history[-1] if history else "") != name:
        _remember([*history, name], settings)


def model_before(settings: Settings) -> str | None:
    """What was the default before, of what is still there; None where there is nothing to go back to."""
    history, earlier = _history(settings), _earlier(settings)
    before = earlier[-1] if earlier else ""
    return None if not history or before == history[-1] else before


def go_back(settings: Settings) -> None:
    """Make what was the default before the default again."""
    _remember(_earlier(settings), settings)


def forget_model(name: str, settings: Settings) -> None:
    """Nobody goes back to this model any more, and it reads no longer."""
    kept = [chosen for chosen in _history(settings) if chosen != name]
    _remember([chosen for chosen, _ in groupby(kept)], settings)


def _file(settings: Settings) -> Path:
    return own_models(settings) / "default.json"


def _history(settings: Settings) -> list[str]:
    try:
        return [str(name) for name in json.loads(_file(settings).read_text(encoding="utf-8"))["chosen"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _earlier(settings: Settings) -> list[str]:
    """The choices before the one that counts now, without models whose folders were removed by hand."""
    history = _history(settings)
    there = [name for name in history[:-1] if not Path(name).is_absolute() or Path(name).is_dir()]
    while there and there[-1] == history[-1]:
        there.pop()
    return there


def _remember(history: list[str], settings: Settings) -> None:
    """Replace the file at once, so that a crash leaves the old one whole."""
    path = _file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    half_written = path.with_name(f".default.{uuid.uuid4().hex}.new")
    half_written.write_text(json.dumps({"chosen": history[-MOST_REMEMBERED:]}), encoding="utf-8")
    os.replace(half_written, path)

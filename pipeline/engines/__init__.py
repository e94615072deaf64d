"""Readers: line crops in, transcriptions out. One protocol, one registry, each reader loaded once a process."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np

from pipeline.document import Transcription
from pipeline.engines.default import default_model
from pipeline.engines.hardware import gpu
from pipeline.engines.hub import HUB_ID, cached_folder, fetch_command, is_trocr
from pipeline.engines.language import language_files
from pipeline.errors import EngineError
from pipeline.settings import Settings

log = logging.getLogger(__name__)

LINES_AT_ONCE = 16  # no reader gains from more on a CPU


class Engine(Protocol):
    """A reader of lines.

    `name` stands in transcriptions and on screens ("crnn", "microsoft/trocr-base-handwritten").
    """

    name: str

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        """Read line crops, each (H, W) grey uint8 with dark ink on light paper; one result a crop, in order."""
        ...


def lines_at_once(engine: Engine) -> int:
    """How many lines to hand over at a time: enough for the reader to be quick, few enough to tell progress by.

    A reader that is quicker with more than the usual number, as on a GPU, has it as an attribute of this name.
    """
    wanted: int = getattr(engine, "lines_at_once", LINES_AT_ONCE)
    return wanted


@dataclass(frozen=True, slots=True)
class Choice:
    """The reader chosen, by the name `load_engine` takes, and why, in a sentence for the screen."""

    name: str
    reason: str


def _crnn(folder: Path, settings: Settings, name: str = "crnn") -> Engine:
    if not _is_crnn(folder):
        raise EngineError(f"Inkline's own reader is missing: there is no model.onnx with its model.json in {folder}.")
    from pipeline.engines.crnn import CRNNEngine

    return CRNNEngine(folder, name, settings.language)


def _trocr_factory(model: str) -> Callable[[Settings], Engine]:
    def load(settings: Settings) -> Engine:
        from pipeline.engines.trocr import TrOCREngine

        return TrOCREngine(model, precision=settings.trocr_precision)

    return load


DEFAULT_TROCR = "microsoft/trocr-base-handwritten"
# Short names of models on the hub.
TROCR_MODELS = {
    "trocr": DEFAULT_TROCR,
    "trocr-small": "microsoft/trocr-small-handwritten",
    "trocr-base": DEFAULT_TROCR,
    "trocr-large": "microsoft/trocr-large-handwritten",
}
ENGINES: dict[str, Callable[[Settings], Engine]] = {
    "crnn": lambda settings: _crnn(settings.models_dir / "crnn", settings),
    **{model: _trocr_factory(model) for model in TROCR_MODELS.values()},
}


def choose_engine(name: str, settings: Settings) -> Choice:
    """Which reader `name` stands for here: "auto", "crnn", a TrOCR's short name, a hub id, or a folder; of several
    with commas between them, the first that is on this machine.

    Looks at this machine only: no network, no model is loaded. Raises EngineError for a name that is none of these.
    """
    if "," in name and not Path(name).expanduser().is_dir():
        return _choose_first([part.strip() for part in name.split(",")], settings)
    if name == "auto":
        return _choose_default(settings) or _choose_for_this_machine()
    name = TROCR_MODELS.get(name, name)
    _factory(name)
    return Choice(name, f"You chose the reader {name}.")


def _choose_first(names: Sequence[str], settings: Settings) -> Choice:
    """Whoever names several readers allows each of them; why those before it do not read is part of the reason."""
    missing = ""
    for name in names:
        try:
            choice = choose_engine(name, settings)
        except EngineError as error:
            missing += f"{error} "
            continue
        if not HUB_ID.fullmatch(choice.name) or Path(choice.name).is_dir() or cached_folder(choice.name):
            return Choice(choice.name, missing + choice.reason)
        missing += f"{choice.name} is not on this machine; to fetch it, run: {fetch_command(choice.name)}. "
    raise EngineError(missing.strip())


def languages_of(name: str, settings: Settings) -> list[str]:
    """What a reader's `settings.language` may be, "auto" first; nothing for a TrOCR, which is told no language.

    Raises EngineError for a name that is none.
    """
    folder = _own_folder(choose_engine(name, settings).name, settings)
    return ["auto", *language_files(folder), "none"] if folder else []


def _own_folder(name: str, settings: Settings) -> Path | None:
    """The folder of a CRNN; None for a TrOCR."""
    folder = settings.models_dir / "crnn" if name == "crnn" else Path(name).expanduser()
    return folder if _is_crnn(folder) else None


def _choose_default(settings: Settings) -> Choice | None:
    """The model a person made the default, as long as it is there."""
    name = default_model(settings)
    if not name:
        return None
    try:
        _factory(name)
    except EngineError:
        log.warning("the model %s, which was made the default, is not there any more", name)
        return None
    return Choice(name, f"You made {_title(name)} the model that reads.")


def _title(name: str) -> str:
    """What a model is called on screens: the last part of its folder or hub id."""
    return Path(name).name


def _choose_for_this_machine() -> Choice:
    if not gpu():
        return Choice("crnn", "No GPU here, so Inkline's own small reader (CRNN) reads.")
    if cached_folder(DEFAULT_TROCR):
        return Choice(DEFAULT_TROCR, "There is a GPU here, so TrOCR reads.")
    return Choice(
        "crnn",
        "There is a GPU here, but TrOCR's weights are not on this machine, so Inkline's own small reader (CRNN) reads. "
        f"To fetch them, run: {fetch_command(DEFAULT_TROCR)}",
    )


def _factory(name: str) -> Callable[[Settings], Engine]:
    if name in ENGINES:
        return ENGINES[name]
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        if _is_crnn(folder):
            return lambda settings: _crnn(folder, settings, _title(name))
        if is_trocr(folder):
            return _trocr_factory(str(folder))
        raise EngineError(
            f"The folder {name} holds no reader. A CRNN has model.onnx and model.json there, "
            "a TrOCR has config.json with the type vision-encoder-decoder."
        )
    if HUB_ID.fullmatch(name):
        return _trocr_factory(name)
    raise EngineError(
        f"There is no reader called {name!r}. Choose auto, crnn, {', '.join(TROCR_MODELS)}, "
        "a TrOCR on the Hugging Face hub (OWNER/MODEL, or OWNER/MODEL@REVISION), or the folder of a model."
    )


def _is_crnn(folder: Path) -> bool:
    return (folder / "model.onnx").exists() and (folder / "model.json").exists()


class _Place:
    """Where one reader is kept. Who asks first loads it; others who ask for the same one wait, nobody else does."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.engine: Engine | None = None


_places: dict[tuple[str, Path, str, int], _Place] = {}
_places_lock = Lock()


def load_engine(name: str, settings: Settings) -> Engine:
    """The reader of that name, loaded when first asked for and kept for this process, whichever thread asks.

    Raises EngineError where it does not exist or can't be loaded; the next call tries again.
    """
    name = choose_engine(name, settings).name
    variant = settings.language if _own_folder(name, settings) else settings.trocr_precision
    with _places_lock:
        place = _places.setdefault((name, settings.models_dir, variant, _made(name)), _Place())
    with place.lock:
        if place.engine is None:
            place.engine = _factory(name)(settings)
        return place.engine


def _made(name: str) -> int:
    """When the model in a folder was made, as the file system counts: another one may take a deleted one's name."""
    try:
        return (Path(name) / "model.onnx").stat().st_mtime_ns
    except OSError:
        return 0

"""Which readers a client may name: what comes over the network must not fetch models or open any folder."""

from pathlib import Path

from pipeline.engines import ENGINES, TROCR_MODELS, choose_engine, languages_of
from pipeline.engines.default import own_models
from pipeline.engines.hub import cached_folder, fetch_command
from pipeline.errors import EngineError
from pipeline.settings import Settings


def reader_for_client(wanted: str, settings: Settings) -> str:
    """The name for `load_engine` of the reader a client wants ("": the server's own choice). Raises EngineError."""
    name = wanted or settings.engine
    # The server's own setting may name any model: it was set by whoever runs the server.
    if name != settings.engine and not _is_offered(name, settings):
        raise EngineError(
            f"There is no reader called {name!r} here. Choose auto, crnn, {', '.join(TROCR_MODELS)}, or a model that "
            f"is on the server. Whoever runs it fetches others with: {fetch_command('OWNER/MODEL')}"
        )
    return choose_engine(name, settings).name


def check_language(wanted: str, reader: str, settings: Settings) -> None:
    """Raises EngineError for a language that this reader does not know; a TrOCR is told none."""
    known = languages_of(reader, settings)
    if wanted and known and wanted not in known:
        raise EngineError(f"{reader} knows no language called {wanted!r}. Choose one of {', '.join(known)}.")


def _is_offered(name: str, settings: Settings) -> bool:
    if name == "auto" or name in ENGINES or name in TROCR_MODELS or cached_folder(name):
        return True
    folder = Path(name).resolve()
    return any(home.resolve() in folder.parents for home in (settings.models_dir, own_models(settings)))

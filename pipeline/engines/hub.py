"""TrOCR's files: in a folder, in the Hugging Face cache, or fetched from the hub once."""

import json
import re
from pathlib import Path

from pipeline.errors import EngineError

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
# The safer format first. Even the large TrOCR is one file.
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
TIMEOUT_S = 5


def fetch_command(model: str) -> str:
    """The shell command that puts the model on this machine."""
    return f"python -m pipeline.engines.fetch {model}"


def model_folder(model: str) -> Path:
    """The folder with the model's files; a hub id that is not in the cache yet is downloaded.

    Raises EngineError, within seconds, where the model does not exist or the hub can't be reached.
    """
    if Path(model).is_dir():
        return Path(model)
    return cached_folder(model) or fetch(model)


def cached_folder(model: str) -> Path | None:
    """The model's folder in the Hugging Face cache, or None where it is not there in full. Uses no network."""
    from huggingface_hub import try_to_load_from_cache

    if not HUB_ID.fullmatch(model):
        return None
    config = try_to_load_from_cache(model, "config.json")
    return Path(config).parent if isinstance(config, str) and _is_complete(Path(config).parent) else None


def _is_complete(folder: Path) -> bool:
    # Weights are the last file of a download to come in; it gets its name only when it is whole.
    return is_trocr(folder) and any((folder / name).exists() for name in WEIGHTS)


def is_trocr(folder: Path) -> bool:
    """Whether the folder's config.json describes an image-to-text transformer such as TrOCR."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("model_type") == "vision-encoder-decoder"


def fetch(model: str) -> Path:
    """Download what is missing of a hub model, with a progress bar; goes on where an interrupted download stopped."""
    from huggingface_hub import HfApi, hf_hub_download, snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        # One request with a short timeout, for the downloads below try again and again.
        files = {file.rfilename for file in HfApi().model_info(model, timeout=TIMEOUT_S).siblings or []}
        if not is_trocr(Path(hf_hub_download(model, "config.json")).parent):
            raise EngineError(f"{model} is not a TrOCR model, so Inkline can't read with it.")
        weights = next((name for name in WEIGHTS if name in files), None)
        if weights is None:
            raise EngineError(f"{model} has no weights on the Hugging Face hub that Inkline can load.")
        folder = Path(snapshot_download(model, allow_patterns=["*.json", "*.txt", "sentencepiece*.model"]))
        hf_hub_download(model, weights)
        return folder
    except RepositoryNotFoundError:
        raise EngineError(f"There is no model {model} on the Hugging Face hub, or it is private.") from None
    except EngineError:
        raise
    except Exception as error:  # sockets, timeouts, HTTP statuses and full disks each raise their own kind
        raise EngineError(
            f"{model} is not on this machine and could not be fetched ({first_line(error)}). "
            f"With a network, run: {fetch_command(model)}. Or choose crnn, which needs none."
        ) from error


def first_line(error: Exception) -> str:
    """What an error of a library says, short enough to stand in a sentence."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]

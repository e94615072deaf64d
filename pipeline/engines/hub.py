"""TrOCR's files: in a folder, in the Hugging Face cache, or fetched from the hub once."""

import json
import re
from pathlib import Path
from typing import Any

from pipeline.errors import EngineError

# OWNER/MODEL, or OWNER/MODEL@REVISION with a branch, a tag or a commit.
HUB_ID = re.compile(r"([A-Za-z0-9][\w.-]*/[\w.-]+)(?:@([\w][\w./-]*))?")
# The safer format first. Even the large TrOCR is one file.
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
MAIN = "main"  # the revision that a hub id alone means
TIMEOUT_S = 5


def fetch_command(model: str) -> str:
    """The shell command that puts the model on this machine."""
    return f"python -m pipeline models pull {model}"


def model_folder(model: str) -> Path:
    """The folder with the model's files; a hub id that is not in the cache yet is downloaded.

    Raises EngineError, within seconds, where the model does not exist or the hub can't be reached.
    """
    if Path(model).is_dir():
        return Path(model)
    return cached_folder(model) or fetch(model)


def _repository(model: str) -> tuple[str, str]:
    """Repository and revision of a hub id. Raises EngineError for what is none."""
    parts = HUB_ID.fullmatch(model)
    if parts is None:
        raise EngineError(f"{model!r} is no model on the Hugging Face hub: those are called OWNER/MODEL.")
    return parts[1], parts[2] or MAIN


def cached_folder(model: str) -> Path | None:
    """The model's folder in the Hugging Face cache, or None where it is not there in full. Uses no network."""
    from huggingface_hub import try_to_load_from_cache

    if not HUB_ID.fullmatch(model):
        return None
    repository, revision = _repository(model)
    config = try_to_load_from_cache(repository, "config.json", revision=revision)
    return Path(config).parent if isinstance(config, str) and _is_complete(Path(config).parent) else None


def cached_models() -> list[str]:
    """Hub ids of all TrOCRs in the cache that are there in full, with their revisions where those are not the main one.

    Uses no network.
    """
    names = [
        repository if revision == MAIN else f"{repository}@{revision}"
        for repository, snapshot in _snapshots()
        if _is_complete(snapshot.snapshot_path)
        for revision in sorted(snapshot.refs) or [snapshot.commit_hash]
    ]
    return sorted(names)


def remove_cached(model: str) -> int | None:
    """Remove a TrOCR, or one revision of it, from the cache that all programs on the machine share.

    Gives the bytes that became free, or None where there was nothing. Where other names stand for the same files only
    the name goes. Programs that have loaded it read on.
    """
    from huggingface_hub import scan_cache_dir

    meant = _meant(model)
    if not meant:
        return None
    if _is_one_name_of_several(model, meant[0]):
        (meant[0].snapshot_path.parents[1] / "refs" / _repository(model)[1]).unlink()
        return 0
    plan = scan_cache_dir().delete_revisions(*[snapshot.commit_hash for snapshot in meant])
    plan.execute()
    return int(plan.expected_freed_size)


def is_removed_with(name: str, model: str) -> bool:
    """Whether nobody could read with the hub model `name` any more once `model` is removed. Uses no network."""
    if _repository(name) == _repository(model):
        return True
    meant = _meant(model)
    if not meant or _is_one_name_of_several(model, meant[0]):
        return False
    return cached_folder(name) in [snapshot.snapshot_path for snapshot in meant]


def _meant(model: str) -> list[Any]:
    """The revisions in the cache that a hub id stands for when it is removed: without a revision, all there are."""
    repository, revision = _repository(model)
    return [
        snapshot
        for name, snapshot in _snapshots()
        if name == repository and ("@" not in model or revision in (snapshot.commit_hash, *snapshot.refs))
    ]


def _is_one_name_of_several(model: str, snapshot: Any) -> bool:
    revision = model.partition("@")[2]
    return revision in snapshot.refs and len(snapshot.refs) > 1


def _snapshots() -> list[tuple[str, Any]]:
    """Repository and revision of all TrOCRs in the cache, those included whose download was cut off."""
    from huggingface_hub import scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    try:
        repositories = scan_cache_dir().repos
    except CacheNotFound:
        return []
    return [
        (repository.repo_id, revision)
        for repository in repositories
        if repository.repo_type == "model"
        for revision in repository.revisions
        if is_trocr(revision.snapshot_path)
    ]


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
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    repository, revision = _repository(model)
    try:
        # One request with a short timeout, for the downloads below try again and again.
        about = HfApi().model_info(repository, revision=revision, timeout=TIMEOUT_S)
        files = {file.rfilename for file in about.siblings or []}
        if not is_trocr(Path(hf_hub_download(repository, "config.json", revision=revision)).parent):
            raise EngineError(f"{model} is not a TrOCR model, so Inkline can't read with it.")
        weights = next((name for name in WEIGHTS if name in files), None)
        if weights is None:
            raise EngineError(f"{model} has no weights on the Hugging Face hub that Inkline can load.")
        others = ["*.json", "*.txt", "sentencepiece*.model"]
        folder = Path(snapshot_download(repository, revision=revision, allow_patterns=others))
        hf_hub_download(repository, weights, revision=revision)
        return folder
    except RevisionNotFoundError:
        raise EngineError(f"{repository} has no revision {revision} on the Hugging Face hub.") from None
    except RepositoryNotFoundError:
        raise EngineError(f"There is no model {repository} on the Hugging Face hub, or it is private.") from None
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

"""The environment read once into one frozen Settings."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things live and how large they may be. Each field is set by the variable named beside it."""

    data_dir: Path  # INKLINE_DATA: store and blobs
    database_url: str  # DATABASE_URL
    engine: str  # INKLINE_ENGINE: auto, crnn, trocr or a model
    language: str  # INKLINE_LANGUAGE: auto, one that our own model knows (en, fr), or none
    trocr_precision: str  # INKLINE_TROCR_PRECISION: auto, fp32 or int8
    models_dir: Path  # INKLINE_MODELS: our own models
    max_file_mb: int  # INKLINE_MAX_FILE_MB
    max_pages: int  # INKLINE_MAX_PAGES, a document
    max_page_megapixels: int  # INKLINE_MAX_PAGE_MEGAPIXELS
    fetch_timeout_s: int  # INKLINE_FETCH_TIMEOUT_S, a URL


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from environment variables. Raises SettingsError where one can't be used."""
    data_dir = Path(environment.get("INKLINE_DATA", "data")).absolute()
    return Settings(
        data_dir=data_dir,
        database_url=environment.get("DATABASE_URL") or f"sqlite:///{data_dir / 'inkline.db'}",
        engine=environment.get("INKLINE_ENGINE", "auto"),
        language=environment.get("INKLINE_LANGUAGE", "auto"),
        trocr_precision=_one_of(environment, "INKLINE_TROCR_PRECISION", ("auto", "fp32", "int8")),
        models_dir=Path(environment.get("INKLINE_MODELS", ROOT / "assets" / "models")).absolute(),
        max_file_mb=_whole(environment, "INKLINE_MAX_FILE_MB", 500),
        max_pages=_whole(environment, "INKLINE_MAX_PAGES", 2000),
        max_page_megapixels=_whole(environment, "INKLINE_MAX_PAGE_MEGAPIXELS", 120),
        fetch_timeout_s=_whole(environment, "INKLINE_FETCH_TIMEOUT_S", 30),
    )


def _one_of(environment: Mapping[str, str], name: str, values: tuple[str, ...]) -> str:
    """The variable's value; the first of `values` is the default."""
    value = environment.get(name) or values[0]
    if value not in values:
        raise SettingsError(f"{name} is {value!r}, but must be one of {', '.join(values)}.")
    return value


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise SettingsError(f"{name} is {value!r}, but must be a whole number above 0.")
    return int(value)

"""Files chosen but not yet read: kept in the store at once and named in the page's address, so a reload keeps them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages._common import store
from pages._pictures import thumbnail
from pipeline.errors import InklineError, LimitError, PageError, PasswordError
from pipeline.ingest import open_source
from pipeline.settings import read_settings
from pipeline.store.values import SourceFile

# Names of files that may hold pages.
SUFFIXES = ["pdf", "jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff", "heic", "heif"]
# The thumbnail of a PDF page needs no more.
THUMBNAIL_DPI = 36


@dataclass(frozen=True, slots=True)
class Preview:
    """A first look at a file: its page count, a small JPEG of its first page, and whether it asks for a password."""

    pages: int
    picture: bytes
    locked: bool


def load_draft() -> list[SourceFile]:
    """The files named in the address, in order; none if there is no draft."""
    key = st.query_params.get("draft", "")
    if not key:
        return []
    try:
        return [SourceFile(blob, name) for blob, name in json.loads(store().get_blob(key))]
    except (InklineError, ValueError):
        return []


def save_draft(files: list[SourceFile]) -> None:
    """Name these files in the address, or forget the draft if there are none."""
    if files:
        manifest = json.dumps([[file.blob, file.name] for file in files]).encode()
        st.query_params.from_dict({"draft": store().put_blob(manifest, ".json")})
    else:
        st.query_params.clear()


def keep_file(data: bytes, name: str) -> SourceFile:
    """Put a file into the store. Raises UnreadableFileError or LimitError if its pages can't be read."""
    limit = read_settings().max_file_mb
    if len(data) > limit * 2**20:
        raise LimitError(f"{name} is larger than {limit} MB.")
    file = SourceFile(store().put_blob(data, Path(name).suffix), name)
    preview(file)
    return file


def preview(file: SourceFile) -> Preview:
    """A first look at a file in the store. Raises UnreadableFileError or LimitError."""
    return _preview(file.blob, file.name)


@st.cache_data(max_entries=300, show_spinner=False)
def _preview(blob: str, name: str) -> Preview:
    try:
        source = open_source(store().blob_path(blob), read_settings(), dpi=THUMBNAIL_DPI, name=name)
    except PasswordError:
        return Preview(0, b"", locked=True)
    try:
        return Preview(source.page_count, thumbnail(source.read(0).pixels), locked=False)
    except PageError:
        return Preview(source.page_count, b"", locked=False)


def by_name(file: SourceFile) -> list[tuple[int, str]]:
    """Sorts "page 10" after "page 9"."""
    parts = re.split(r"(\d+)", file.name.casefold())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]

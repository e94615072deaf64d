"""A store in a temporary folder, and small pages to put into it."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from sqlalchemy import create_engine, make_url, text

from pipeline.document import Document, Figure, Line, Page, Transcription
from pipeline.settings import Settings, read_settings
from pipeline.store import SourceFile, Store, open_store

# `make test-postgresql` names a server here; else the tests use SQLite.
SERVER = os.environ.get("INKLINE_TEST_DATABASE", "")


def environment_in(folder: Path) -> dict[str, str]:
    """The variables of a store in this folder; on a database server it has a schema of its own."""
    return {"INKLINE_DATA": str(folder), "DATABASE_URL": _schema_of(folder) if SERVER else ""}


def _schema_of(folder: Path) -> str:
    name = "test_" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    server = create_engine(SERVER)
    with server.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    server.dispose()
    url = make_url(SERVER).update_query_dict({"options": f"-csearch_path={name}"})
    return url.render_as_string(hide_password=False)


def settings_in(folder: Path) -> Settings:
    return read_settings(environment_in(folder))


def store_in(folder: Path) -> Store:
    return open_store(settings_in(folder))


def line(text: str, confidence: float = 0.5, top: float = 10) -> Line:
    return Line(
        id="given by the pipeline",
        polygon=((5.0, top), (90.5, top), (90.5, top + 20), (5.0, top + 20)),
        baseline=((5.0, top + 15), (90.5, top + 15)),
        kind="heading",
        paragraph=2,
        transcription=Transcription(text, confidence, "crnn"),
    )


def page(index: int = 0, texts: Sequence[str] = ("first line", "second line")) -> Page:
    lines = tuple(line(text, top=10.0 + 30 * number) for number, text in enumerate(texts))
    return Page(index, 100, 200, 300, -1.5, lines, (Figure((1, 2, 30, 40)),))


def picture(shade: int = 255) -> bytes:
    return cv2.imencode(".png", np.full((20, 10, 3), shade, np.uint8))[1].tobytes()


def finished(store: Store, pages: int = 1) -> str:
    """The id of a document with this many two-line pages."""
    document = Document("Notes", tuple(page(index) for index in range(pages)))
    return store.create_finished_document(document, [picture(index) for index in range(pages)])


def queued(store: Store, name: str = "Notes", content: bytes = b"file", password: str = "") -> str:
    """The id of a document with one source and a queued job."""
    source = SourceFile(store.put_blob(content, ".png"), "notes.png")
    return store.create_document(name, [source], engine="auto", dpi=300, password=password)

"""Screens over a real store in an empty folder, opened the way a browser opens them."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pipeline.document import Document, Line, Page, Transcription
from pipeline.engines import Choice
from pipeline.jobs import Steps, Worker
from pipeline.settings import read_settings
from pipeline.store import Store, open_store

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("INKLINE_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("INKLINE_ENGINE", raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()
    return open_store(read_settings())


@pytest.fixture
def open_screen(store: Store) -> Open:
    """Open a screen by its file name, with a query as in /correct?document=..."""

    def open_screen(name: str, **query: str) -> AppTest:
        screen = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=60)
        screen.switch_page(str(ROOT / "pages" / name))
        for key, value in query.items():
            screen.query_params[key] = value
        screen.run()
        assert not screen.exception, screen.exception
        return screen

    return open_screen


class Scribe:
    """Reads every line as "ink"."""

    name = "scribe"

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        return [Transcription("ink", 0.8, self.name) for _ in crops]


def read_everything(store: Store) -> None:
    """Let a worker read what is queued, with the real pipeline up to the reader."""
    choice = Choice("scribe", "It is the only one here.")
    steps = Steps(choose_engine=lambda name, settings: choice, load_engine=lambda name, settings: Scribe())
    worker = Worker(store, read_settings(), steps)
    worker.start()
    try:
        deadline = time.monotonic() + 60
        while any(document.state in ("queued", "running") for document in store.list_documents()):
            assert time.monotonic() < deadline, "the worker does not come to an end"
            time.sleep(0.05)
    finally:
        worker.stop()


def page_of(*read: tuple[str, float], index: int = 0) -> Page:
    """A page 600 pixels wide with a line of 40 pixels height for each text and its confidence."""
    lines = tuple(
        Line(
            id=str(number),
            polygon=((20, top), (500, top), (500, top + 40), (20, top + 40)),
            baseline=((20, top + 30), (500, top + 30)),
            transcription=Transcription(text, confidence, "crnn"),
        )
        for number, (text, confidence) in enumerate(read)
        for top in [20 + 60 * number]
    )
    return Page(index=index, width=600, height=40 + 60 * max(len(read), 1), dpi=150, lines=lines)


def picture_of(page: Page) -> bytes:
    """The page as a PNG with the texts written where its lines are."""
    pixels = np.full((page.height, page.width, 3), 250, np.uint8)
    for line in page.lines:
        x, y = map(int, line.baseline[0])
        cv2.putText(pixels, line.text, (x + 4, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (60, 40, 30), 2, cv2.LINE_AA)
    return cv2.imencode(".png", pixels)[1].tobytes()


def keep(store: Store, pages: Sequence[Page], name: str = "Lecture notes") -> str:
    """Put finished pages into the store; returns the document's id."""
    return store.create_finished_document(Document(name, tuple(pages)), [picture_of(page) for page in pages])


def texts(store: Store, document_id: str, index: int = 0) -> list[str]:
    return [line.text for line in store.get_page(document_id, index).lines]

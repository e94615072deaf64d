"""Steps that stand in for ingest, cleaning and readers: a file's content says how its pages behave."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from pipeline.document import Page, Transcription
from pipeline.engines import Choice, Engine
from pipeline.errors import EngineError, MissingProgramError, PageError, PasswordError, UnreadableFileError
from pipeline.ingest import PageImage, Source
from pipeline.jobs import Steps, Worker
from pipeline.settings import Settings
from pipeline.store import Job, SourceFile, Store
from tests.store.helpers import page, settings_in


class Reader:
    name = "reader 1.0"

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        raise AssertionError("pages are read by read_page here")


def open_source(path: Path, settings: Settings, *, password: str, dpi: int, name: str) -> Source:
    """A file of one letter a page: g(ood), b(ad), f(ault), u(nreadable).

    It may begin with "locked:PASSWORD:", or be "junk", or "poppler" that is missing.
    """
    content = path.read_text()
    if content.startswith("poppler"):
        raise MissingProgramError("Reading PDFs needs poppler-utils. Please install it.")
    if content.startswith("junk"):
        raise UnreadableFileError(f"{name} holds no pages.")
    if content.startswith("locked:"):
        _, wanted, content = content.split(":")
        if password != wanted:
            raise PasswordError(f"{name} needs {'another' if password else 'a'} password.")

    def read(index: int) -> PageImage:
        if content[index] == "u":
            raise PageError(f"Page {index + 1} of {name} is damaged.")
        return PageImage(np.full((40, 30, 3), ord(content[index]), np.uint8), dpi)

    return Source(name, len(content), read)


def read_page(image: PageImage, index: int, engine: Engine, on_stage: Callable[[str, int, int], None]) -> Page:
    """Two lines on a good page."""
    letter = chr(image.pixels[0, 0, 0])
    on_stage("clean", 0, 0)
    if letter == "b":
        raise PageError("The page is too dark.")
    if letter == "f":
        raise ZeroDivisionError("division by zero")
    on_stage("lines", 0, 0)
    for done in range(3):
        on_stage("transcribe", done, 2)
    return page(index, [f"page {index} line 0", f"page {index} line 1"])


def choose(name: str, settings: Settings) -> Choice:
    if name == "nobody":
        raise EngineError("There is no reader called nobody.")
    return Choice(name, "It was the first that came along.")


def load(name: str, settings: Settings) -> Engine:
    return Reader()


STEPS = Steps(open_source, read_page, choose, load)


def document(store: Store, *contents: str, engine: str = "auto", password: str = "") -> str:
    """The id of a document with one file for each content, named a.pdf, b.pdf..."""
    files = [
        SourceFile(store.put_blob(content.encode(), ".pdf"), f"{chr(ord('a') + number)}.pdf")
        for number, content in enumerate(contents)
    ]
    return store.create_document("Notes", files, engine=engine, dpi=150, password=password)


def worker_on(store: Store, folder: Path, steps: Steps = STEPS) -> Worker:
    return Worker(store, settings_in(folder), steps)


def ended(store: Store, document_id: str, timeout_s: float = 30) -> Job:
    """The job once nobody works on it any more."""
    limit = time.monotonic() + timeout_s
    while time.monotonic() < limit:
        job = store.job_of(document_id)
        if job.state not in ("queued", "running"):
            return job
        time.sleep(0.01)
    raise AssertionError(f"still {job}")


def read_document(store: Store, folder: Path, *contents: str) -> str:
    """A document as `document` makes it, once a worker has read it and stopped."""
    document_id = document(store, *contents)
    worker = worker_on(store, folder)
    worker.start()
    ended(store, document_id)
    worker.stop()
    return document_id


def shades(store: Store, document_id: str) -> str:
    """The letters that the pages were made of, in order."""
    pages = store.get_document(document_id).pages
    pictures = (cv2.imdecode(np.frombuffer(store.get_blob(page.image), np.uint8), 0) for page in pages)
    return "".join(chr(picture[0, 0]) for picture in pictures)


class Gate:
    """Lets the test hold the reading at a page: `reached` is set there, and the reading waits for `open`."""

    def __init__(self, index: int) -> None:
        self.index, self.reached, self.open = index, threading.Event(), threading.Event()

    def read_page(
        self, image: PageImage, index: int, engine: Engine, on_stage: Callable[[str, int, int], None]
    ) -> Page:
        if index == self.index:
            self.reached.set()
            assert self.open.wait(30)
        return read_page(image, index, engine, on_stage)


def undo_while_read(store: Store, folder: Path, document_id: str) -> None:
    """Take back the last step while the document's first page is read, and wait for the end."""
    gate = Gate(0)
    worker = worker_on(store, folder, replace(STEPS, read_page=gate.read_page))
    worker.start()
    assert gate.reached.wait(30)
    store.undo(document_id, author="user")
    gate.open.set()
    assert ended(store, document_id).state == "done"
    worker.stop()

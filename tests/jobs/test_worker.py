"""The worker reads documents through bad pages, bad files, passwords, deletions and its own death."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.engines import Engine
from pipeline.errors import NotFoundError
from pipeline.jobs.reading import MOST_ATTEMPTS, encode
from pipeline.settings import ROOT, Settings
from pipeline.store import SourceFile, Store
from tests.jobs.helpers import STEPS, Gate, Reader, document, ended, shades, worker_on
from tests.store.helpers import page


def texts(store: Store, document_id: str) -> list[list[str]]:
    return [[line.text for line in page.lines] for page in store.get_document(document_id).pages]


def pages_read(count: int) -> list[list[str]]:
    return [[f"page {index} line 0", f"page {index} line 1"] for index in range(count)]


@pytest.mark.usefixtures("worker")
def test_all_files_of_a_document_are_read_in_order(store: Store) -> None:
    document_id = document(store, "ggg", "g", "gg")
    job = ended(store, document_id)
    assert (job.state, job.pages_done, job.pages_total, job.lines_read) == ("done", 6, 6, 12)
    assert (job.engine, job.engine_reason) == ("reader 1.0", "It was the first that came along.")
    assert texts(store, document_id) == pages_read(6)
    image = cv2.imdecode(np.frombuffer(store.get_blob(store.get_page(document_id, 5).image), np.uint8), 0)
    assert (image.shape, image[0, 0]) == ((40, 30), ord("g"))


@pytest.mark.usefixtures("worker")
def test_a_bad_page_says_why_and_the_job_goes_on(store: Store) -> None:
    document_id = document(store, "gbufg")
    assert ended(store, document_id).state == "done"
    pages = store.get_document(document_id).pages
    assert [page.error for page in pages] == [
        "",
        "The page is too dark.",
        "Page 3 of a.pdf is damaged.",
        "Page 4 met a fault in Inkline (ZeroDivisionError: division by zero).",
        "",
    ]
    # A page that was seen but not read can still be looked at.
    assert [bool(page.image) for page in pages] == [True, True, False, True, True]


@pytest.mark.usefixtures("worker")
def test_trying_a_page_again_asks_for_no_password_of_another_file(store: Store) -> None:
    document_id = document(store, "locked:one:g", "u", password="one")
    assert ended(store, document_id).state == "done"
    store.blob_path(store.sources_of(document_id)[1].file.blob).write_text("h")
    store.retry_job(document_id)
    assert ended(store, document_id).state == "done"
    assert shades(store, document_id) == "gh"


@pytest.mark.usefixtures("worker")
def test_a_bad_file_says_why_and_the_other_files_are_read(store: Store) -> None:
    document_id = document(store, "g", "junk", "g")
    assert ended(store, document_id).state == "done"
    assert [page.error for page in store.get_document(document_id).pages] == ["", "b.pdf holds no pages.", ""]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("contents", "engine", "sentence"),
    [
        (["junk"], "auto", "a.pdf holds no pages."),
        (["bb"], "auto", "The page is too dark."),
        (["g"], "nobody", "There is no reader called nobody."),
        (["g", "poppler"], "auto", "Reading PDFs needs poppler-utils. Please install it."),
        (["g" * 2001], "auto", "The document has 2001 pages; the limit is 2000."),
    ],
)
def test_a_job_fails_with_a_sentence_when_nothing_can_be_read(
    store: Store, contents: list[str], engine: str, sentence: str
) -> None:
    job = ended(store, document(store, *contents, engine=engine))
    assert (job.state, job.error) == ("failed", sentence)


@pytest.mark.usefixtures("worker")
def test_files_with_different_passwords_are_opened_one_after_the_other(store: Store) -> None:
    document_id = document(store, "locked:one:g", "g", "locked:two:g")
    asked = ended(store, document_id)
    assert (asked.state, asked.error) == ("needs_password", "a.pdf needs a password. c.pdf needs a password.")
    store.retry_job(document_id, password="one")
    assert ended(store, document_id).error == "c.pdf needs another password."
    store.retry_job(document_id, password="two")
    assert ended(store, document_id).state == "done"
    assert texts(store, document_id) == pages_read(3)
    assert {source.password for source in store.sources_of(document_id)} == {""}


def test_files_that_open_differently_later_are_not_mixed_with_stored_pages(store: Store, tmp_path: Path) -> None:
    document_id = document(store, "gg", "g")
    first = store.claim_job("another process:1:x")
    assert first
    store.count_pages(first, [2, 1])
    store.save_page(document_id, page(2), None, job=replace(first, pages_total=3))
    store.release_job(first)
    blob = store.blob_path(store.sources_of(document_id)[0].file.blob)
    blob.write_text("ggggg")
    worker = worker_on(store, tmp_path)
    worker.start()
    assert ended(store, document_id).error.startswith("The files of this document open differently")
    worker.stop()
    assert [(page.index, page.origin) for page in store.list_pages(document_id)] == [(0, 2)]


def test_each_document_is_read_in_the_language_chosen_for_it(store: Store, tmp_path: Path) -> None:
    loaded: list[str] = []

    def load(name: str, settings: Settings) -> Engine:
        loaded.append(settings.language)
        return Reader()

    file = SourceFile(store.put_blob(b"g", ".pdf"), "a.pdf")
    french = store.create_document("Notes", [file], engine="auto", dpi=150, language="fr")
    as_set = document(store, "g")
    worker = worker_on(store, tmp_path, replace(STEPS, load_engine=load))
    worker.start()
    assert (ended(store, french).wanted_language, ended(store, as_set).wanted_language) == ("fr", "")
    worker.stop()
    assert sorted(loaded) == ["auto", "fr"]


@pytest.mark.usefixtures("worker")
def test_a_password_given_at_once_needs_no_asking(store: Store) -> None:
    assert ended(store, document(store, "locked:one:g", password="one")).state == "done"


def test_progress_says_which_page_and_line_is_read(store: Store, tmp_path: Path) -> None:
    gate = Gate(2)
    worker = worker_on(store, tmp_path, replace(STEPS, read_page=gate.read_page))
    document_id = document(store, "gggg")
    worker.start()
    assert gate.reached.wait(30)
    job = store.job_of(document_id)
    assert (job.state, job.stage, job.page, job.pages_done, job.pages_total) == ("running", "read", 2, 2, 4)
    assert (job.lines_done, job.lines_total, job.lines_read) == (0, 0, 4)
    assert job.seconds_left is not None
    assert 0 < job.seconds_left < 30
    assert texts(store, document_id) == pages_read(2)
    gate.open.set()
    assert ended(store, document_id).seconds_left is None
    worker.stop()


def test_a_document_deleted_while_it_is_read_stays_deleted_and_the_next_is_read(store: Store, tmp_path: Path) -> None:
    gate = Gate(1)
    worker = worker_on(store, tmp_path, replace(STEPS, read_page=gate.read_page))
    gone, following = document(store, "ggg"), document(store, "g")
    worker.start()
    assert gate.reached.wait(30)
    store.delete_document(gone)
    gate.open.set()
    assert ended(store, following).state == "done"
    assert worker.alive
    with pytest.raises(NotFoundError):
        store.get_document(gone)
    worker.stop()


def test_a_stopped_worker_leaves_the_rest_for_the_next_start(store: Store, tmp_path: Path) -> None:
    gate = Gate(1)
    worker = worker_on(store, tmp_path, replace(STEPS, read_page=gate.read_page))
    assert not worker.alive
    document_id = document(store, "ggg")
    worker.start()
    assert worker.alive
    assert gate.reached.wait(30)
    worker.stop(timeout_s=0)
    gate.open.set()
    worker.stop()
    assert not worker.alive
    assert (store.job_of(document_id).state, len(store.list_pages(document_id))) == ("queued", 1)
    worker.start()
    assert ended(store, document_id).state == "done"
    assert texts(store, document_id) == pages_read(3)
    worker.stop()


def test_a_killed_process_is_followed_at_the_page_it_was_on(store: Store, tmp_path: Path) -> None:
    document_id = document(store, "g" * 12)
    process = subprocess.Popen([sys.executable, "-m", "tests.jobs.slow_worker", str(tmp_path)], cwd=ROOT)
    limit = time.monotonic() + 60
    while len(store.list_pages(document_id)) < 3:
        assert time.monotonic() < limit
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    stored = store.get_document(document_id).pages
    assert store.job_of(document_id).state == "running"
    assert 3 <= len(stored) < 12
    worker = worker_on(store, tmp_path)
    worker.start()
    assert ended(store, document_id).state == "done"
    worker.stop()
    assert texts(store, document_id) == pages_read(12)
    # What was stored was not read again, and every page was begun in order.
    assert store.get_document(document_id).pages[: len(stored)] == stored
    begun = [int(line) for line in (tmp_path / "begun.log").read_text().split()]
    assert begun in (list(range(len(stored))), list(range(len(stored) + 1)))


@pytest.mark.parametrize(
    ("stage", "state", "errors"), [("lines", "done", ["stopped Inkline", "", ""]), ("load", "failed", [])]
)
def test_what_kills_the_process_again_and_again_is_passed_over(
    store: Store, tmp_path: Path, stage: str, state: str, errors: list[str]
) -> None:
    document_id = document(store, "ggg")
    for number in range(MOST_ATTEMPTS):
        job = store.claim_job(f"another process:1:{number}")
        assert job
        store.update_job(replace(job, stage=stage))
        with store.writing() as connection:
            connection.exec_driver_sql("UPDATE jobs SET updated = '2020-01-01 00:00:00.000000'")
    worker = worker_on(store, tmp_path)
    worker.start()
    assert ended(store, document_id).state == state
    worker.stop()
    pages = store.get_document(document_id).pages
    assert [error in page.error for page, error in zip(pages, errors, strict=True)] == [True] * len(errors)
    assert [bool(page.error) for page in pages] == [bool(error) for error in errors]


COLOUR = np.dstack([np.tile(np.arange(64, dtype=np.uint8) * shade, (48, 1)) for shade in (1, 2, 3)])
PICTURES = {
    "black and white": (np.repeat((COLOUR[..., :1] > 30) * np.uint8(255), 3, 2), b"\x89PNG", 0, 2),
    "grey": (np.repeat(COLOUR[..., :1], 3, 2), b"\xff\xd8", 4, 2),
    "colour": (COLOUR, b"\xff\xd8", 12, 3),
}


@pytest.mark.parametrize(("pixels", "start", "error", "dimensions"), PICTURES.values(), ids=PICTURES)
def test_page_pictures_are_kept_small_and_true(pixels: np.ndarray, start: bytes, error: float, dimensions: int) -> None:
    data = encode(pixels)
    assert data.startswith(start)
    kept = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert kept.ndim == dimensions
    back = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(back.astype(int) - pixels).mean() <= error

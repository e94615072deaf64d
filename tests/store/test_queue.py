"""Jobs are claimed once, and taken over only from workers that are gone."""

import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

from pipeline.document import Figure, Page
from pipeline.errors import NotFoundError
from pipeline.store import Job, Store, schema
from pipeline.store.queue import STALE, new_worker_name, now
from tests.store.helpers import finished, page, picture, queued


def claimed(store: Store, worker: str = "") -> Job:
    job = store.claim_job(worker or new_worker_name())
    assert job
    return job


def dead_process() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_the_oldest_job_is_claimed_first_and_each_only_once(store: Store) -> None:
    ids = [queued(store, f"Notes {number}") for number in range(3)]
    worker = new_worker_name()
    assert [claimed(store, worker).document_id for _ in ids] == ids
    assert store.claim_job(worker) is None


def test_claims_made_at_once_get_different_jobs(store: Store) -> None:
    ids, worker = {queued(store, f"Notes {number}") for number in range(12)}, new_worker_name()
    with ThreadPoolExecutor(6) as threads:
        jobs = list(threads.map(lambda _: claimed(store, worker), range(12)))
    assert {job.document_id for job in jobs} == ids


HOST = socket.gethostname()
OWNERS = {
    "a process on this machine that has ended": (f"{HOST}:{dead_process()}:x", 0, True),
    "an earlier process with the same id, as in a restarted container": (f"{HOST}:{os.getpid()}:x", 0, True),
    "a living process on this machine": (f"{HOST}:1:x", 0, False),
    "another machine": ("elsewhere:1:x", 0, False),
    "another machine, silent for long": ("elsewhere:1:x", STALE.total_seconds() + 1, True),
    "a living process, silent for long": (f"{HOST}:1:x", STALE.total_seconds() + 1, True),
}


@pytest.mark.parametrize(("owner", "silent_s", "taken_over"), OWNERS.values(), ids=OWNERS)
def test_a_running_job_is_taken_over_when_its_worker_is_gone(
    store: Store, owner: str, silent_s: float, taken_over: bool
) -> None:
    queued(store)
    claimed(store, owner)
    with store.writing() as connection:
        connection.execute(update(schema.jobs).values(updated=now() - timedelta(seconds=silent_s)))
    assert (store.claim_job(new_worker_name()) is not None) is taken_over


def test_progress_is_seen_by_others(store: Store) -> None:
    document_id = queued(store)
    job = replace(claimed(store), stage="lines", page=2, pages_total=5, seconds_left=7.5, engine="crnn")
    assert store.update_job(job)
    seen = store.job_of(document_id)
    assert (seen.state, seen.stage, seen.page, seen.pages_total) == ("running", "lines", 2, 5)
    assert (seen.seconds_left, seen.engine) == (7.5, "crnn")
    assert seen.started is not None
    assert seen.queued <= seen.started <= seen.updated


def test_a_page_is_stored_together_with_the_progress(store: Store) -> None:
    document_id = queued(store)
    job = replace(claimed(store), pages_done=1, lines_read=2)
    assert store.save_page(document_id, page(), picture(), job=job)
    assert (store.job_of(document_id).lines_read, store.get_summary(document_id).lines) == (2, 2)


def test_a_worker_whose_job_was_taken_over_writes_nothing(store: Store) -> None:
    document_id = queued(store)
    old = claimed(store)
    new = claimed(store)
    assert not store.save_page(document_id, page(), picture(), job=old)
    assert not store.update_job(replace(old, stage="clean"))
    assert not store.finish_job(old)
    assert not store.fail_job(old, "no")
    assert store.list_pages(document_id) == []
    assert store.job_of(document_id).state == "running"
    assert store.finish_job(new)
    assert store.job_of(document_id).state == "done"


def test_the_job_of_a_deleted_document_is_gone(store: Store) -> None:
    document_id = queued(store)
    job = claimed(store)
    store.delete_document(document_id)
    assert not store.save_page(document_id, page(), picture(), job=job)
    assert not store.update_job(job)
    assert store.claim_job(new_worker_name()) is None


@pytest.mark.parametrize("end", ["finish_job", "fail_job"])
def test_a_password_is_kept_only_until_the_job_ends(store: Store, end: str) -> None:
    document_id = queued(store, password="secret")
    job = claimed(store)
    assert [source.password for source in store.sources_of(document_id)] == ["secret"]
    assert store.finish_job(job) if end == "finish_job" else store.fail_job(job, "The disk is full.")
    assert [source.password for source in store.sources_of(document_id)] == [""]


def test_a_new_password_is_tried_on_the_locked_files_only(store: Store) -> None:
    file = store.sources_of(queued(store))[0].file
    store.delete_document(store.list_documents()[0].id)
    store.put_blob(b"file", ".png")
    document_id = store.create_document("two", [file, file], engine="auto", dpi=300, password="first")
    claim = claimed(store)
    assert store.ask_for_password(claim, [1], "b.pdf needs a password.")
    waiting = store.job_of(document_id)
    assert (waiting.state, waiting.error) == ("needs_password", "b.pdf needs a password.")
    assert store.claim_job(new_worker_name()) is None
    store.retry_job(document_id, password="second")
    assert [source.password for source in store.sources_of(document_id)] == ["first", "second"]
    assert claimed(store).error == ""


def test_trying_again_keeps_the_pages_that_were_read(store: Store) -> None:
    document_id = queued(store)
    store.save_page(document_id, page(0), picture())
    store.save_page(document_id, Page(1, 0, 0, 300, error="This page is damaged."), None)
    store.finish_job(claimed(store))
    store.retry_job(document_id)
    assert [(page.index, page.unread) for page in store.list_pages(document_id)] == [(0, False), (1, True)]
    assert store.job_of(document_id).state == "queued"
    kept = store.get_page(document_id, 0)
    store.save_page(document_id, page(1), picture())
    assert [(page.error, page.unread) for page in store.list_pages(document_id)] == [("", False), ("", False)]
    assert store.get_page(document_id, 0) == kept


@pytest.fixture
def drawn_on(store: Store) -> tuple[str, str]:
    """A document whose only page could not be read, with a line and a figure drawn on it; the line's id."""
    document_id = queued(store)
    store.save_page(document_id, Page(0, 100, 200, 300, error="The page is too dark."), picture())
    store.finish_job(claimed(store))
    drawn, figure = replace(page().lines[0], id=""), Figure((5, 5, 9, 9))
    edit = lambda old: replace(old, lines=(drawn,), figures=(figure,))  # noqa: E731
    store.change_pages(document_id, {0}, "insert", edit, author="user")
    line_id = store.get_page(document_id, 0).lines[0].id
    store.correct_line(line_id, "by hand")
    store.retry_job(document_id)
    return document_id, line_id


def test_what_was_drawn_on_a_page_that_is_read_again_stays_with_its_history_and_can_be_undone(
    store: Store, drawn_on: tuple[str, str]
) -> None:
    document_id, line_id = drawn_on
    own = store.get_line(line_id)[2]
    first, second = page(0, ["above", "below"]).lines
    store.save_page(document_id, replace(page(), lines=(first, own, second)), picture(7))
    read = store.get_page(document_id, 0)
    assert [line.text for line in read.lines] == ["above", "by hand", "below"]
    assert [figure.box for figure in read.figures] == [(5, 5, 9, 9), (1, 2, 30, 40)]
    assert (read.error, store.get_blob(read.image)) == ("", picture(7))
    assert [hit.text for hit in store.search("above")] == ["above"]
    for texts in (["above", "first line", "below"], ["above", "below"]):
        store.undo(document_id, author="user")
        assert [line.text for line in store.get_page(document_id, 0).lines] == texts
    assert [version.text for version in store.history(line_id)] == ["first line", "by hand", "first line"]


def test_a_page_that_fails_again_keeps_its_picture_and_what_was_drawn(store: Store, drawn_on: tuple[str, str]) -> None:
    document_id, line_id = drawn_on
    store.save_page(document_id, Page(0, 0, 0, 300, error="The file is gone."), None)
    failed = store.get_page(document_id, 0)
    assert (failed.width, failed.error, [line.id for line in failed.lines]) == (100, "The file is gone.", [line_id])
    assert store.get_blob(failed.image) == picture()
    assert [figure.box for figure in failed.figures] == [(5, 5, 9, 9)]


def test_a_line_drawn_while_its_page_is_read_again_stays(store: Store, drawn_on: tuple[str, str]) -> None:
    document_id, line_id = drawn_on
    store.save_page(document_id, page(0, ["found"]), picture())
    assert {line.text for line in store.get_page(document_id, 0).lines} == {"found", "by hand"}
    assert store.get_line(line_id)[2].text == "by hand"


def test_a_line_deleted_while_its_page_is_read_again_stays_off_it(store: Store, drawn_on: tuple[str, str]) -> None:
    document_id, line_id = drawn_on
    seen = replace(page(), lines=(*page(0, ["found"]).lines, store.get_line(line_id)[2]))
    store.change_pages(document_id, {0}, "delete", lambda old: replace(old, lines=()), author="user")
    store.save_page(document_id, seen, picture())
    assert [line.text for line in store.get_page(document_id, 0).lines] == ["found"]
    store.undo(document_id, author="user")
    assert {line.text for line in store.get_page(document_id, 0).lines} == {"found", "by hand"}


def test_a_document_that_is_read_is_not_read_again(store: Store) -> None:
    document_id = finished(store)
    store.retry_job(document_id)
    assert store.job_of(document_id).state == "done"


def test_claims_are_counted_until_a_page_is_stored(store: Store) -> None:
    document_id = queued(store)
    assert [claimed(store).attempts for _ in range(3)] == [1, 2, 3]
    job = claimed(store)
    store.save_page(document_id, page(), picture(), job=job)
    assert claimed(store).attempts == 1
    store.release_job(store.job_of(document_id))
    assert claimed(store).attempts == 1


def test_a_document_put_into_the_trash_while_it_is_being_claimed_is_not_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, following = queued(store, "Gone"), queued(store, "Following")
    writing = store.writing

    def after_trashing() -> AbstractContextManager[Connection]:
        monkeypatch.setattr(store, "writing", writing)
        store.trash_document(gone)
        return writing()

    monkeypatch.setattr(store, "writing", after_trashing)
    assert claimed(store).document_id == following
    assert store.job_of(gone).state == "queued"


@pytest.mark.parametrize("state", ["queued", "running", "needs_password"])
def test_a_password_is_forgotten_with_its_document_and_asked_for_when_that_is_restored(
    store: Store, state: str
) -> None:
    document_id = queued(store, password="secret")
    job = claimed(store) if state != "queued" else None
    if job and state == "needs_password":
        store.ask_for_password(job, [], "b.pdf needs another password.")
    store.trash_document(document_id)
    assert [source.password for source in store.sources_of(document_id)] == [""]
    with pytest.raises(NotFoundError):
        store.retry_job(document_id, password="secret")
    store.restore_document(document_id)
    waiting = store.job_of(document_id)
    assert (waiting.state, "give it again" in waiting.error) == ("needs_password", True)
    assert store.claim_job(new_worker_name()) is None
    assert not (job and store.save_page(document_id, page(), picture(), job=job))
    store.retry_job(document_id, password="secret")
    assert [source.password for source in store.sources_of(document_id)] == ["secret"]
    assert claimed(store).document_id == document_id


def test_a_document_without_a_password_goes_on_when_it_is_restored(store: Store) -> None:
    document_id = queued(store)
    job = claimed(store)
    store.trash_document(document_id)
    assert store.claim_job(new_worker_name()) is None
    store.restore_document(document_id)
    assert not store.save_page(document_id, page(), picture(), job=job)
    assert claimed(store).document_id == document_id

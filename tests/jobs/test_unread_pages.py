"""Pages that are to be read again, in files that may have changed, while people go on working on them."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.document import Document, Page
from pipeline.engines import choose_engine
from pipeline.jobs import Worker
from pipeline.jobs.reading import MOST_ATTEMPTS
from pipeline.retouch import insert_line, turn_page
from pipeline.store import Store
from tests.jobs.helpers import STEPS, Gate, document, ended, undo_while_read, worker_on
from tests.store.helpers import line, page, picture


def with_drawn_line(store: Store, document_id: str, index: int) -> str:
    """Draw a line on a page and write in it; returns its id."""
    change = insert_line(store, document_id, index, (2, 5, 28, 12), author="user")
    assert change
    (line_id,) = change.added
    store.correct_line(line_id, "by hand")
    return line_id


def test_a_page_turned_there_and_back_while_it_is_tried_again_keeps_its_lines_and_their_history(
    store: Store, tmp_path: Path, worker: Worker
) -> None:
    document_id = document(store, "gb")
    ended(store, document_id)
    worker.stop()
    line_id = with_drawn_line(store, document_id, 1)
    before, history = store.get_page(document_id, 1), store.history(line_id)
    store.blob_path(store.sources_of(document_id)[0].file.blob).write_text("gg")
    store.retry_job(document_id)
    gate = Gate(1)
    worker = worker_on(store, tmp_path, replace(STEPS, read_page=gate.read_page))
    worker.start()
    assert gate.reached.wait(30)
    for quarters in (1, -1):
        turn_page(store, before.id, quarters, author="user")
    gate.open.set()
    ended(store, document_id)
    worker.stop()
    after = store.get_page(document_id, 1)
    assert after.id == before.id
    assert store.history(line_id)[: len(history)] == history
    assert "by hand" in [line.text for line in after.lines]


def test_a_page_said_to_lie_right_and_undone_while_it_is_read_stays_as_it_was(store: Store, tmp_path: Path) -> None:
    upside_down = replace(line("by hand"), baseline=((90.5, 25), (5, 25)))
    document_id = store.create_finished_document(
        Document("Notes", (replace(page(), lines=(upside_down,)),)), [picture()]
    )
    before = store.get_page(document_id, 0)
    turn_page(store, before.id, 0, author="user")
    undo_while_read(store, tmp_path, document_id)
    assert store.get_page(document_id, 0) == before


@pytest.mark.parametrize("author", ["imported", "user", "crnn"])
def test_a_turned_page_of_a_document_that_came_in_with_its_text_is_read(
    store: Store, tmp_path: Path, author: str
) -> None:
    came = page()
    lines = tuple(replace(line, transcription=replace(line.transcription, engine=author)) for line in came.lines)
    document_id = store.create_finished_document(
        Document("Notes", (replace(came, lines=lines), page(1, []))), [picture(), picture(9)]
    )
    assert store.job_of(document_id).engine == author
    worker = worker_on(store, tmp_path, replace(STEPS, choose_engine=choose_engine))
    for shown in store.list_pages(document_id):
        turn_page(store, shown.id, 1, author="user")
    worker.start()
    assert (ended(store, document_id).state, store.job_of(document_id).error) == ("done", "")
    worker.stop()
    assert [page.unread for page in store.list_pages(document_id)] == [False, False]


def test_files_of_an_older_store_that_open_differently_later_are_not_mixed_with_stored_pages(
    store: Store, worker: Worker
) -> None:
    document_id = document(store, "gu", "gg")
    ended(store, document_id)
    before = [(page.id, page.origin) for page in store.list_pages(document_id)]
    with store.writing() as connection:  # as `migrate` leaves it where there are several files
        connection.exec_driver_sql("UPDATE sources SET pages = NULL")
    first = store.blob_path(store.sources_of(document_id)[0].file.blob)
    first.write_text("ggg")
    store.retry_job(document_id)
    assert ended(store, document_id).error.startswith("The files of this document open differently")
    assert [(page.id, page.origin) for page in store.list_pages(document_id)] == before
    first.write_text("gg")
    store.retry_job(document_id)
    assert ended(store, document_id).state == "done"
    assert [page.error for page in store.list_pages(document_id)] == [""] * 4
    assert [source.pages for source in store.sources_of(document_id)] == [2, 2]


@pytest.mark.usefixtures("worker")
def test_files_behind_a_locked_one_are_asked_for_no_password_that_is_not_needed(store: Store) -> None:
    document_id = document(store, "locked:one:gu", "locked:one:gg", password="one")
    assert ended(store, document_id).state == "done"
    store.retry_job(document_id)
    assert ended(store, document_id).error == "a.pdf needs a password."
    assert [source.locked for source in store.sources_of(document_id)] == [True, False]


def test_only_the_page_that_kills_the_process_is_passed_over(store: Store, tmp_path: Path) -> None:
    document_id = document(store, "ggu")
    job = store.claim_job("another process:1:x")
    assert job
    store.count_pages(job, [3])
    # Of its files it is the last page, but it is shown as the first, and the first is still to be read, too.
    store.save_page(document_id, Page(2, 0, 0, 150, error="This page is damaged."), None, job=job)
    store.fail_job(job, "Inkline stopped.")
    store.retry_job(document_id)
    for number in range(MOST_ATTEMPTS):
        job = store.claim_job(f"another process:1:{number}")
        assert job
        store.update_job(replace(job, stage="lines"))
        with store.writing() as connection:
            connection.exec_driver_sql("UPDATE jobs SET updated = '2020-01-01 00:00:00.000000'")
    gate = Gate(1)
    worker = worker_on(store, tmp_path, replace(STEPS, read_page=gate.read_page))
    worker.start()
    assert gate.reached.wait(30)
    # One that is turned meanwhile is read in a second round.
    turn_page(store, store.get_page(document_id, 1).id, 1, author="user")
    gate.open.set()
    assert ended(store, document_id).state == "done"
    worker.stop()
    assert ["stopped Inkline" in page.error for page in store.list_pages(document_id)] == [True, False, False]

"""Pages that are to be read again, in files that may have changed, while people go on working on them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.document import Document
from pipeline.engines import choose_engine
from pipeline.jobs import Worker
from pipeline.retouch import insert_line, turn_page
from pipeline.store import Store
from tests.jobs.helpers import STEPS, Gate, document, ended, worker_on
from tests.store.helpers import line, page, picture, store_in


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path)


@pytest.fixture
def worker(store: Store, tmp_path: Path) -> Iterator[Worker]:
    worker = worker_on(store, tmp_path)
    worker.start()
    yield worker
    worker.stop()


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
    gate = Gate(0)
    worker = worker_on(store, tmp_path, replace(STEPS, read_page=gate.read_page))
    worker.start()
    assert gate.reached.wait(30)
    store.undo(document_id, author="user")
    gate.open.set()
    assert ended(store, document_id).state == "done"
    worker.stop()
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

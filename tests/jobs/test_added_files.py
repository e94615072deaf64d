"""Files added to a document are read behind its other pages, and nothing else is read again."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.document import Page
from pipeline.engines import Engine
from pipeline.ingest import PageImage
from pipeline.jobs import Worker
from pipeline.retouch import delete_page, move_page
from pipeline.store import SourceFile, Store
from tests.jobs.helpers import STEPS, Gate, document, ended, read_document, read_page, shades, worker_on
from tests.store.helpers import finished, settings_in

LIMIT = 5


@pytest.fixture
def begun() -> list[int]:
    """The pages that were begun, in order."""
    return []


@pytest.fixture
def worker(store: Store, tmp_path: Path, begun: list[int]) -> Iterator[Worker]:
    def noting(image: PageImage, index: int, engine: Engine, on_stage: Callable[[str, int, int], None]) -> Page:
        begun.append(index)
        return read_page(image, index, engine, on_stage)

    settings = replace(settings_in(tmp_path), max_pages=LIMIT)
    worker = Worker(store, settings, replace(STEPS, read_page=noting))
    worker.start()
    yield worker
    worker.stop()


def add(store: Store, document_id: str, *contents: str, password: str = "", most: int = 100, before: str = "") -> None:
    files = [SourceFile(store.put_blob(content.encode(), ".pdf"), "more.pdf") for content in contents]
    options = {"engine": "auto", "dpi": 150, "password": password, "before": before}
    store.add_files(document_id, files, pages=len(files), most=most, **options)  # type: ignore[arg-type]


def firsts(store: Store, document_id: str) -> list[str]:
    """The first line or else the trouble of each page."""
    return [page.lines[0].text if page.lines else page.error for page in store.get_document(document_id).pages]


@pytest.mark.usefixtures("worker")
def test_only_the_new_pages_are_read_and_come_last(store: Store, begun: list[int]) -> None:
    document_id = document(store, "gg", "locked:one:g", password="one")
    ended(store, document_id)
    first, second, third = store.get_document(document_id).pages
    store.correct_line(first.lines[0].id, "by hand")
    store.set_tags(document_id, ["green"])
    move_page(store, third.id, 0, author="user")
    delete_page(store, second.id, author="user")
    before = store.get_document(document_id).pages
    add(store, document_id, "g", "locked:two:g", password="two")
    job = ended(store, document_id)
    assert (job.state, job.pages_done, job.pages_total) == ("done", 4, 4)
    pages = store.get_document(document_id).pages
    assert pages[:2] == before
    assert begun == [0, 1, 2, 3, 4]
    assert [page.index for page in pages] == [0, 1, 2, 3]
    assert firsts(store, document_id)[2:] == ["page 3 line 0", "page 4 line 0"]
    assert store.get_summary(document_id).tags == ("green",)
    assert {source.password for source in store.sources_of(document_id)} == {""}
    # Undo still knows the steps from before.
    store.undo(document_id, author="user")
    assert [page.id for page in store.list_pages(document_id)].count(second.id) == 1


def test_new_pages_come_before_the_page_they_were_put_before_wherever_that_is_by_then(
    store: Store, tmp_path: Path
) -> None:
    document_id = finished(store, 3)
    first, second, third = (page.id for page in store.list_pages(document_id))
    add(store, document_id, "gu", before=second)
    add(store, document_id, "g", before=third)
    add(store, document_id, "g", before=second)
    add(store, document_id, "g")
    move_page(store, second, 0, author="user")
    delete_page(store, third, author="user")
    worker = worker_on(store, tmp_path)
    worker.start()
    assert ended(store, document_id).state == "done"
    worker.stop()
    pages = store.list_pages(document_id)
    assert [page.index for page in pages] == list(range(7))
    # What was to come before a page that is deleted by then comes last.
    assert [page.origin if page.origin is not None else page.id for page in pages] == [0, 1, 3, second, first, 2, 4]
    store.undo(document_id, author="user")
    store.undo(document_id, author="user")
    pages = store.list_pages(document_id)
    assert [page.id for page in pages if page.origin is None] == [first, second, third]


@pytest.mark.parametrize(("what", "wanted"), [("moved", "klhgxyzi"), ("deleted", "gxyzikl"), ("first gone", "gyzklhi")])
def test_a_file_stays_together_though_its_page_is_moved_or_deleted_while_it_is_read(
    store: Store, tmp_path: Path, what: str, wanted: str
) -> None:
    document_id = read_document(store, tmp_path, "ghi")
    before = store.list_pages(document_id)[1].id
    add(store, document_id, "xyz", "kl", before=before)
    gate = Gate(4)
    worker = worker_on(store, tmp_path, replace(STEPS, read_page=gate.read_page))
    worker.start()
    assert gate.reached.wait(30)
    assert shades(store, document_id) == "gxhi"
    if what == "moved":
        move_page(store, before, 0, author="user")
    else:
        delete_page(store, before if what == "deleted" else store.list_pages(document_id)[1].id, author="user")
    gate.open.set()
    assert ended(store, document_id).state == "done"
    worker.stop()
    assert shades(store, document_id) == wanted


@pytest.mark.usefixtures("worker")
def test_pages_are_added_to_a_document_that_came_without_files(store: Store) -> None:
    document_id = finished(store, 2)
    before = store.get_document(document_id).pages
    add(store, document_id, "gg")
    assert ended(store, document_id).state == "done"
    assert store.get_document(document_id).pages[:2] == before
    assert firsts(store, document_id)[2:] == ["page 0 line 0", "page 1 line 0"]


@pytest.mark.parametrize("letter", ["g", "b"])
def test_a_file_added_while_the_last_page_is_read_is_read_too(store: Store, tmp_path: Path, letter: str) -> None:
    gate = Gate(0)
    worker = worker_on(store, tmp_path, replace(STEPS, read_page=gate.read_page))
    document_id = document(store, letter)
    worker.start()
    assert gate.reached.wait(30)
    add(store, document_id, "g")
    gate.open.set()
    assert ended(store, document_id).state == "done"
    worker.stop()
    assert firsts(store, document_id) == [{"g": "page 0 line 0", "b": "The page is too dark."}[letter], "page 1 line 0"]


@pytest.mark.usefixtures("worker")
def test_a_bad_file_stands_as_one_page_and_can_be_deleted(store: Store) -> None:
    document_id = document(store, "g")
    ended(store, document_id)
    before = store.get_document(document_id).pages
    add(store, document_id, "junk", "g")
    assert ended(store, document_id).state == "done"
    assert firsts(store, document_id) == ["page 0 line 0", "more.pdf holds no pages.", "page 2 line 0"]
    delete_page(store, store.list_pages(document_id)[1].id, author="user")
    assert firsts(store, document_id) == ["page 0 line 0", "page 2 line 0"]
    assert store.get_document(document_id).pages[:1] == before


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("own", ["file", "import"])
def test_a_file_with_too_many_pages_is_left_out_by_itself(store: Store, own: str) -> None:
    document_id = document(store, "gg") if own == "file" else finished(store, 2)
    ended(store, document_id)
    before = store.get_document(document_id).pages
    add(store, document_id, "gggg", "g")
    left_out = "more.pdf was left out: with it the document would have 6 pages; the limit is 5."
    for _ in range(2):
        assert ended(store, document_id).state == "done"
        pages = store.get_document(document_id).pages
        assert pages[:2] == before
        assert [page.error for page in pages] == ["", "", left_out, ""]
        store.retry_job(document_id)


@pytest.mark.usefixtures("worker")
def test_a_full_document_is_not_lost_by_a_file_left_out(store: Store) -> None:
    document_id = document(store, "g" * LIMIT)
    ended(store, document_id)
    add(store, document_id, "g")
    assert ended(store, document_id).state == "done"
    errors = [page.error for page in store.list_pages(document_id)]
    assert (errors[:LIMIT], "left out" in errors[LIMIT]) == ([""] * LIMIT, True)

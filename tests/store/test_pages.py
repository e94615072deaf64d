"""Pages of a document are moved and deleted, and come back, with all that is on them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from pipeline.document import Page
from pipeline.errors import ConflictError, NotFoundError, RetouchError
from pipeline.retouch import delete_page, move_page, order_pages
from pipeline.store import Job, Store
from pipeline.store.queue import new_worker_name
from tests.store.helpers import finished, page, picture, queued


def document(store: Store, pages: int = 4) -> str:
    """Pages "page 0" and so on, of one line each, read from a file."""
    document_id = queued(store)
    for number in range(pages):
        store.save_page(document_id, page(number, [f"page {number}"]), picture(number))
    job = store.claim_job(new_worker_name())
    assert job
    assert store.count_pages(job, [pages])
    assert store.finish_job(job)
    return document_id


def shown(store: Store, document_id: str) -> list[str]:
    """What stands on each page, in order; pages are numbered without a gap."""
    pages = store.get_document(document_id).pages
    assert [page.index for page in pages] == list(range(len(pages)))
    assert pages == tuple(store.get_page(document_id, page.index) for page in pages)
    assert [store.get_blob(page.image) for page in store.list_pages(document_id)] == [
        store.get_blob(page.image) for page in pages
    ]
    return [" ".join(line.text for line in page.lines) for page in pages]


def ids(store: Store, document_id: str) -> list[str]:
    return [page.id for page in store.list_pages(document_id)]


def read(numbers: Sequence[int] | str) -> list[str]:
    return [f"page {number}" for number in numbers]


MOVES = [
    (0, 3, "1230", "Page 1 moved to 4"),
    (3, 0, "3012", "Page 4 moved to 1"),
    (1, 3, "0231", "Page 2 moved to 4"),
    (1, 2, "0213", "Pages 2 and 3 exchanged"),
    (2, 1, "0213", "Pages 2 and 3 exchanged"),
]


@pytest.mark.parametrize(("number", "to", "order", "told"), MOVES)
def test_a_page_is_moved_and_undo_puts_it_back(store: Store, number: int, to: int, order: str, told: str) -> None:
    document_id = document(store)
    before = store.get_document(document_id)
    change = move_page(store, ids(store, document_id)[number], to, author="user")
    assert change
    assert (change.kind, change.summary) == ("order pages", told)
    assert shown(store, document_id) == read(order)
    store.undo(document_id, author="user")
    assert store.get_document(document_id) == before
    store.redo(document_id, author="user")
    assert shown(store, document_id) == read(order)


def test_a_page_moved_to_its_own_place_is_no_step(store: Store) -> None:
    document_id = document(store)
    assert move_page(store, ids(store, document_id)[1], 1, author="user") is None
    assert store.changes(document_id) == []


def test_pages_are_put_into_an_order_at_once(store: Store) -> None:
    document_id = document(store)
    first, second, third, fourth = ids(store, document_id)
    order_pages(store, document_id, [fourth, third, second, first], author="user")
    assert shown(store, document_id) == read("3210")
    order_pages(store, document_id, [first, fourth], author="user")
    assert shown(store, document_id) == read("0213")
    with pytest.raises(RetouchError, match="one place"):
        order_pages(store, document_id, [first, first], author="user")
    with pytest.raises(NotFoundError):
        order_pages(store, document_id, [first, "none"], author="user")
    for place in (-1, 4):
        with pytest.raises(RetouchError, match="from 1 to 4"):
            move_page(store, first, place, author="user")
    assert shown(store, document_id) == read("0213")


def test_a_deleted_page_is_nowhere_until_undo_brings_it_back_with_its_history(store: Store) -> None:
    document_id = document(store)
    line_id = store.get_page(document_id, 1).lines[0].id
    store.correct_line(line_id, "by hand")
    before, history = store.get_document(document_id), store.history(line_id)
    change = delete_page(store, ids(store, document_id)[1], author="user")
    assert change
    assert (change.kind, change.summary, change.pages) == ("delete page", "Page 2 deleted", ())
    assert shown(store, document_id) == read("023")
    assert store.search("hand") == []
    summary = store.get_summary(document_id)
    assert (summary.pages, summary.lines, summary.checked) == (3, 3, 0)
    assert [text.page for text in store.texts(document_id)] == [0, 1, 2]
    with pytest.raises(NotFoundError):
        store.find_page(before.pages[1].id)
    back = store.undo(document_id, author="user")
    assert back
    assert back.pages == (1,)
    assert (store.get_document(document_id), store.history(line_id)) == (before, history)
    assert [hit.page for hit in store.search("hand")] == [1]
    store.redo(document_id, author="user")
    assert shown(store, document_id) == read("023")


def test_the_first_page_deleted_leaves_the_thumbnail_to_the_next(store: Store) -> None:
    document_id = document(store, 2)
    delete_page(store, ids(store, document_id)[0], author="user")
    assert store.get_blob(store.get_summary(document_id).image) == picture(1)


def test_what_is_written_in_a_line_of_a_deleted_page_stays_in_its_history(store: Store) -> None:
    document_id = document(store)
    line_id = store.get_page(document_id, 1).lines[0].id
    delete_page(store, ids(store, document_id)[1], author="user")
    with pytest.raises(ConflictError, match="kept in its history"):
        store.correct_line(line_id, "typed in another tab")
    store.undo(document_id, author="user")
    assert [version.text for version in store.history(line_id)] == ["page 1", "typed in another tab"]
    assert shown(store, document_id) == ["page 0", "typed in another tab", "page 2", "page 3"]


def test_the_only_page_can_not_be_deleted(store: Store) -> None:
    document_id = finished(store)
    with pytest.raises(RetouchError, match="Delete the document instead"):
        delete_page(store, ids(store, document_id)[0], author="user")


@pytest.mark.parametrize("act", [lambda *of, author: move_page(*of, 1, author=author), delete_page])
def test_a_page_deleted_in_the_same_moment_is_not_there_any_more(
    store: Store, act: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = document(store)
    first, find_page = ids(store, document_id)[0], store.find_page

    def find_and_lose(page_id: str) -> tuple[str, Page]:
        seen = find_page(page_id)
        monkeypatch.undo()
        delete_page(store, page_id, author="somebody else")
        return seen

    monkeypatch.setattr(store, "find_page", find_and_lose)
    with pytest.raises(NotFoundError, match="deleted it meanwhile"):
        act(store, first, author="user")
    assert shown(store, document_id) == read("123")
    assert [change.author for change in store.changes(document_id)] == ["somebody else"]


def test_undo_keeps_what_others_did_to_the_order_since(store: Store) -> None:
    document_id = document(store)
    _, second, third, fourth = ids(store, document_id)
    delete_page(store, second, author="ada")
    move_page(store, fourth, 0, author="ben")
    delete_page(store, third, author="ben")
    assert shown(store, document_id) == read("30")
    store.undo(document_id, author="ada")
    assert sorted(shown(store, document_id)) == read("013")
    store.undo(document_id, author="ben")
    store.undo(document_id, author="ben")
    assert sorted(shown(store, document_id)) == read("0123")


def test_steps_on_lines_are_undone_after_their_page_was_moved(store: Store) -> None:
    document_id = document(store)
    line_id = store.get_page(document_id, 3).lines[0].id
    store.correct_line(line_id, "by hand")
    move_page(store, ids(store, document_id)[3], 0, author="user")
    assert shown(store, document_id)[0] == "by hand"
    store.undo(document_id, author="user")
    change = store.undo(document_id, author="user")
    assert change
    assert change.pages == (3,)
    assert shown(store, document_id) == read("0123")


def test_pages_read_after_others_were_moved_come_last(store: Store) -> None:
    document_id = queued(store)
    for number in (0, 1):
        store.save_page(document_id, page(number, [f"page {number}"]), picture(number))
    move_page(store, ids(store, document_id)[0], 1, author="user")
    delete_page(store, ids(store, document_id)[0], author="user")
    for number in (2, 3):
        store.save_page(document_id, page(number, [f"page {number}"]), picture(number))
    assert shown(store, document_id) == read("023")
    assert store.origins(document_id) == {0, 1, 2, 3}
    store.undo(document_id, author="user")
    assert sorted(shown(store, document_id)) == read("0123")


def tried_again(store: Store) -> tuple[str, Job]:
    """A document whose second page could not be read, and its job, which reads it once more."""
    document_id = queued(store)
    store.save_page(document_id, page(0, ["page 0"]), picture())
    store.save_page(document_id, Page(1, 0, 0, 300, error="This page is damaged."), None)
    job = store.claim_job(new_worker_name())
    assert job
    store.finish_job(job)
    store.retry_job(document_id)
    job = store.claim_job(new_worker_name())
    assert job
    return document_id, job


def test_a_deleted_page_that_is_to_be_read_again_is_read_when_it_comes_back(store: Store) -> None:
    document_id, job = tried_again(store)
    bad = ids(store, document_id)[1]
    delete_page(store, bad, author="user")
    # The reading that was under way comes too late.
    assert store.save_page(document_id, replace(page(1, ["page 1"]), id=bad), picture(), job=job)
    assert store.finish_job(job)
    assert shown(store, document_id) == read("0")
    store.undo(document_id, author="user")
    assert [(page.error, page.unread) for page in store.list_pages(document_id)][1] == ("This page is damaged.", True)
    assert store.job_of(document_id).state == "queued"


def test_a_job_does_not_end_while_a_page_is_to_be_read_again(store: Store) -> None:
    document_id, job = tried_again(store)
    assert not store.finish_job(job)
    assert not store.finish_job(job, files=1)
    store.save_page(document_id, page(1), picture(), job=job)
    assert not store.finish_job(job, files=2)
    assert store.finish_job(job, files=1)

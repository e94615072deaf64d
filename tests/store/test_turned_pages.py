"""Pages turned by hand: picture, lines and figures turn along, and all of it comes back."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.document import Document, Page
from pipeline.errors import ConflictError, PageError
from pipeline.retouch import delete_page, turn_page
from pipeline.store import Store
from pipeline.store.queue import new_worker_name
from tests.store.helpers import finished, page, picture, queued


@pytest.fixture
def document_id(store: Store) -> str:
    return finished(store, 2)


def page_id(store: Store, document_id: str, index: int = 0) -> str:
    return store.get_page(document_id, index).id


def turn(store: Store, document_id: str, quarters: int) -> None:
    assert turn_page(store, page_id(store, document_id), quarters, author="user")


def lies(store: Store, document_id: str) -> tuple[int | None, bool]:
    page = store.list_pages(document_id)[0]
    return page.turned, page.unread


def test_a_page_turns_with_its_picture_lines_and_figures_and_undo_turns_it_back(store: Store, document_id: str) -> None:
    before = store.get_document(document_id)
    change = turn_page(store, page_id(store, document_id), 1, author="user")
    assert change
    assert (change.kind, change.summary, change.pages) == ("turn page", "Page turned", (0,))
    turned, other = store.get_document(document_id).pages
    assert other == before.pages[1]
    assert (turned.width, turned.height, turned.skew_degrees) == (200, 100, -91.5)
    pixels = cv2.imdecode(np.frombuffer(store.get_blob(turned.image), np.uint8), 0)
    assert pixels.shape == (10, 20)
    assert turned.lines[0].polygon == ((190, 5), (190, 90.5), (170, 90.5), (170, 5))
    assert turned.lines[0].baseline == ((175, 5), (175, 90.5))
    assert turned.figures[0].box == (160, 1, 198, 30)
    assert [line.text for line in turned.lines] == ["first line", "second line"]
    store.undo(document_id, author="user")
    assert (store.get_document(document_id), lies(store, document_id)) == (before, (None, False))
    store.redo(document_id, author="user")
    assert store.get_page(document_id, 0) == turned


def test_turns_add_up_and_the_fourth_shows_the_picture_that_came_in(store: Store, document_id: str) -> None:
    before = store.get_page(document_id, 0)
    for turned in (1, 2, 3, 0):
        turn(store, document_id, 1)
        assert lies(store, document_id) == (turned, turned != 0)
    assert store.get_page(document_id, 0) == before
    turn(store, document_id, 2)
    turn(store, document_id, -2)
    assert store.get_page(document_id, 0) == before


def test_a_page_is_read_again_only_while_its_lines_do_not_run_from_left_to_right(
    store: Store, document_id: str
) -> None:
    turn(store, document_id, 1)
    assert (lies(store, document_id), store.job_of(document_id).state) == ((1, True), "queued")
    job = store.claim_job(new_worker_name())
    assert job
    assert not store.finish_job(job)
    turn(store, document_id, 3)
    assert lies(store, document_id) == (0, False)
    assert store.finish_job(job)


def test_a_page_said_to_lie_right_is_read_as_it_lies(store: Store, document_id: str) -> None:
    turn(store, document_id, 0)
    assert lies(store, document_id) == (0, False)
    assert turn_page(store, page_id(store, document_id), 0, author="user") is None


def test_steps_before_and_after_a_turn_are_undone_in_turn(store: Store, document_id: str) -> None:
    before = store.get_document(document_id)
    first, second = (line.id for line in before.pages[0].lines)
    store.correct_line(first, "before")
    turn(store, document_id, 2)
    store.correct_line(second, "after")
    assert [line.text for line in store.get_page(document_id, 0).lines] == ["before", "after"]
    assert store.get_summary(document_id).checked == 2
    for _ in range(3):
        store.undo(document_id, author="user")
    assert store.get_document(document_id) == before


def test_a_turned_page_that_is_deleted_comes_back_turned(store: Store, document_id: str) -> None:
    turn(store, document_id, 1)
    turned = store.get_page(document_id, 0)
    delete_page(store, turned.id, author="user")
    store.undo(document_id, author="user")
    assert store.get_page(document_id, 0) == turned


def test_two_who_turn_a_page_at_once_turn_it_once(store: Store, document_id: str) -> None:
    here = page_id(store, document_id)
    turned, pictures = store.how_it_lies(here)
    turn(store, document_id, 1)
    with pytest.raises(ConflictError, match="just turned"):
        store.turn_page(here, turned, 1, pictures, author="user")
    assert lies(store, document_id)[0] == 1


def test_a_page_without_a_picture_can_not_be_turned(store: Store) -> None:
    document_id = queued(store)
    store.save_page(document_id, page(), None)
    with pytest.raises(PageError, match="no picture"):
        turn_page(store, page_id(store, document_id), 1, author="user")


def failed(store: Store) -> tuple[str, Page]:
    """A document with a page that could not be read, on which a line was drawn, and one that was read."""
    bad = replace(page(0, ["drawn"]), error="The reader failed.")
    document_id = store.create_finished_document(Document("Notes", (bad, page(1))), [picture(0), picture(1)])
    return document_id, store.get_page(document_id, 0)


def state(store: Store, document_id: str) -> tuple[str, bool]:
    page = store.list_pages(document_id)[0]
    return page.error, page.unread


def test_a_failed_page_turned_there_and_back_is_still_to_be_read(store: Store) -> None:
    document_id, before = failed(store)
    for quarters in (1, -1):
        turn(store, document_id, quarters)
        assert state(store, document_id) == ("The reader failed.", True)
    assert store.get_page(document_id, 0) == before
    assert store.job_of(document_id).state == "queued"
    for _ in range(2):
        store.undo(document_id, author="user")
    assert store.get_page(document_id, 0) == before
    assert state(store, document_id) == ("The reader failed.", False)


def test_undo_brings_back_why_a_page_could_not_be_read_before_it_was_turned(store: Store) -> None:
    document_id, before = failed(store)
    turn(store, document_id, 1)
    job = store.claim_job(new_worker_name())
    assert job
    again = replace(store.get_page(document_id, 0), error="It failed once more.")
    assert store.save_page(document_id, again, None, job=job)
    assert state(store, document_id) == ("It failed once more.", False)
    store.undo(document_id, author="user")
    assert (store.get_page(document_id, 0), store.list_pages(document_id)[0].unread) == (before, False)


def test_a_page_tried_again_is_so_after_a_turn_that_was_undone(store: Store) -> None:
    document_id, before = failed(store)
    with store.writing() as connection:  # as if it had come from a file
        connection.exec_driver_sql("UPDATE pages SET origin = number")
    store.retry_job(document_id)
    turn(store, document_id, 1)
    store.undo(document_id, author="user")
    assert state(store, document_id) == ("The reader failed.", True)
    job = store.claim_job(new_worker_name())
    assert job
    assert store.save_page(document_id, replace(page(0, ["read"]), id=before.id, image=before.image), None, job=job)
    assert [line.text for line in store.get_page(document_id, 0).lines] == ["drawn", "read"]


def test_undo_of_something_else_does_not_start_a_job_again_that_failed(store: Store, document_id: str) -> None:
    turn(store, document_id, 1)
    store.correct_line(store.get_page(document_id, 1).lines[0].id, "by hand")
    job = store.claim_job(new_worker_name())
    assert job
    assert store.fail_job(job, "There is no reader called nobody.")
    for step in (store.undo, store.redo, store.undo):
        step(document_id, author="user")
        assert (store.job_of(document_id).state, lies(store, document_id)) == ("failed", (1, True))
    store.undo(document_id, author="user")
    store.redo(document_id, author="user")
    assert (store.job_of(document_id).state, lies(store, document_id)) == ("queued", (1, True))


def test_pictures_of_turned_pages_go_with_their_document_and_not_before(store: Store, document_id: str) -> None:
    original = store.get_page(document_id, 0).image
    for quarters in (1, 1):
        turn(store, document_id, quarters)
    keys = {original, *store.how_it_lies(page_id(store, document_id))[1].values()}
    assert len(keys) == 2  # upside down it looks the same
    other = store.create_finished_document(store.get_document(document_id), [picture(0), picture(1)])
    store.delete_document(document_id)
    assert {key for key in keys if store.blob_path(key).exists()} == {original}
    store.delete_document(other)
    assert not store.blob_path(original).exists()

"""Pages turned by hand: picture, lines and figures turn along, and all of it comes back."""

import cv2
import numpy as np
import pytest

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

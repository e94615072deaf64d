"""Edits that come late, or were sent again: nothing newer is hidden by them, and nothing is lost."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import update

from pipeline.document import Transcription
from pipeline.store import Store, schema
from pipeline.store.queue import now
from tests.store.helpers import finished
from tests.store.test_changes import ids


@pytest.fixture
def document_id(store: Store) -> str:
    return finished(store, 2)


LATE = timedelta(minutes=2)


def said(store: Store, line_id: str) -> list[tuple[str, str]]:
    return [(version.text, version.author) for version in store.history(line_id)]


def test_what_comes_late_goes_below_what_was_written_since_and_both_can_be_undone(
    store: Store, document_id: str
) -> None:
    line_id = ids(store, document_id)[0]
    store.correct_line(line_id, "by ben", author="ben")
    shown = store.get_line(line_id)[2]
    assert store.correct_line(line_id, "mine", author="ada", earlier=["m"], age=LATE) is None
    assert store.get_line(line_id)[2] == shown
    assert [text for text, _ in said(store, line_id)] == ["first line", "by ben", "m", "mine", "by ben"]
    # Sent once more, since its answer was lost.
    store.correct_line(line_id, "mine", author="ada", earlier=["m"], age=LATE)
    assert len(said(store, line_id)) == 5
    # Still newer than what comes later yet.
    store.correct_line(line_id, "mine, too", author="ada", age=LATE)
    assert store.get_line(line_id)[2] == shown
    assert store.undo(document_id, author="ada") is None
    assert store.undo(document_id, author="ben")
    assert store.get_line(line_id)[2].text == "first line"


def test_what_comes_late_is_shown_if_nobody_wrote_since(store: Store, document_id: str) -> None:
    first, second = ids(store, document_id)
    store.correct_line(first, "by ben", author="ben")
    with store.writing() as connection:
        connection.execute(update(schema.transcriptions).values(created=now() - 2 * LATE))
    store.correct_line(first, "mine", author="ada", earlier=["by ada", "m"], age=LATE)
    assert said(store, first)[1:] == [("by ben", "ben"), ("by ada", "ada"), ("m", "ada"), ("mine", "ada")]
    for text in ("m", "by ada", "by ben"):
        store.undo(document_id, author="ada")
        assert store.get_line(first)[2].text == text
    # A reading is nobody's text.
    store.propose({second: Transcription("read anew", 0.9, "other reader")})
    store.take_proposals(document_id, author="ben")
    store.correct_line(second, "mine", author="ada", age=LATE)
    assert store.get_line(second)[2].text == "mine"


def test_what_comes_at_once_is_shown_whatever_the_clock_says(store: Store, document_id: str) -> None:
    line_id = ids(store, document_id)[0]
    store.correct_line(line_id, "by ben", author="ben")
    with store.writing() as connection:
        connection.execute(update(schema.transcriptions).values(created=now() + LATE))
    store.correct_line(line_id, "mine", author="ada")
    assert store.get_line(line_id)[2].text == "mine"


def test_a_part_that_arrived_before_is_not_taken_for_somebody_elses(store: Store, document_id: str) -> None:
    line_id = ids(store, document_id)[0]
    store.correct_line(line_id, "one", author="ada")
    store.correct_line(line_id, "two", author="ada", earlier=["one"], age=LATE)
    assert said(store, line_id)[1:] == [("one", "ada"), ("two", "ada")]


def test_a_newer_text_that_is_an_old_one_again_stays(store: Store, document_id: str) -> None:
    line_id = ids(store, document_id)[0]
    for text in ("a", "c", "a"):
        store.correct_line(line_id, text)
    store.correct_line(line_id, "b", age=LATE)
    assert store.get_line(line_id)[2].text == "a"
    assert "b" in [text for text, _ in said(store, line_id)]


@pytest.mark.parametrize("earlier", [(), ("m",)])
def test_an_edit_sent_once_more_since_its_answer_was_lost_does_not_come_back_after_undo(
    store: Store, document_id: str, earlier: Sequence[str]
) -> None:
    line_id = ids(store, document_id)[0]
    for text in (*earlier, "mine"):
        store.correct_line(line_id, text)
        assert store.undo(document_id, author="user")
    history = said(store, line_id)
    assert store.correct_line(line_id, "mine", earlier=earlier, age=LATE) is None
    assert (store.get_line(line_id)[2].text, said(store, line_id)) == ("first line", history)


def test_what_is_typed_again_after_undo_is_shown_though_it_comes_late(store: Store, document_id: str) -> None:
    line_id = ids(store, document_id)[0]
    store.correct_line(line_id, "mine")
    with store.writing() as connection:
        connection.execute(update(schema.transcriptions).values(created=now() - 2 * LATE))
    # Neither what redo shows nor another's words are what was typed.
    for step in (store.undo, store.redo, store.undo):
        assert step(document_id, author="user")
    for author in ("user", "ada"):
        store.correct_line(line_id, "mine", author=author, age=LATE)
        assert store.get_line(line_id)[2].transcription.engine == author

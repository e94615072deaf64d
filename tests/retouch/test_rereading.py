"""A whole document read again by another reader, in the background, stopped and gone on with."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pipeline.document import Document, Transcription
from pipeline.engines import LINES_AT_ONCE
from pipeline.errors import ConflictError
from pipeline.jobs.child import reread
from pipeline.retouch import delete_page, ink, move_page, propose_readings
from pipeline.settings import Settings
from pipeline.store import Store
from tests.pages.conftest import page_of, picture_of

PAGES, LINES = 3, 20


class Killed(BaseException):
    """The end of a process."""


class Reader:
    """Reads "again", at most so many lines."""

    name = "second reader"

    def __init__(self) -> None:
        self.lines, self.most = 0, 10**9
        self.lines_at_once, self.calls = LINES_AT_ONCE, list[int]()

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        if self.lines + len(crops) > self.most:
            raise Killed
        self.lines += len(crops)
        self.calls.append(len(crops))
        return [Transcription("again", 0.8 if n % 2 else 0.4, self.name) for n in range(len(crops))]


@pytest.fixture
def document_id(store: Store) -> str:
    pages = [page_of(*[(f"line {n}", 0.6) for n in range(LINES)], index=index) for index in range(PAGES)]
    return store.create_finished_document(Document("Notes", tuple(pages)), [picture_of(page) for page in pages])


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    reader = Reader()
    monkeypatch.setattr(ink, "load_engine", lambda name, settings: reader)
    return reader


def run(settings: Settings, document_id: str, told: list[dict[str, object]]) -> dict[str, object]:
    wanted = {"document": document_id, "engine": "other"}
    return reread(wanted, Path(os.devnull), settings, lambda **row: told.append(row))


def test_a_reader_that_takes_more_lines_at_once_gets_them(
    store: Store, settings: Settings, document_id: str, reader: Reader
) -> None:
    told: list[dict[str, object]] = []
    reader.lines_at_once = LINES
    run(settings, document_id, told)
    assert reader.calls == [LINES] * PAGES


def test_it_goes_on_where_it_was_stopped(store: Store, settings: Settings, document_id: str, reader: Reader) -> None:
    confirmed = store.get_page(document_id, 0).lines[0].id
    store.correct_line(confirmed, "confirmed")
    store.begin_rereading(document_id, "other")
    told: list[dict[str, object]] = []
    reader.most = 30
    with pytest.raises(Killed):
        run(settings, document_id, told)
    kept = store.count_proposals(document_id)
    assert kept == reader.lines > 16
    reader.most = 10**9
    assert run(settings, document_id, told) == {"document": document_id, "lines": PAGES * LINES - 1}
    assert reader.lines == PAGES * LINES - 1
    assert told[0] == {"stage": "load", "progress": 0.0}
    assert confirmed not in {proposal.line_id for proposal in store.proposals(document_id)}


def test_a_new_one_forgets_what_was_proposed_and_one_at_a_time_goes_on(store: Store, document_id: str) -> None:
    assert store.last_rereading(document_id) is None
    store.propose({store.get_page(document_id, 0).lines[0].id: Transcription("old", 0.9, "old reader")})
    task = store.begin_rereading(document_id, "other")
    assert store.count_proposals(document_id) == 0
    assert store.begin_rereading(document_id, "other").id == task.id
    with pytest.raises(ConflictError, match="Stop it first"):
        store.begin_rereading(document_id, "third")
    store.cancel_task(task.id)
    third = store.begin_rereading(document_id, "third")
    found = store.last_rereading(document_id)
    assert found
    assert found.id == third.id


def test_all_of_many_are_taken_but_some_and_only_where_the_reader_was_surer(
    store: Store, settings: Settings, document_id: str, reader: Reader
) -> None:
    run(settings, document_id, [])
    first = store.proposals(document_id, limit=4)
    assert [(proposal.page, proposal.reading.confidence) for proposal in first] == [(0, 0.4), (0, 0.8)] * 2
    change = store.take_proposals(document_id, author="ada", but=[first[1].line_id], surer=True)
    assert change
    assert len(change.line_ids) == PAGES * LINES // 2 - 1
    said = [line.text for line in store.get_page(document_id, 0).lines[:4]]
    assert said == ["line 0", "line 1", "line 2", "again"]
    store.drop_proposals(document_id, but=[first[0].line_id])
    assert [proposal.line_id for proposal in store.proposals(document_id)] == [first[0].line_id]
    store.undo(document_id, author="ada")
    assert store.get_page(document_id, 0).lines[3].text == "line 3"


def test_what_a_person_wrote_since_is_no_reading_to_take(
    store: Store, settings: Settings, document_id: str, reader: Reader
) -> None:
    run(settings, document_id, [])
    first, second, third = store.get_page(document_id, 0).lines[:3]
    store.correct_line(first.id, "corrected")
    store.correct_line(second.id, "line 1")
    for line_id in (first.id, second.id):
        assert line_id not in {proposal.line_id for proposal in store.proposals(document_id)}
    assert store.count_proposals(document_id) == PAGES * LINES - 2
    assert store.take_proposals(document_id, [first.id], author="ada") is None
    change = store.take_proposals(document_id, author="ada")
    assert change
    assert len(change.line_ids) == PAGES * LINES - 2
    assert [line.text for line in store.get_page(document_id, 0).lines[:3]] == ["corrected", "line 1", "again"]
    # Asked for once more it counts, and the line is taken for what it says.
    assert [p.line_id for p in propose_readings(store, settings, document_id, 0, line_ids=[first.id])] == [first.id]
    assert third.id not in {proposal.line_id for proposal in store.proposals(document_id)}


def test_a_line_corrected_while_it_is_read_again_is_no_reading_to_take(
    store: Store, settings: Settings, document_id: str, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = store.get_page(document_id, 0).lines[0]
    transcribe = reader.transcribe

    def meanwhile(crops: Sequence[np.ndarray]) -> list[Transcription]:
        store.correct_line(first.id, "corrected")
        return transcribe(crops)

    monkeypatch.setattr(reader, "transcribe", meanwhile)
    assert first.id not in {proposal.line_id for proposal in propose_readings(store, settings, document_id, 0)}
    assert store.count_proposals(document_id) == LINES - 1


def test_a_line_set_back_to_what_was_read_first_is_read_again_when_it_goes_on(
    store: Store, settings: Settings, document_id: str, reader: Reader
) -> None:
    run(settings, document_id, [])
    line_id = store.get_page(document_id, 0).lines[0].id
    store.correct_line(line_id, "corrected")
    store.undo(document_id, author="user")
    assert run(settings, document_id, []) == {"document": document_id, "lines": PAGES * LINES}
    assert reader.lines == PAGES * LINES + 1


@pytest.mark.parametrize("engines", [["other"] * 8, [f"reader {n}" for n in range(8)]], ids=["same", "different"])
def test_only_one_of_those_begun_at_once_goes_on(store: Store, document_id: str, engines: list[str]) -> None:
    def begin(engine: str) -> str:
        try:
            return store.begin_rereading(document_id, engine).id
        except ConflictError:
            return ""

    for _ in range(5):
        with ThreadPoolExecutor(8) as threads:
            begun = list(threads.map(begin, engines))
        tasks = [task for task in store.list_tasks("reread") if task.active]
        assert len(tasks) == 1
        assert set(begun) - {""} == {tasks[0].id}
        store.cancel_task(tasks[0].id)


def test_pages_moved_and_deleted_meanwhile_are_read_once_or_passed_over(
    store: Store, settings: Settings, document_id: str, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second, third = (page.id for page in store.list_pages(document_id))
    transcribe = reader.transcribe

    def arranging(crops: Sequence[np.ndarray]) -> list[Transcription]:
        monkeypatch.setattr(reader, "transcribe", transcribe)
        delete_page(store, second, author="user")
        move_page(store, third, 0, author="user")
        return transcribe(crops)

    monkeypatch.setattr(reader, "transcribe", arranging)
    assert run(settings, document_id, [])["lines"] == (PAGES - 1) * LINES
    assert reader.lines == (PAGES - 1) * LINES

"""Tasks are claimed once, recorded as they go on, cancelled at any time, and taken over from workers that are gone."""

import os
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from pipeline.errors import NotFoundError
from pipeline.store import Store, Task, schema
from pipeline.store.queue import STALE, new_worker_name, now

WANTED = {"model": "crnn", "data": "store"}
HOST = socket.gethostname()


def claimed(store: Store, worker: str = "") -> Task:
    task = store.claim_task(worker or new_worker_name())
    assert task
    return task


def test_a_task_waits_with_what_is_wanted(store: Store) -> None:
    task = store.get_task(store.add_task("adapt", WANTED))
    assert (task.kind, task.wanted, task.state, task.active) == ("adapt", WANTED, "queued", True)
    assert (task.progress, task.curve, task.result, task.started) == (0.0, [], {}, None)


def test_the_oldest_is_claimed_first_and_each_only_once(store: Store) -> None:
    ids = [store.add_task("adapt", WANTED), store.add_task("evaluate", WANTED)]
    worker = new_worker_name()
    assert [claimed(store, worker).id for _ in ids] == ids
    assert store.claim_task(worker) is None


def test_tasks_of_a_kind_are_listed_newest_first(store: Store) -> None:
    first, _, last = (store.add_task(kind, WANTED) for kind in ("adapt", "evaluate", "adapt"))
    assert [task.id for task in store.list_tasks("adapt")] == [last, first]


def test_what_is_recorded_is_seen_by_others(store: Store) -> None:
    task_id = store.add_task("adapt", WANTED)
    task = replace(claimed(store), stage="learn", progress=0.25, curve=[{"loss": 1.5}, {"loss": 0.5}])
    assert store.record_task(task)
    seen = store.get_task(task_id)
    assert (seen.stage, seen.progress, seen.curve) == ("learn", 0.25, [{"loss": 1.5}, {"loss": 0.5}])


@pytest.mark.parametrize("end", ["done", "failed"])
def test_an_end_is_final(store: Store, end: str) -> None:
    task_id = store.add_task("adapt", WANTED)
    task = claimed(store)
    assert store.finish_task(task, {"kept": True}) if end == "done" else store.fail_task(task, "The disk is full.")
    ended = store.get_task(task_id)
    assert (ended.state, ended.active) == (end, False)
    assert (ended.result, ended.error) == (({"kept": True}, "") if end == "done" else ({}, "The disk is full."))
    assert not store.record_task(task)
    store.cancel_task(task_id)
    assert store.get_task(task_id).state == end


def test_nobody_goes_on_with_a_cancelled_task(store: Store) -> None:
    waiting, running = store.add_task("adapt", WANTED), store.add_task("adapt", WANTED)
    store.cancel_task(waiting)
    task = claimed(store)
    assert task.id == running
    store.cancel_task(running)
    assert not store.record_task(task)
    assert not store.finish_task(task, {})
    assert store.claim_task(new_worker_name()) is None
    assert {task.state for task in store.list_tasks("adapt")} == {"cancelled"}


def test_what_came_of_a_task_counts_only_if_nobody_cancelled_it(store: Store) -> None:
    published: list[str] = []
    store.add_task("adapt", WANTED)
    assert store.finish_task(claimed(store), {}, lambda: published.append("done"))
    cancelled = store.add_task("adapt", WANTED)
    task = claimed(store)
    store.cancel_task(cancelled)
    assert not store.finish_task(task, {}, lambda: published.append("cancelled"))
    assert published == ["done"]


def test_a_task_whose_outcome_cannot_be_published_is_not_done(store: Store) -> None:
    def fail() -> None:
        raise OSError("no space left")

    task_id = store.add_task("adapt", WANTED)
    with pytest.raises(OSError, match="no space"):
        store.finish_task(claimed(store), {}, fail)
    assert store.get_task(task_id).state == "running"


def test_a_released_task_is_claimed_again_from_the_start(store: Store) -> None:
    store.add_task("adapt", WANTED)
    task = claimed(store)
    store.record_task(replace(task, progress=0.5, curve=[{"loss": 1.0}]))
    assert store.release_task(task)
    again = claimed(store)
    assert (again.progress, again.curve, again.attempts) == (0.0, [], 1)


OWNERS = {
    "an earlier process with the same id": (f"{HOST}:{os.getpid()}:x", 0, True),
    "a living process on this machine": (f"{HOST}:1:x", 0, False),
    "another machine": ("elsewhere:1:x", 0, False),
    "another machine, silent for long": ("elsewhere:1:x", STALE.total_seconds() + 1, True),
}


@pytest.mark.parametrize(("owner", "silent_s", "taken_over"), OWNERS.values(), ids=OWNERS)
def test_a_running_task_is_taken_over_when_its_worker_is_gone(
    store: Store, owner: str, silent_s: float, taken_over: bool
) -> None:
    store.add_task("adapt", WANTED)
    old = claimed(store, owner)
    with store.writing() as connection:
        connection.execute(update(schema.tasks).values(updated=now() - timedelta(seconds=silent_s)))
    new = store.claim_task(new_worker_name())
    assert (new is not None) is taken_over
    if new:
        assert new.attempts == 2
        assert not store.finish_task(old, {})


def test_an_unknown_task_is_said_to_be(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no such task"):
        store.get_task("0" * 32)

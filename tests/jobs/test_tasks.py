"""Tasks run in processes of their own: followed, stopped, outlived."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines.default import default_model, own_models
from pipeline.jobs import tasks
from pipeline.jobs.tasks import MOST_ATTEMPTS, TaskRunner
from pipeline.settings import Settings
from pipeline.store import Store, Task
from pipeline.store.queue import new_worker_name
from tests.store.helpers import settings_in

TELL = "import json, os, sys, time; tell = lambda **row: print(json.dumps(row), flush=True); "


@pytest.fixture
def stopping(store: Store, tmp_path: Path) -> Iterator[threading.Event]:
    """Set it to stop the runner, which runs from the beginning of the test."""
    stopping = threading.Event()
    runner = TaskRunner(store, settings_in(tmp_path), new_worker_name(), stopping)
    thread = threading.Thread(target=runner.run)
    thread.start()
    yield stopping
    stopping.set()
    thread.join(30)
    assert not thread.is_alive()


def child_is(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let tasks be done by this script."""
    monkeypatch.setattr(tasks, "COMMAND", (sys.executable, "-c", TELL + script))


def until(store: Store, task_id: str, *states: str) -> Task:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        task = store.get_task(task_id)
        if task.state in states:
            return task
        time.sleep(0.02)
    raise AssertionError(f"still {task}")


@pytest.mark.usefixtures("stopping")
def test_what_the_process_tells_is_recorded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    child_is(
        monkeypatch,
        "task = json.load(sys.stdin); tell(stage='learn', progress=0.5); tell(row={'loss': 2.0}); "
        "tell(row={'loss': 1.0}); tell(result={'seen': task, 'data': os.environ['INKLINE_DATA']})",
    )
    task_id = store.add_task("adapt", {"model": "crnn"})
    task = until(store, task_id, "done")
    assert task.curve == [{"loss": 2.0}, {"loss": 1.0}]
    assert task.result["seen"].pop("out").startswith(str(store.blobs.folder.parent / "models" / "."))
    assert task.result["seen"] == {"kind": "adapt", "wanted": {"model": "crnn"}}
    assert task.result["data"] == str(store.blobs.folder.parent)


ENDS = {
    "tell(error='There are too few lines.')": "There are too few lines.",
    "sys.exit(3)": "ended with status 3",
    "os.kill(os.getpid(), 9)": "ended with status -9",
}


@pytest.mark.usefixtures("stopping")
@pytest.mark.parametrize(("script", "error"), ENDS.items(), ids=ENDS.values())
def test_what_goes_wrong_is_said(store: Store, monkeypatch: pytest.MonkeyPatch, script: str, error: str) -> None:
    child_is(monkeypatch, script)
    task_id = store.add_task("adapt", {})
    assert error in until(store, task_id, "failed").error


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


SLEEPER = "tell(row={'pid': os.getpid()}); time.sleep(60)"


def pid_of(store: Store, task_id: str) -> int:
    limit = time.monotonic() + 60
    while not (task := store.get_task(task_id)).curve:
        assert time.monotonic() < limit
        time.sleep(0.02)
    return int(task.curve[0]["pid"])


@pytest.mark.usefixtures("stopping")
def test_cancelling_ends_the_process(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    child_is(monkeypatch, SLEEPER)
    task_id = store.add_task("adapt", {})
    pid = pid_of(store, task_id)
    store.cancel_task(task_id)
    limit = time.monotonic() + 30
    while is_running(pid):
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert store.get_task(task_id).state == "cancelled"


LEARNER = (
    "out = json.load(sys.stdin)['out']; os.makedirs(out); "
    "[open(f'{out}/model.{end}', 'w') for end in ('onnx', 'json')]; "
)
WANTED = {"model": "crnn", "title": "My hand"}


@pytest.mark.usefixtures("stopping")
@pytest.mark.parametrize("kept", [True, False])
def test_a_model_that_is_kept_gets_its_place_and_reads(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    left_over = own_models(settings_in(tmp_path)) / ".left over.new"
    left_over.mkdir(parents=True)
    os.utime(left_over, (time.time() - 90_000,) * 2)
    child_is(monkeypatch, LEARNER + f"tell(result={{'kept': {kept}}})")
    task = until(store, store.add_task("adapt", WANTED), "done")
    settings = settings_in(tmp_path)
    assert (
        default_model(settings)
        == task.result.get("model", "")
        == (str(own_models(settings) / "my-hand") if kept else "")
    )
    until_models_are(settings, ["default.json", "my-hand"] if kept else [])


@pytest.mark.usefixtures("stopping")
def test_a_cancel_in_the_last_moment_switches_nothing_and_leaves_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = Store.finish_task

    def cancelled_just_before(self: Store, task: Task, *rest: Any) -> bool:
        store.cancel_task(task.id)
        return finish(self, task, *rest)

    monkeypatch.setattr(Store, "finish_task", cancelled_just_before)
    child_is(monkeypatch, LEARNER + "tell(result={'kept': True})")
    task_id = store.add_task("adapt", WANTED)
    until(store, task_id, "cancelled")
    until_models_are(settings_in(tmp_path), [])
    assert store.get_task(task_id).state == "cancelled"
    assert default_model(settings_in(tmp_path)) == ""


@pytest.mark.usefixtures("stopping")
def test_a_model_that_cannot_be_made_the_default_is_not_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(name: str, settings: Settings) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tasks, "make_default", full)
    child_is(monkeypatch, LEARNER + "tell(result={'kept': True})")
    assert "can't be kept: No space left" in until(store, store.add_task("adapt", WANTED), "failed").error
    until_models_are(settings_in(tmp_path), ["default.json"])


def until_models_are(settings: Settings, names: list[str]) -> None:
    """Wait for the process to be cleared away; hidden folders count too."""
    limit = time.monotonic() + 30
    while sorted(path.name for path in own_models(settings).glob("*")) != names:
        assert time.monotonic() < limit, list(own_models(settings).glob("*"))
        time.sleep(0.02)


def test_a_stopped_server_puts_the_task_back(
    store: Store, stopping: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    child_is(monkeypatch, SLEEPER)
    task_id = store.add_task("adapt", {})
    pid = pid_of(store, task_id)
    stopping.set()
    assert until(store, task_id, "queued").attempts == 0
    limit = time.monotonic() + 30
    while is_running(pid):
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_a_task_that_keeps_stopping_inkline_is_given_up(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child_is(monkeypatch, "tell(result={})")
    task_id = store.add_task("adapt", {})
    for _ in range(MOST_ATTEMPTS):
        assert store.claim_task(new_worker_name())
    stopping = threading.Event()
    thread = threading.Thread(target=TaskRunner(store, settings_in(tmp_path), new_worker_name(), stopping).run)
    thread.start()
    try:
        assert "several times" in until(store, task_id, "failed").error
    finally:
        stopping.set()
        thread.join(30)

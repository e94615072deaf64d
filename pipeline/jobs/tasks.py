"""Work on models in the background: one task at a time, each in a process of its own.

A process of its own leaves the screens quick, can be stopped at any moment, and gives back all its memory.
"""

import json
import logging
import os
import select
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.engines.default import forget_model, make_default, own_models
from pipeline.models import new_folder, sweep_half_made
from pipeline.settings import ROOT, Settings
from pipeline.store import Store, Task

log = logging.getLogger(__name__)
LOOK_S, SIGN_S = 0.5, 10.0
# A task that ended the process this many times is given up.
MOST_ATTEMPTS = 3
COMMAND = (sys.executable, "-m", "pipeline.jobs.child")


class TaskRunner:
    """Does the store's tasks until `stopping` is set; what it leaves undone is taken up again."""

    def __init__(self, store: Store, settings: Settings, name: str, stopping: threading.Event) -> None:
        self._store, self._settings, self._name, self._stopping = store, settings, name, stopping

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                task = self._store.claim_task(self._name)
                if task is None:
                    self._stopping.wait(LOOK_S)
                elif task.attempts > MOST_ATTEMPTS:
                    self._store.fail_task(task, "This stopped Inkline several times, so it was given up.")
                else:
                    self._do(task)
            except Exception:  # the store itself fails, say on a full disk: the next look may go better
                log.exception("a task could not go on")
                self._stopping.wait(LOOK_S * 10)

    def _do(self, task: Task) -> None:
        log.info("task %s (%s) begins", task.id, task.kind)
        sweep_half_made(self._settings)
        # Hidden from the list of models, and swept in time if the server is killed meanwhile.
        scratch = own_models(self._settings) / f".{uuid.uuid4().hex}.new"
        process = subprocess.Popen(
            COMMAND, cwd=ROOT, env=self._environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        assert process.stdin
        try:
            # A process that ended at once reads nothing; what it ended with is said below.
            with suppress(BrokenPipeError), process.stdin as stdin:
                row = {"kind": task.kind, "wanted": dict(task.wanted), "out": str(scratch / "model")}
                stdin.write(json.dumps(row).encode())
            self._follow(task, process, scratch)
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(scratch, ignore_errors=True)

    def _follow(self, task: Task, process: subprocess.Popen[bytes], scratch: Path) -> None:
        """Record what the process tells until it ends, the task is cancelled, or the server stops."""
        signed = time.monotonic()
        for row in rows_of(process):
            if self._stopping.is_set():
                self._store.release_task(task)
                return
            if "result" in row:
                self._finish(task, row["result"], scratch / "model")
                return
            if "error" in row:
                self._store.fail_task(task, row["error"])
                return
            if "row" in row:
                task = replace(task, curve=[*task.curve, row["row"]])
            elif "progress" in row:
                task = replace(task, stage=row["stage"], progress=row["progress"])
            elif time.monotonic() - signed < SIGN_S and self._store.get_task(task.id).active:
                continue
            signed = time.monotonic()
            if not self._store.record_task(task):
                return
        ended = f"the process ended with status {process.wait()}"
        self._store.fail_task(task, f"Inkline met a fault in this task ({ended}); its log says more.")

    def _finish(self, task: Task, result: dict[str, Any], made: Path) -> None:
        """The task is done. A model it made and kept becomes the default, unless the task was cancelled meanwhile."""
        if not result.get("kept"):
            self._store.finish_task(task, result)
            return
        folder = new_folder(task.wanted["title"], self._settings)

        def publish() -> None:
            made.rename(folder)
            make_default(str(folder), self._settings)

        try:
            self._store.finish_task(task, result | {"model": str(folder)}, publish)
        except Exception as error:
            if not made.exists():  # it was moved, but does not count
                forget_model(str(folder), self._settings)
                shutil.rmtree(folder, ignore_errors=True)
            if not isinstance(error, OSError):
                raise
            self._store.fail_task(task, f"The new model can't be kept: {error.strerror}.")

    def _environment(self) -> dict[str, str]:
        """The server's own settings, whatever they were read from."""
        own = {
            "INKLINE_DATA": str(self._settings.data_dir),
            "DATABASE_URL": self._settings.database_url,
            "INKLINE_MODELS": str(self._settings.models_dir),
        }
        return {**os.environ, **own}


def rows_of(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """What the process tells, row by row, and an empty row whenever it says nothing for a moment."""
    assert process.stdout
    begun = b""
    while True:
        if not select.select([process.stdout], [], [], LOOK_S)[0]:
            yield {}
            continue
        piece = process.stdout.read(2**16)
        if not piece:
            return
        *whole, begun = (begun + piece).split(b"\n")
        yield from map(json.loads, whole)

"""Work on models, one task at a time: claimed by one worker, recorded as it goes on, taken over when it is gone."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from pipeline.errors import NotFoundError
from pipeline.store import schema
from pipeline.store.database import Database
from pipeline.store.queue import is_orphan, now
from pipeline.store.values import Task, TaskKind

_tasks = schema.tasks
FRESH: Mapping[str, Any] = {
    **{"state": "queued", "stage": "", "progress": 0.0, "curve": [], "result": {}, "error": "", "worker": ""},
    **{"attempts": 0, "started": None},
}


class Tasks(Database):
    """Task methods of the store. A worker's writes return False once the task is cancelled or no longer its own."""

    def add_task(self, kind: TaskKind, wanted: Mapping[str, Any]) -> str:
        """Queue a task and return its id."""
        with self.writing() as connection:
            return queue_task(connection, kind, wanted).id

    def get_task(self, task_id: str) -> Task:
        """Raises NotFoundError."""
        with self.reading() as connection:
            row = connection.execute(select(_tasks).where(_tasks.c.id == task_id)).mappings().first()
        if row is None:
            raise NotFoundError("There is no such task.")
        return _task(row)

    def list_tasks(self, kind: TaskKind) -> list[Task]:
        """Newest first."""
        with self.reading() as connection:
            return read_tasks(connection, kind)

    def claim_task(self, worker: str) -> Task | None:
        """Give the oldest queued or orphaned task to this worker; None if there is nothing to do."""
        open_tasks = select(_tasks).where(_tasks.c.state.in_(("queued", "running"))).order_by(_tasks.c.queued)
        with self.reading() as connection:
            tasks = [_task(row) for row in connection.execute(open_tasks).mappings()]
        for task in tasks:
            if task.state == "running" and not is_orphan(task, worker):
                continue
            # The row must still be as we saw it: of two workers one finds it changed and goes on to the next.
            same = (_tasks.c.id == task.id, _tasks.c.state == task.state, _tasks.c.attempts == task.attempts)
            claim = {"state": "running", "worker": worker, "attempts": task.attempts + 1, "started": now()}
            again = {"stage": "", "progress": 0.0, "curve": [], "updated": now()}
            with self.writing() as connection:
                if connection.execute(update(_tasks).where(*same).values(claim | again)).rowcount:
                    return _task(connection.execute(select(_tasks).where(_tasks.c.id == task.id)).mappings().one())
        return None

    def record_task(self, task: Task) -> bool:
        """Write how far a claimed task has come; also a sign that its worker is alive."""
        return self._write(task, {"stage": task.stage, "progress": task.progress, "curve": list(task.curve)})

    def finish_task(self, task: Task, result: Mapping[str, Any], publish: Callable[[], None] = lambda: None) -> bool:
        """The task is done. `publish` makes what came of it count, where nobody can cancel the task any more."""
        return self._write(task, {"state": "done", "progress": 1.0, "result": dict(result)}, publish)

    def fail_task(self, task: Task, error: str) -> bool:
        """The task can't be done; `error` says why in a sentence for people."""
        return self._write(task, {"state": "failed", "error": error})

    def release_task(self, task: Task) -> bool:
        """Put the task back in the queue, for example when the server stops."""
        return self._write(task, {"state": "queued", "worker": "", "attempts": 0})

    def cancel_task(self, task_id: str) -> None:
        """Let nobody go on with the task; one that is done stays done."""
        with self.writing() as connection:
            active = (_tasks.c.id == task_id, _tasks.c.state.in_(("queued", "running")))
            connection.execute(update(_tasks).where(*active).values(state="cancelled", updated=now()))

    def _write(self, task: Task, values: Mapping[str, Any], publish: Callable[[], None] = lambda: None) -> bool:
        mine = (_tasks.c.id == task.id, _tasks.c.worker == task.worker, _tasks.c.state == "running")
        with self.writing() as connection:
            written = connection.execute(update(_tasks).where(*mine).values({"updated": now(), **values})).rowcount > 0
            if written:
                publish()
            return written


def queue_task(connection: Connection, kind: TaskKind, wanted: Mapping[str, Any]) -> Task:
    task_id, time = uuid.uuid4().hex, now()
    row = {**FRESH, "id": task_id, "kind": kind, "wanted": dict(wanted), "queued": time, "updated": time}
    connection.execute(insert(_tasks).values(row))
    return Task(**row)


def read_tasks(connection: Connection, kind: TaskKind) -> list[Task]:
    """Newest first."""
    query = select(_tasks).where(_tasks.c.kind == kind).order_by(_tasks.c.queued.desc(), _tasks.c.id)
    return [_task(row) for row in connection.execute(query).mappings()]


def _task(row: RowMapping) -> Task:
    return Task(**row)

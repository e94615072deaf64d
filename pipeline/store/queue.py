"""The job of each document: claimed by one worker, updated as it reads, taken over when that worker is gone."""

import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, insert, or_, select, update

from pipeline.errors import NotFoundError
from pipeline.store import schema
from pipeline.store.database import Database
from pipeline.store.values import Job, LockedSource, SourceFile, State, Task

# A living worker gives a sign far more often (see jobs.py).
STALE = timedelta(seconds=60)
PROGRESS = (
    *("stage", "page", "pages_done", "pages_total", "lines_done", "lines_total", "lines_read", "seconds_left"),
    *("engine", "engine_reason"),
)
# What a job's row holds before anyone works on it.
FRESH: Mapping[str, Any] = {
    **{"stage": "", "page": 0, "pages_done": 0, "pages_total": 0, "lines_done": 0, "lines_total": 0, "lines_read": 0},
    **{"seconds_left": None, "engine": "", "engine_reason": "", "error": "", "worker": "", "attempts": 0},
    **{"started": None, "wanted_language": ""},
}
_jobs, _pages, _sources = schema.jobs, schema.pages, schema.sources
_documents = schema.documents
NOT_IN_TRASH = exists().where(_documents.c.id == _jobs.c.document_id, _documents.c.deleted.is_(None))
NO_DOCUMENT = "There is no such document. It may have been deleted."


def now() -> datetime:
    return datetime.now(UTC)


def new_worker_name() -> str:
    """A name that says where the worker runs, so that others can see when its process is gone."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"


class Queue(Database):
    """Job methods of the store. A worker's writes return False once the job is no longer its own, or gone."""

    def job_of(self, document_id: str) -> Job:
        """Raises NotFoundError."""
        with self.reading() as connection:
            row = connection.execute(select(_jobs).where(_jobs.c.document_id == document_id)).mappings().first()
        if row is None:
            raise NotFoundError(NO_DOCUMENT)
        return _job(row)

    def claim_job(self, worker: str) -> Job | None:
        """Give the oldest queued or orphaned job to this worker; None if there is nothing to do."""
        open_jobs = select(_jobs).where(_jobs.c.state.in_(("queued", "running")), NOT_IN_TRASH).order_by(_jobs.c.queued)
        with self.reading() as connection:
            rows = connection.execute(open_jobs).mappings().all()
        for job in map(_job, rows):
            if job.state == "running" and not is_orphan(job, worker):
                continue
            # The row must still be as we saw it: of two workers one finds it changed and goes on to the next.
            unchanged = (_jobs.c.state == job.state, _jobs.c.worker == job.worker, _jobs.c.attempts == job.attempts)
            time = now()
            claim = {"state": "running", "worker": worker, "attempts": job.attempts + 1, "updated": time}
            with self.writing() as connection:
                statement = update(_jobs).where(_jobs.c.id == job.id, *unchanged, NOT_IN_TRASH)
                if connection.execute(statement.values(claim | {"started": job.started or time})).rowcount:
                    row = connection.execute(select(_jobs).where(_jobs.c.id == job.id)).mappings().one()
                    return _job(row)
        return None

    def update_job(self, job: Job) -> bool:
        """Write the progress fields of a claimed job."""
        with self.writing() as connection:
            return write_progress(connection, job)

    def keep_alive(self, job: Job) -> bool:
        """Sign that the worker still works on the job."""
        with self.writing() as connection:
            return _write(connection, job, {})

    def finish_job(self, job: Job, *, files: int | None = None) -> bool:
        """All pages are stored. False also if a page is to be read again, or there are not `files` files any more."""
        with self.writing() as connection:
            more = connection.execute(select(_pages.c.id).where(_is_unread(job.document_id))).first()
            done = {"state": "done", "stage": "", "seconds_left": None, "error": ""}
            if more or not _has_files(connection, job, files) or not _write(connection, job, done):
                return False
            _forget_passwords(connection, job.document_id)
            return True

    def count_pages(self, job: Job, counts: Sequence[int]) -> bool:
        """Write down how many pages there are in each of the document's files, in order."""
        with self.writing() as connection:
            if not write_progress(connection, job):
                return False
            for position, pages in enumerate(counts):
                here = (_sources.c.document_id == job.document_id, _sources.c.position == position)
                connection.execute(update(_sources).where(*here).values(pages=pages))
            return True

    def fail_job(self, job: Job, error: str, *, files: int | None = None) -> bool:
        """The job can't go on; `error` says why, for people. False also if there are not `files` files any more."""
        failed = {"state": "failed", "seconds_left": None, "error": error}
        with self.writing() as connection:
            if not _has_files(connection, job, files) or not _write(connection, job, failed):
                return False
            _forget_passwords(connection, job.document_id)
            return True

    def release_job(self, job: Job) -> bool:
        """Put the job back in the queue, for example when the server stops."""
        with self.writing() as connection:
            return _write(connection, job, {"state": "queued", "worker": "", "attempts": 0})

    def ask_for_password(self, job: Job, locked: list[int], error: str) -> bool:
        """Wait until `retry_job` brings a password for the sources at these positions."""
        values = {"state": "needs_password", "worker": "", "attempts": 0, "error": error}
        with self.writing() as connection:
            if not _write(connection, job, values):
                return False
            for position in locked:
                here = (_sources.c.document_id == job.document_id, _sources.c.position == position)
                connection.execute(update(_sources).where(*here).values(locked=True, password=""))
            return True

    def retry_job(self, document_id: str, *, password: str = "") -> None:
        """Queue a job again that failed, waits for a password, or left pages unread; only those pages are read.

        Lines and figures that someone drew on a page that could not be read stay on it. The password is tried on
        the files that are still locked. Raises NotFoundError, also for a document in the trash.
        """
        state = self.job_of(document_id).state
        with self.writing() as connection:
            if (
                connection.execute(select(_jobs.c.id).where(_jobs.c.document_id == document_id, NOT_IN_TRASH)).first()
                is None
            ):
                raise NotFoundError(NO_DOCUMENT)
            # A page that was turned is read from its picture; of others without a file there is nothing to read.
            source = or_(_pages.c.origin.is_not(None), _pages.c.turned.is_not(None))
            bad = (_pages.c.document_id == document_id, _pages.c.error != "", source)
            any_bad = connection.execute(select(_pages.c.id).where(*bad)).first()
            if state in ("queued", "running") or (state == "done" and not any_bad):
                return
            again = {"state": "queued", "stage": "", "worker": "", "attempts": 0, "error": "", "updated": now()}
            here = (_jobs.c.document_id == document_id, _jobs.c.state == state)
            if not connection.execute(update(_jobs).where(*here).values(again)).rowcount:
                return
            connection.execute(update(_pages).where(*bad).values(unread=True))
            if password:
                locked = (_sources.c.document_id == document_id, _sources.c.locked)
                connection.execute(update(_sources).where(*locked).values(locked=False, password=password))

    def sources_of(self, document_id: str) -> list[LockedSource]:
        """The files of a document in order."""
        query = select(_sources).where(_sources.c.document_id == document_id).order_by(_sources.c.position)
        with self.reading() as connection:
            rows = connection.execute(query).all()
        return [LockedSource(SourceFile(row.blob, row.name), row.password, row.locked, row.pages) for row in rows]


def add_job(connection: Connection, document_id: str, state: State, **fields: str | int) -> None:
    """A job's row; `fields` are columns of the table."""
    time = now()
    row = {**FRESH, "id": uuid.uuid4().hex, "document_id": document_id, "state": state, "queued": time, "updated": time}
    connection.execute(insert(_jobs).values(row | fields))


def queue_unread(connection: Connection, document_id: str) -> None:
    """Queue a job again that has ended, if there are pages to be read again."""
    if connection.execute(select(_pages.c.id).where(_is_unread(document_id))).first():
        queue_again(connection, document_id)


def queue_again(connection: Connection, document_id: str) -> None:
    """Queue a job again that has ended. One that is under way looks for more to read before it ends."""
    again = {"state": "queued", "stage": "", "worker": "", "attempts": 0, "error": "", "updated": now()}
    ended = (_jobs.c.document_id == document_id, _jobs.c.state.in_(("done", "failed")))
    connection.execute(update(_jobs).where(*ended).values(again))


def _is_unread(document_id: str) -> ColumnElement[bool]:
    return and_(_pages.c.document_id == document_id, _pages.c.unread, _pages.c.number >= 0)


def _has_files(connection: Connection, job: Job, files: int | None) -> bool:
    """Whether a job's document has so many files; None stands for any number."""
    there = select(func.count()).where(_sources.c.document_id == job.document_id)
    return files is None or connection.execute(there).scalar_one() == files


def _forget_passwords(connection: Connection, document_id: str) -> None:
    connection.execute(update(_sources).where(_sources.c.document_id == document_id).values(password=""))


def write_progress(connection: Connection, job: Job) -> bool:
    return _write(connection, job, {name: getattr(job, name) for name in PROGRESS})


def _write(connection: Connection, job: Job, values: Mapping[str, Any]) -> bool:
    mine = (_jobs.c.id == job.id, _jobs.c.worker == job.worker, _jobs.c.state == "running")
    return connection.execute(update(_jobs).where(*mine).values({"updated": now(), **values})).rowcount > 0


def is_orphan(job: Job | Task, claimant: str) -> bool:
    """Whether a running job's worker is gone: silent for long, or its process on this machine has ended."""
    if job.updated < now() - STALE:
        return True
    host, pid, _ = job.worker.split(":")
    own_host, own_pid, _ = claimant.split(":")
    if host != own_host:
        return False
    # A restarted container gives the same process id again, and a process runs one worker.
    if pid == own_pid:
        return job.worker != claimant
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _job(row: RowMapping) -> Job:
    return Job(**row)

"""The worker: one thread that reads queued documents, one at a time, and one that lets models learn."""

import logging
import threading

from pipeline.jobs.reading import Reading, Steps, StoppedError
from pipeline.jobs.tasks import TaskRunner
from pipeline.settings import Settings
from pipeline.store import Job, Store
from pipeline.store.library import KEEP
from pipeline.store.queue import new_worker_name

log = logging.getLogger(__name__)
# How often to look for new documents, and to sign that a job is still worked on (see STALE in store/queue.py).
LOOK_S, SIGN_S = 0.5, 10.0


class Worker:
    """Works between `start` and `stop`. What it leaves undone, it or another process takes up again."""

    def __init__(self, store: Store, settings: Settings, steps: Steps | None = None) -> None:
        self.name = new_worker_name()
        self._store, self._settings, self._steps = store, settings, steps or Steps()
        self._stopping = threading.Event()
        self._job: Job | None = None
        self._threads: list[threading.Thread] = []

    @property
    def alive(self) -> bool:
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        """Begin to work; a second call changes nothing."""
        if self.alive:
            return
        self._stopping.clear()
        # Daemons, so that a reader deep in a page does not keep a stopped server alive.
        tasks = TaskRunner(self._store, self._settings, self.name, self._stopping)
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._work, self._sign, tasks.run)]
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Put the job at hand back into the queue, as soon as its current step is done, and end."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout_s)

    def _work(self) -> None:
        self._sweep()
        while not self._stopping.is_set():
            try:
                self._job = self._store.claim_job(self.name)
                if self._job is None:
                    self._stopping.wait(LOOK_S)
                    continue
                self._read(self._job)
            except Exception:  # the store itself fails, say on a full disk: the next look may go better
                log.exception("the worker could not go on")
                self._stopping.wait(LOOK_S * 10)
            finally:
                self._job = None

    def _read(self, job: Job) -> None:
        log.info("reading document %s (%s pages done)", job.document_id, job.pages_done)
        try:
            Reading(job, self._store, self._settings, self._steps, self._stopping).run()
        except StoppedError:
            # Stopped, or the document was deleted; then there is nothing to release.
            self._store.release_job(job)
        except Exception as error:
            log.exception("document %s could not be read", job.document_id)
            self._store.fail_job(job, f"Inkline met a fault while reading: {error or type(error).__name__}.")

    def _sign(self) -> None:
        while not self._stopping.wait(SIGN_S):
            job = self._job
            try:
                if job:
                    self._store.keep_alive(job)
            except Exception:
                log.exception("the worker could not sign its job")

    def _sweep(self) -> None:
        try:
            self._store.empty_trash(older_than=KEEP)
            self._store.sweep_blobs()
        except Exception:
            log.exception("files of unfinished uploads could not be removed")

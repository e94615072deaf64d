"""A store of its own for each test, and a worker that reads what comes into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.jobs import Worker
from pipeline.store import Store
from tests.jobs.helpers import worker_on
from tests.store.helpers import store_in


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path)


@pytest.fixture
def worker(store: Store, tmp_path: Path) -> Iterator[Worker]:
    worker = worker_on(store, tmp_path)
    worker.start()
    yield worker
    worker.stop()

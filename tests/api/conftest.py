"""The API over a real store, with a worker whose reader is a stand-in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from pipeline.api.app import create_app
from pipeline.api.deps import Services
from pipeline.settings import Settings
from pipeline.store import Store
from tests.jobs.helpers import worker_on
from tests.store.helpers import settings_in, store_in


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(settings_in(tmp_path), max_file_mb=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path)


@pytest.fixture
def client(store: Store, settings: Settings, tmp_path: Path) -> Iterator[TestClient]:
    worker = worker_on(store, tmp_path)
    worker.start()
    with TestClient(create_app(Services(settings, store, worker))) as client:
        yield client
    worker.stop()


@pytest.fixture
def resting(store: Store, settings: Settings, tmp_path: Path) -> Iterator[TestClient]:
    """The API with a worker that does nothing, so that tasks wait."""
    with TestClient(create_app(Services(settings, store, worker_on(store, tmp_path)))) as client:
        yield client

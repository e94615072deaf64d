"""A store of its own for each test."""

from pathlib import Path

import pytest

from pipeline.store import Store
from tests.store.helpers import store_in


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path)

from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.store import Store
from tests.store.helpers import settings_in, store_in


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path)

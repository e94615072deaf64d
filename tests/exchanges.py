"""What the tests of exchange share."""

from pathlib import Path

from pipeline.document import Document
from pipeline.exchange import import_transcribed
from pipeline.store import Store
from tests.store.helpers import settings_in


def imported(path: Path, store: Store, tmp_path: Path) -> Document:
    return store.get_document(import_transcribed(path, store, settings_in(tmp_path)).document_id)

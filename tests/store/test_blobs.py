"""The folder of files kept by content."""

import hashlib
import io
import os
from pathlib import Path

import pytest

from pipeline.document import Document
from pipeline.errors import NotFoundError
from pipeline.store.blobs import Blobs
from tests.store.helpers import page, picture, store_in


class BrokenUpload(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise OSError("the line went dead")


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_bytes_are_kept_once_under_their_hash(tmp_path: Path) -> None:
    blobs, digest = Blobs(tmp_path), hashlib.sha256(b"ink").hexdigest()
    keys = {blobs.put(b"ink", ".PNG"), blobs.put(b"ink", "png"), blobs.put_stream(io.BytesIO(b"ink"), ".png")}
    assert keys == {digest + ".png"}
    assert files_in(tmp_path) == [tmp_path / digest[:2] / f"{digest[2:]}.png"]
    assert blobs.get(keys.pop()) == b"ink"


@pytest.mark.parametrize("suffix", ["", ".", "./../x", ".tar/gz", ".much-too-long-a-suffix", ".é"])
def test_a_suffix_that_could_lead_elsewhere_is_left_off(tmp_path: Path, suffix: str) -> None:
    assert Blobs(tmp_path).put(b"ink", suffix) == hashlib.sha256(b"ink").hexdigest()


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "a" * 63, "a" * 64 + "/..", "A" * 64, "a" * 64 + ".png\n"])
def test_what_is_no_key_is_not_looked_for(tmp_path: Path, key: str) -> None:
    with pytest.raises(NotFoundError):
        Blobs(tmp_path).path(key)


def test_a_missing_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="missing from the store"):
        Blobs(tmp_path).get("a" * 64 + ".png")


def test_an_upload_that_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="went dead"):
        Blobs(tmp_path).put_stream(BrokenUpload(), ".pdf")  # type: ignore[arg-type]
    assert files_in(tmp_path) == []


def test_uploads_that_never_became_documents_are_swept_after_a_day(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    document_id = store.create_finished_document(Document("kept", (page(),)), [picture()])
    old, new = store.put_blob(b"left yesterday", ".png"), store.put_blob(b"left just now", ".png")
    broken = store.blobs.folder / "new-broken"
    broken.write_bytes(b"")
    for path in (store.blob_path(old), broken, store.blob_path(store.get_page(document_id, 0).image)):
        os.utime(path, (0, 0))
    assert store.sweep_blobs() == 2
    assert not store.blobs.holds(old)
    assert not broken.exists()
    assert store.blobs.holds(new)
    assert store.get_blob(store.get_page(document_id, 0).image) == picture()

"""Files kept by what is in them: data_dir/blobs/ab/cdef....png for the SHA-256 abcdef...."""

import hashlib
import io
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import NotFoundError

PIECE = 2**20
KEY = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]{1,8})?")


class Blobs:
    """A folder of unchanging files. A key is the content's SHA-256 and a suffix ("9f...e1.jpg")."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes, suffix: str) -> str:
        """Keep the bytes and return their key; the same bytes are kept once."""
        key = hashlib.sha256(data).hexdigest() + _clean_suffix(suffix)
        return key if self.holds(key) else self.put_stream(io.BytesIO(data), suffix)

    def put_stream(self, stream: BinaryIO, suffix: str) -> str:
        """Keep what a file or upload holds, a piece at a time, and return its key."""
        digest = hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix="new-", delete=False) as file:
            path = Path(file.name)
            try:
                while piece := stream.read(PIECE):
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                # A power cut leaves either no file or the whole one under its key.
                os.fsync(file.fileno())
                key = digest.hexdigest() + _clean_suffix(suffix)
                target = self.path(key)
                target.parent.mkdir(exist_ok=True)
                path.replace(target)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        _sync_folder(target.parent)
        return key

    def get(self, key: str) -> bytes:
        """The bytes under a key. Raises NotFoundError."""
        try:
            return self.path(key).read_bytes()
        except FileNotFoundError:
            raise NotFoundError("A picture or file of this document is missing from the store.") from None

    def holds(self, key: str) -> bool:
        return self.path(key).is_file()

    def path(self, key: str) -> Path:
        """Where the file of a key lies. Raises NotFoundError for what can't be a key."""
        if not KEY.fullmatch(key):
            raise NotFoundError(f"{key!r} is not the key of a stored file.")
        return self.folder / key[:2] / key[2:]

    def remove(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def older_than(self, seconds: float) -> Iterator[Path]:
        """Files that have lain here for longer, unfinished ones included."""
        newest = time.time() - seconds
        for path in self.folder.rglob("*"):
            if path.is_file() and path.stat().st_mtime < newest:
                yield path

    def key_of(self, path: Path) -> str:
        """The inverse of `path`."""
        return path.parent.name + path.name


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clean_suffix(suffix: str) -> str:
    """ ".JPG" -> ".jpg"; what could not stand in a key is left off."""
    suffix = "." + suffix.lower().lstrip(".")
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""

"""Files kept by what is in them: data_dir/blobs/ab/cdef....png for the SHA-256 abcdef...."""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import NotFoundError

KEY = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]{1,8})?")


class Blobs:
    """A folder of unchanging files. A key is the content's SHA-256 and a suffix ("9f...e1.jpg")."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes, suffix: str) -> str:
        """Keep the bytes and return their key; the same bytes are kept once."""
        key = hashlib.sha256(data).hexdigest() + _clean_suffix(suffix)
        if not self.holds(key):
            handle, name = tempfile.mkstemp(dir=self.folder, prefix="new-")
            with open(handle, "wb") as file:
                file.write(data)
            self._move_in(Path(name), key)
        return key

    def put_file(self, path: Path, suffix: str) -> str:
        """Take in a finished file of the same file system, by moving it, without reading it into memory."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        key = digest + _clean_suffix(suffix)
        if self.holds(key):
            path.unlink()
        else:
            self._move_in(path, key)
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

    def _move_in(self, path: Path, key: str) -> None:
        # A power cut leaves either no file or the whole one under the final name.
        with path.open("rb") as file:
            os.fsync(file.fileno())
        target = self.path(key)
        target.parent.mkdir(exist_ok=True)
        path.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _clean_suffix(suffix: str) -> str:
    """ ".JPG" -> ".jpg"; what could not stand in a key is left off."""
    suffix = "." + suffix.lower().lstrip(".")
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""

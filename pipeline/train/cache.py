"""An LMDB file with every line of a training run: read once from wherever it lies, then from one place.

It is written under another name and moved to its own when it is whole, and never changed after: any number of
processes read it without locks. A line is its grey pixels packed by zlib, or its pen strokes, which are drawn afresh.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lmdb
import numpy as np

from pipeline.errors import ExportError
from pipeline.train.sources import BadRow, Mode, Read, Sample, read_lines
from pipeline.train.sources.confirmed import fingerprint as store_fingerprint
from pipeline.train.sources.confirmed import is_store
from pipeline.train.sources.pictures import Packed, pack, unpack
from pipeline.train.strokes import PenStrokes

VERSION = 1  # goes up when what is stored changes
ABOUT, MARK = b"about", b"fingerprint"
FIRST_SIZE = 1 << 28
AT_ONCE = 256
STALE_S = 24 * 3600
# Caches that are open, with the process that opened them.
_environments: dict[tuple[Path, str], tuple[int, lmdb.Environment]] = {}


@dataclass(frozen=True, slots=True)
class Cached:
    """A line in the cache file. `fingerprint` is the file's, so that no line of another cache is taken for it."""

    file: Path
    fingerprint: str
    key: int
    wide: int
    down: int
    across: int
    drawn: bool

    def read(self, rng: np.random.Generator) -> np.ndarray:
        """Raises OSError if the cache is not there any more, or is another one."""
        environment = _opened(self.file, self.fingerprint)
        with environment.begin(buffers=True) as transaction:
            found = transaction.get(_key(self.key))
            if found is None:
                raise OSError(f"{self.file} lacks line {self.key}")
            data = bytes(found)
        if not self.drawn:
            return unpack(data, self.across, self.down)
        return _strokes(data).read(rng)

    def width(self) -> int:
        return self.wide


def cached_lines(sources: Sequence[str], mode: Mode, file: Path) -> list[Read]:
    """What `read_lines` gives for each source, with pictures from the cache `file`, which is made where needed.

    A cache of other sources, or of files that have changed since, is made anew. Pictures are decoded while it is
    made: those that can't be are bad rows. Raises SourceError as `read_lines` does, ExportError if it can't be written.
    """
    file = file.absolute()
    mark = fingerprint(sources, mode)
    reads = _load(file, mark)
    if reads is None:
        try:
            _write(file, mark, [read_lines(source, mode) for source in sources])
        except (OSError, lmdb.Error) as error:
            raise ExportError(f"The cache {file} can't be written: {error}.") from error
        reads = _load(file, mark)
        if reads is None:
            raise ExportError(f"The cache {file} can't be read back. Is another run writing it?")
    return reads


def fingerprint(sources: Sequence[str], mode: Mode) -> str:
    """A hash of which files the sources hold, how large they are and when they were changed; reads none of them."""
    digest = hashlib.sha256(f"{VERSION} {mode}".encode())
    for source in sources:
        digest.update(f"\0{source}\0".encode("utf-8", "surrogateescape"))
        if is_store(source):
            digest.update(store_fingerprint(source).encode())
        else:
            digest.update(str(Path(source).resolve()).encode("utf-8", "surrogateescape"))
            for name, size, changed in sorted(_files(source)):
                digest.update(f"\0{name}\0{size} {changed}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    """Path, size and time of change (ns) of every file below a folder; nothing where it can't be opened."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    yield from _files(entry.path)
                elif entry.is_file():
                    status = entry.stat()
                    yield entry.path, status.st_size, status.st_mtime_ns
    except OSError:
        return


def _write(file: Path, mark: str, reads: list[Read]) -> None:
    """Make the cache beside its place and move it there. Raises OSError and lmdb.Error."""
    for left_over in file.parent.glob(f".{file.name}.*"):
        if time.time() - left_over.stat().st_mtime > STALE_S:
            left_over.unlink(missing_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    environment = lmdb.open(str(part), subdir=False, map_size=FIRST_SIZE, lock=False, sync=False)
    try:
        about: list[dict[str, Any]] = []
        pending: list[tuple[bytes, bytes]] = []
        key = 0
        for read in reads:
            rows, bad = [], list(read.bad)
            for sample in read.samples:
                try:
                    row, data = _row(sample)
                except OSError as error:
                    bad.append(BadRow(sample.name, "", str(error)))
                    continue
                rows.append([key, *row])
                pending.append((_key(key), data))
                key += 1
                if len(pending) == AT_ONCE:
                    _put(environment, pending)
                    pending = []
            told = [[str(row.file), row.row, row.reason] for row in bad]
            about.append({"samples": rows, "bad": told})
        _put(environment, [*pending, (ABOUT, json.dumps(about).encode()), (MARK, mark.encode())])
        environment.sync(True)
    finally:
        environment.close()
    os.replace(part, file)


def _row(sample: Sample) -> tuple[list[Any], bytes]:
    """What the table of contents says of a sample, and its data. Raises OSError on a picture that can't be read."""
    words = [sample.text, sample.writer, sample.group, sample.name]
    picture = sample.picture
    if isinstance(picture, PenStrokes):
        data = picture.steps.astype("<i2").tobytes() + picture.pen_up.astype(np.uint8).tobytes()
        return [*words, picture.width(), 0, 0, True], data
    packed = picture if isinstance(picture, Packed) else pack(picture.read(np.random.default_rng(0)))
    return [*words, packed.width(), packed.down, packed.across, False], packed.data


def _put(environment: lmdb.Environment, pairs: list[tuple[bytes, bytes]]) -> None:
    """Store pairs in one transaction, with twice the room whenever it does not suffice."""
    while True:
        try:
            with environment.begin(write=True) as transaction:
                for key, data in pairs:
                    transaction.put(key, data)
            return
        except lmdb.MapFullError:
            environment.set_mapsize(2 * environment.info()["map_size"])


def _load(file: Path, mark: str) -> list[Read] | None:
    """The cache's contents, or None if there is none with this fingerprint."""
    try:
        environment = _opened(file, mark)
        with environment.begin() as transaction:
            about = json.loads(transaction.get(ABOUT) or b"[]")
    except OSError:
        return None
    reads = []
    for part in about:
        samples = [
            Sample(text, writer, group, Cached(file, mark, key, wide, down, across, drawn), name)
            for key, text, writer, group, name, wide, down, across, drawn in part["samples"]
        ]
        reads.append(Read(samples, [BadRow(*row) for row in part["bad"]]))
    return reads


def _opened(file: Path, mark: str) -> lmdb.Environment:
    """The cache, opened once a process. Raises OSError if it is not there or was made of other lines."""
    process, environment = _environments.get((file, mark), (0, None))
    if environment is not None and process == os.getpid():
        return environment
    if environment is not None:
        environment.close()  # the parent's: an LMDB must not be used across a fork, nor opened twice
    try:
        # Lines are read in random order: reading ahead would fetch what is not asked for.
        environment = lmdb.open(str(file), subdir=False, readonly=True, lock=False, readahead=False, max_dbs=0)
        with environment.begin() as transaction:
            found = transaction.get(MARK)
    except lmdb.Error as error:
        raise OSError(f"The cache {file} can't be read ({error})") from error
    if found != mark.encode():
        environment.close()
        raise OSError(f"The cache {file} was made of other lines")
    _environments[file, mark] = os.getpid(), environment
    return environment


def _key(number: int) -> bytes:
    return b"%08d" % number


def _strokes(data: bytes) -> PenStrokes:
    count = len(data) // 5  # two steps of two bytes and one flag a point
    steps = np.frombuffer(data, "<i2", 2 * count).reshape(count, 2)
    return PenStrokes(steps, np.frombuffer(data, np.uint8, count, 4 * count))

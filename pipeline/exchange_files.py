"""What comes in from outside as files of a folder: uploads, zips, single files."""

import filecmp
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO, NamedTuple

from pipeline.errors import LimitError, SourceError, UnreadableFileError
from pipeline.settings import Settings
from pipeline.train.sources.pages import SUFFIXES

# Of a zip's entries; a hundred times is more than text and pictures ever shrink.
MOST_GROWTH = 100
MOST_FILES_A_PAGE = 4
LONGEST_NAME = 255  # bytes, in most file systems
WANTED = (".xml", ".pdf", *SUFFIXES)
# What zipfile raises for archives that are broken (the first five), encrypted, or packed in ways that it doesn't know.
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError)


class Contents(Sequence[bytes]):
    """The contents of files, read one at a time when asked for; of none, nothing."""

    def __init__(self, paths: Sequence[Path | None]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        path = self._paths[index]
        return b"" if path is None else path.read_bytes()


class Upload(NamedTuple):
    """What makes a document: where it lies, what messages call it, and the document's name."""

    path: Path
    called: str
    name: str


@contextmanager
def uploads(files: Sequence[tuple[str, BinaryIO]]) -> Iterator[list[Upload]]:
    """Uploads by their file names.

    Each zip is a document of its own, all other files together are one; they are gone when the context ends. Raises
    SourceError for two different files of one name, as nobody could tell which of them is meant, and for names that are
    too long.
    """
    with TemporaryDirectory(prefix="inkline-") as folder:
        loose = Path(folder) / "loose"
        loose.mkdir()
        sources: list[Upload] = []
        singles: list[Path] = []
        for number, (given, stream) in enumerate(files):
            name = Path(given).name or "upload"
            if len(name.encode("utf-8", "replace")) > LONGEST_NAME:
                raise SourceError(
                    f"The name “{name[:60]}…” is too long, so nothing is taken in. Give the file a shorter one."
                )
            is_zip = name.lower().endswith(".zip")
            path = Path(folder) / (f"{number}.zip" if is_zip else f"{number}.upload")
            with path.open("wb") as file:
                shutil.copyfileobj(stream, file)
            if is_zip:
                sources.append(Upload(path, name, document_name(Path(name))))
                continue
            kept = loose / name
            if kept.exists() and not filecmp.cmp(kept, path, shallow=False):
                raise SourceError(
                    f"Two different files are called {name}, so nothing is taken in. "
                    "Put them into a zip, each in a folder of its own."
                )
            path.replace(kept)
            singles.append(kept)
        if singles:
            pages = {file for file in singles if file.suffix.lower() == ".xml"}
            path = pages.pop() if len(pages) == 1 else loose
            called = singles[0].name if len({*singles}) == 1 else "these files" if path == loose else path.name
            sources.append(Upload(path, called, document_name(singles[0])))
        yield sources


@contextmanager
def opened(path: Path, settings: Settings, called: str) -> Iterator[tuple[Path, list[Path]]]:
    """A folder and its XML files, page 2 before page 10; a zip is unpacked for as long as it is needed.

    `called` is its name in messages.
    """
    if path.is_dir():
        yield path, _xml_files(path)
    elif not path.is_file():
        raise SourceError(f"{path} is not there.")
    elif not zipfile.is_zipfile(path):
        if path.suffix.lower() == ".zip":
            raise UnreadableFileError(f"{called} is no zip, though its name says so.")
        yield path.parent, [path]
    else:
        with TemporaryDirectory(prefix="inkline-") as name:
            # A level down: pictures are looked for one folder above their XML, too, which must be ours.
            unpacked = Path(name) / "files"
            unpacked.mkdir()
            _unpack(path, unpacked, settings, called)
            yield unpacked, _xml_files(unpacked)


def document_name(path: Path) -> str:
    """A name without what our own exports put after it."""
    return path.name if path.is_dir() else re.sub(r"\.(page|alto)$", "", path.stem)


def _xml_files(folder: Path) -> list[Path]:
    def key(file: Path) -> list[tuple[int, str]]:
        parts = re.split(r"(\d+)", str(file.relative_to(folder)))
        return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]

    return sorted((file for file in folder.rglob("*") if file.suffix.lower() == ".xml" and file.is_file()), key=key)


def _unpack(path: Path, folder: Path, settings: Settings, called: str) -> None:
    """Only XML and pictures, and no more than the limits allow; names can't lead out of the folder."""
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = [
                entry
                for entry in archive.infolist()
                if PurePosixPath(entry.filename).suffix.lower() in WANTED
                and not entry.is_dir()
                and not entry.filename.startswith("__MACOSX/")  # what a Mac adds to each file
            ]
            if len(wanted) > MOST_FILES_A_PAGE * settings.max_pages:
                raise LimitError(f"{called} holds {len(wanted):,} files, which is more than can be taken.")
            size, packed = sum(entry.file_size for entry in wanted), path.stat().st_size
            if size > max(MOST_GROWTH * packed, 2**20) or size > 4 * settings.max_file_mb * 2**20:
                raise LimitError(f"{called} unpacks to {size / 2**20:.0f} MB, which is more than can be taken.")
            for entry in wanted:
                archive.extract(entry, folder)
    except DAMAGED_ZIP as error:
        raise UnreadableFileError(f"{called} can't be unpacked: {error}.") from error

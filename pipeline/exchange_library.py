"""The whole library, or a part of it, as one archive, and back into another store.

The archive holds `library.json`, a list of documents and, with the whole library, of the words in the user's
dictionary, and of each document a folder with `document.json` (see export/json.py) and the pictures of its pages.
History, the files that were read, and readings nobody has taken stay behind.
"""

import json
import logging
import re
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from PIL import Image

from pipeline.document import Document
from pipeline.errors import InklineError, LimitError, NotFoundError, SpellingError, UnreadableFileError
from pipeline.exchange_files import DAMAGED_ZIP, Contents
from pipeline.exchange_json import read_document
from pipeline.export import FORMATS
from pipeline.export.pictures import Pictures, white_picture
from pipeline.export.xml_parts import stem_of
from pipeline.settings import Settings
from pipeline.store import DocumentSummary, Store
from pipeline.store.pictures import pictures_of

log = logging.getLogger(__name__)

INDEX = "library.json"
VERSION = 1
LARGEST_TEXT = 200 * 2**20


@dataclass(frozen=True, slots=True)
class Imported:
    """A new document, and a sentence about each file of it that could not be taken."""

    document_id: str
    name: str
    pages: int
    lines: int
    problems: tuple[str, ...] = ()


def write_library(file: BinaryIO, store: Store, ids: Sequence[str] = ()) -> list[str]:
    """Write the archive of these documents, or of all that have pages, in the order of the library.

    One page at a time is in memory. Returns a sentence for each picture that is lost. Raises NotFoundError for an
    unknown id, and if there is nothing.
    """
    wanted = {store.get_summary(document_id).id for document_id in ids}
    summaries = [found for found in store.list_documents() if (found.id in wanted if ids else found.pages)]
    if not summaries:
        raise NotFoundError("There are no documents to export yet.")
    lost: list[str] = []
    index: list[dict[str, Any]] = []
    pictures = pictures_of(store)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        # The oldest first, so that they come back in the order in which they were made.
        for number, summary in enumerate(reversed(summaries), 1):
            folder = f"documents/{number:04}"
            lost += _write_document(archive, folder, store.get_document(summary.id), pictures)
            index.append(_entry(folder, summary))
        words = [] if ids else store.list_words()
        listing = {"inkline_library": VERSION, "documents": index, "dictionary": words}
        archive.writestr(INDEX, json.dumps(listing, ensure_ascii=False, indent=1))
    return lost


def _entry(folder: str, summary: DocumentSummary) -> dict[str, Any]:
    created = summary.created.isoformat(timespec="seconds")
    return {"folder": folder, "name": summary.name, "created": created, "tags": list(summary.tags)}


def _write_document(archive: zipfile.ZipFile, folder: str, document: Document, pictures: Pictures) -> list[str]:
    lost: list[str] = []
    with archive.open(f"{folder}/document.json", "w", force_zip64=True) as file:
        FORMATS["json"].write(document, pictures, file)  # type: ignore[arg-type]
    for page in document.pages:
        if not page.image:
            continue
        try:
            picture = pictures.read(page)
        except InklineError as error:
            lost.append(f"{document.name}: page {page.index + 1} goes without its picture. {error}")
            continue
        archive.writestr(f"{folder}/{stem_of(page)}{Path(page.image).suffix}", picture, zipfile.ZIP_STORED)
    return lost


def is_library(path: Path) -> bool:
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return INDEX in archive.namelist()
    except DAMAGED_ZIP:  # which is said when it is unpacked
        return False


def import_library(path: Path, store: Store, settings: Settings, called: str) -> list[Imported]:
    """Make a document of each in an archive that `write_library` made; none takes the place of another.

    A document that can't be taken is told among the problems of the first one that can. Raises UnreadableFileError or
    LimitError if none can, and names the archive as `called` then.
    """
    taken: list[Imported] = []
    problems: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            entries, words = _listing(archive, called)
            files = _files_by_folder(archive)
            for folder, name, tags in entries:
                try:
                    imported = _import_document(archive, folder, files[folder], store, settings)
                    store.set_tags(imported.document_id, tags)
                    taken.append(imported)
                except Exception as error:  # one odd document must not lose the others
                    log.debug("importing %s of %s", folder, path, exc_info=True)
                    is_told = isinstance(error, (InklineError, *DAMAGED_ZIP))
                    reason = str(error) if is_told else f"it met a fault in Inkline ({type(error).__name__}: {error})"
                    problems.append(f"{name or folder} was not taken in: {reason}".rstrip(".") + ".")
            for word in words if taken else ():
                try:
                    store.add_word(word)
                except SpellingError as error:
                    problems.append(str(error))
    except DAMAGED_ZIP as error:
        raise UnreadableFileError(f"{called} can't be unpacked: {error}.") from error
    if not taken:
        raise UnreadableFileError(f"No document of {called} can be taken. {problems[0] if problems else ''}".strip())
    first = taken[0]
    return [replace(first, problems=(*problems, *first.problems)), *taken[1:]]


def _listing(archive: zipfile.ZipFile, called: str) -> tuple[list[tuple[str, str, tuple[str, ...]]], list[str]]:
    """Folder, name and tags of each document, and the words of the user's dictionary."""
    try:
        listing = json.loads(_read(archive, INDEX, LARGEST_TEXT))
        version = listing["inkline_library"]
        entries = [(str(e["folder"]), str(e["name"]), tuple(map(str, e["tags"]))) for e in listing["documents"]]
        words = list(map(str, listing.get("dictionary", [])))
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableFileError(f"{called} holds a {INDEX} that Inkline did not write.") from error
    except LimitError as error:
        raise LimitError(f"{called} can't be taken in: {error}.") from error
    if version != VERSION:
        raise UnreadableFileError(f"{called} was written by a newer Inkline. Bring this one up to date first.")
    return entries, words


def _files_by_folder(archive: zipfile.ZipFile) -> Mapping[str, dict[str, str]]:
    """The names of an archive's files by their folders and stems, found in one go: a library may hold very many."""
    folders: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name in archive.namelist():
        folder, _, file = name.rpartition("/")
        if re.fullmatch(r"[^/]+\.\w+", file):
            folders[folder][Path(file).stem] = name
    return folders


def _import_document(
    archive: zipfile.ZipFile, folder: str, files: Mapping[str, str], store: Store, settings: Settings
) -> Imported:
    """files: the names of the folder's files by their stems."""
    document = read_document(_read(archive, f"{folder}/document.json", LARGEST_TEXT))
    if len(document.pages) > settings.max_pages:
        raise LimitError(f"it has more than {settings.max_pages} pages")
    problems: list[str] = []
    with TemporaryDirectory(prefix="inkline-") as made:
        pictures: list[Path | None] = []
        for page in document.pages:
            kept = Path(made) / str(page.index)
            try:
                picture = files.get(stem_of(page))
                if picture is None:
                    raise NotFoundError("It is not in the archive.")
                _unpack_picture(archive, picture, kept, settings)
            except (InklineError, *DAMAGED_ZIP) as error:
                if not page.width or not page.height:  # it never had one
                    pictures.append(None)
                    continue
                where = f"{document.name}: page {page.index + 1}"
                if page.width * page.height > settings.max_page_megapixels * 1e6:
                    raise LimitError(f"page {page.index + 1} is larger than can be taken") from error
                problems.append(f"{where} has lost its picture, and a white one stands in its place. {error}")
                kept.write_bytes(white_picture(page))
            pictures.append(kept)
        document_id = store.create_finished_document(document, Contents(pictures))
    lines = sum(len(page.lines) for page in document.pages)
    return Imported(document_id, document.name, len(document.pages), lines, tuple(problems))


def _unpack_picture(archive: zipfile.ZipFile, name: str, target: Path, settings: Settings) -> None:
    """Raises LimitError and UnreadableFileError for what the store should not keep."""
    if archive.getinfo(name).file_size > settings.max_file_mb * 2**20:
        raise LimitError(f"It has more than {settings.max_file_mb} MB.")
    with archive.open(name) as packed, target.open("wb") as file:
        shutil.copyfileobj(packed, file)
    try:
        with Image.open(target, formats=["PNG", "JPEG"]) as image:
            megapixels = image.width * image.height / 1e6
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableFileError("It is damaged.") from error
    if megapixels > settings.max_page_megapixels:
        raise LimitError(f"It has {megapixels:.0f} megapixels; the limit is {settings.max_page_megapixels}.")


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    try:
        if archive.getinfo(name).file_size > most:
            raise LimitError(f"{name} has more than {most >> 20} MB")
        return archive.read(name)
    except KeyError as error:
        raise UnreadableFileError(f"{name} is not in the archive") from error

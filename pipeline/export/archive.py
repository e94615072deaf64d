"""Several documents in one archive, a file each."""

import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from tempfile import TemporaryFile
from typing import BinaryIO

from pipeline.document import Document
from pipeline.export import check_format
from pipeline.export.pictures import Pictures

# In bytes; file systems take 255, of which suffix, number and the name while writing need some.
LONGEST_NAME = 200


def write_archive(file: BinaryIO, documents: Iterable[Document], format: str, pictures: Pictures) -> None:
    """Write a zip; one document at a time is in memory, its file on disk. Raises ExportError for an unknown format."""
    kind = check_format(format)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in named(documents):
            # Some formats are archives themselves, which are not written straight through.
            with TemporaryFile(prefix="inkline-") as part:
                kind.write(document, pictures, part)
                part.seek(0)
                with archive.open(name + kind.suffix, "w", force_zip64=True) as entry:
                    shutil.copyfileobj(part, entry)


def named(documents: Iterable[Document]) -> Iterator[tuple[str, Document]]:
    """Each document with a name for its file, which no other one has."""
    taken: set[str] = set()
    for document in documents:
        yield free_name(file_name(document.name), taken), document


def file_name(name: str) -> str:
    """A document's name without what a file system or a shell takes for something else, at most 200 bytes long."""
    plain = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', " ", name).strip(" .")
    return cut_name(" ".join(plain.split())) or "document"


def cut_name(name: str) -> str:
    """The beginning of a name that file systems take as one, whatever its letters need in UTF-8."""
    name = name[:LONGEST_NAME]
    while len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        name = name[:-1]
    return name.strip(" .")


def free_name(name: str, taken: set[str], is_there: Callable[[str], bool] = lambda name: False) -> str:
    """The name, numbered if it was given away before or is there already; adds it to those taken."""
    free, number = name, 1
    while free.casefold() in taken or is_there(free):
        number += 1
        free = f"{name}-{number}"
    taken.add(free.casefold())
    return free

"""Several documents in one archive, a file each."""

import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from pipeline.document import Document
from pipeline.export import check_format
from pipeline.export.pictures import Pictures

LONGEST_NAME = 120


def write_archive(file: BinaryIO, documents: Iterable[Document], format: str, pictures: Pictures) -> None:
    """Write a zip; one document at a time is in memory. Raises ExportError for an unknown format."""
    kind = check_format(format)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in named(documents):
            archive.writestr(name + kind.suffix, kind.write(document, pictures))


def named(documents: Iterable[Document]) -> Iterator[tuple[str, Document]]:
    """Each document with a name for its file, which no other one has."""
    taken: set[str] = set()
    for document in documents:
        yield free_name(file_name(document.name), taken), document


def file_name(name: str) -> str:
    """A document's name without what a file system or a shell takes for something else."""
    plain = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', " ", name).strip(" .")
    return " ".join(plain.split())[:LONGEST_NAME] or "document"


def free_name(name: str, taken: set[str]) -> str:
    """The name, numbered if it was given away before; adds it to those taken."""
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free.casefold())
    return free

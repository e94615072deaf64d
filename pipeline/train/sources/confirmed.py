"""Our own store as training data: the lines that a person has written or confirmed."""

import hashlib
from collections import defaultdict

import numpy as np
from sqlalchemy import select, true

from pipeline.errors import SourceError
from pipeline.settings import read_settings
from pipeline.store import Store, open_store, schema
from pipeline.store.rows import read_lines
from pipeline.train.sources.cutting import TrueLine, TruePage, cut_page
from pipeline.train.sources.sample import Mode, Read

NAME = "store"


def is_store(source: str) -> bool:
    """`store`, or `store:` and a document's id."""
    return source == NAME or source.startswith(f"{NAME}:")


def read_store(source: str, mode: Mode) -> Read:
    """The confirmed lines of all documents or of one, in the store of the settings."""
    store = open_store(read_settings())
    try:
        return confirmed_lines(store, source.partition(":")[2])
    finally:
        store.close()


def confirmed_lines(store: Store, document_id: str = "") -> Read:
    """Confirmed lines of one document, or of all, cut out of the stored pages; the document's name is the writer.

    Raises SourceError for an unknown document.
    """
    read = Read([], [])
    for page in _pages(store, document_id):
        part = cut_page(page)
        read.samples.extend(part.samples)
        read.bad.extend(part.bad)
    return read


def fingerprint(source: str) -> str:
    """A hash that changes whenever other lines are confirmed or a confirmed line says something else."""
    store = open_store(read_settings())
    try:
        digest = hashlib.sha256()
        for page in _pages(store, source.partition(":")[2]):
            digest.update(repr((page.picture, page.writer, [(line.name, line.text) for line in page.lines])).encode())
        return digest.hexdigest()
    finally:
        store.close()


def _pages(store: Store, document_id: str) -> list[TruePage]:
    """Pages with confirmed lines. Coordinates are of the page as it came in; the kept picture may be smaller."""
    pages, documents = schema.pages, schema.documents
    here = documents.c.id == document_id if document_id else true()
    query = (
        select(pages, documents.c.name.label("document"))
        .join(documents, documents.c.id == pages.c.document_id)
        .where(here)
        .order_by(documents.c.created, documents.c.id, pages.c.number)
    )
    lines: defaultdict[str, list[TrueLine]] = defaultdict(list)
    with store.reading() as connection:
        if document_id and connection.execute(select(documents.c.id).where(here)).first() is None:
            raise SourceError(f"There is no document {document_id} in the store.")
        own = schema.lines.c.document_id == document_id if document_id else true()
        for page_id, line in read_lines(connection, schema.lines.c.checked & own):
            outline, baseline = np.array(line.polygon, np.float64), np.array(line.baseline, np.float64)
            lines[page_id].append(TrueLine(f"line {line.id}", line.text, outline, baseline if len(baseline) else None))
        rows = connection.execute(query).all()
    found = []
    for row in rows:
        if row.id in lines:
            where = f"{row.document}, page {row.number + 1}"
            picture = store.blob_path(row.image) if row.image else store.blobs.folder / "missing"
            size = (row.width, row.height)
            found.append(TruePage(where, picture, NAME, row.document, lines[row.id], size))
    return found

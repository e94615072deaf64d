"""The search index, kept in step with the lines inside the transaction that writes them.

`indexed_lines` holds each line's words; SQLite's FTS5 table and PostgreSQL's GIN index find lines by them. `vocabulary`
holds every word that was ever indexed, for searches to compare with what was slightly misread.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from pipeline.store import schema
from pipeline.store.words import words_of_line

_lines, _versions, _pages, _documents = schema.lines, schema.transcriptions, schema.pages, schema.documents
_indexed = schema.indexed_lines
# Databases bound how many values a query may name.
MANY = 500
NEW_WORDS = text("INSERT INTO vocabulary (word) VALUES (:word) ON CONFLICT DO NOTHING")


def index_lines(connection: Connection, line_ids: Collection[str]) -> None:
    """Bring the index up to date with all lines of the pages that these lines belong to."""
    page_ids: set[str] = set()
    for part in _parts(line_ids):
        page_ids.update(connection.execute(select(_lines.c.page_id).where(_lines.c.id.in_(part))).scalars())
    index_pages(connection, page_ids)


def index_pages(connection: Connection, page_ids: Collection[str]) -> None:
    """Bring the index up to date with all lines of these pages, in this order; only what differs is written.

    Whole pages, since a word may be broken over two lines.
    """
    query = (
        select(_lines.c.id, _lines.c.page_id, _versions.c.text, _indexed.c.number, _indexed.c.words)
        .join(_versions, (_versions.c.line_id == _lines.c.id) & (_versions.c.version == _lines.c.version))
        .outerjoin(_indexed, _indexed.c.line_id == _lines.c.id)
        .where(_lines.c.position >= 0)
        .order_by(_lines.c.page_id, _lines.c.position)
    )
    for part in _parts(page_ids):
        rows = connection.execute(query.where(_lines.c.page_id.in_(part))).all()
        lines = {page_id: list(own) for page_id, own in groupby(rows, key=lambda row: row.page_id)}
        for page_id in part:
            if page_id in lines:
                _index_page(connection, lines[page_id])


def index_all(connection: Connection) -> None:
    """Index a store that was made before there was an index, from the oldest page on: searches begin at the end."""
    query = select(_pages.c.id).join(_documents, _documents.c.id == _pages.c.document_id)
    ordered = query.order_by(_documents.c.created, _documents.c.id, _pages.c.number)
    index_pages(connection, connection.execute(ordered).scalars().all())


def _index_page(connection: Connection, lines: Sequence[Row[Any, Any, Any, Any, Any]]) -> None:
    added, changed, vocabulary = [], [], set()
    following = [line.text for line in lines[1:]] + [""]
    for line, next_text in zip(lines, following, strict=True):
        found = words_of_line(line.text, next_text)
        words = " ".join(found)
        if words == line.words:
            continue
        vocabulary.update(found)
        if line.number is None:
            added.append({"line_id": line.id, "words": words})
        else:
            changed.append({"at": line.number, "words": words})
    if added:
        connection.execute(insert(_indexed), added)
    if changed:
        connection.execute(update(_indexed).where(_indexed.c.number == bindparam("at")), changed)
    if vocabulary:
        connection.execute(NEW_WORDS, [{"word": word} for word in sorted(vocabulary)])


def _parts(ids: Collection[str]) -> Iterator[Sequence[str]]:
    everything = list(ids)
    for start, end in pairwise([*range(0, len(everything), MANY), len(everything)]):
        yield everything[start:end]

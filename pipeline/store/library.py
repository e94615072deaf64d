"""The library: which documents there are, their names and tags, and the trash."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, insert, or_, select, update

from pipeline.store import schema
from pipeline.store.database import Database
from pipeline.store.queue import now
from pipeline.store.rows import IN_PLACE, ON_PAGE, found, storable
from pipeline.store.values import DocumentSummary

_documents, _pages, _lines, _jobs, _tags = schema.documents, schema.pages, schema.lines, schema.jobs, schema.tags
_sources = schema.sources
Order = Literal["newest", "oldest", "name", "to check", "pages"]
ORDERS: tuple[Order, ...] = get_args(Order)
LONGEST_TAG = 40
IN_USE = _documents.c.deleted.is_(None)
# How long a deleted document waits in the trash.
KEEP = timedelta(days=30)
FORGOTTEN = "Its password was forgotten when the document was put into the trash. Please give it again to have it read."


class Library(Database):
    """The store's documents as rows of a library."""

    def list_documents(
        self, *, name: str = "", tag: str = "", order: Order = "newest", limit: int | None = None, offset: int = 0
    ) -> list[DocumentSummary]:
        """Documents that are not in the trash, with `name` in their names, and with this tag."""
        with self.reading() as connection:
            return _summaries(connection, _which(name, tag), order, limit, offset)

    def count_documents(self, *, name: str = "", tag: str = "") -> int:
        """How many `list_documents` would list without a limit."""
        with self.reading() as connection:
            return connection.execute(select(func.count()).where(_which(name, tag))).scalar_one()

    def get_summary(self, document_id: str) -> DocumentSummary:
        """Raises NotFoundError, also for a document in the trash."""
        with self.reading() as connection:
            return found(_summaries(connection, IN_USE & (_documents.c.id == document_id)))[0]

    def rename_document(self, document_id: str, name: str) -> None:
        """Raises NotFoundError."""
        with self.writing() as connection:
            renamed = update(_documents).where(_documents.c.id == document_id, IN_USE).values(name=storable(name))
            found(range(connection.execute(renamed).rowcount))

    # Tags

    def set_tags(self, document_id: str, tags: Sequence[str]) -> tuple[str, ...]:
        """Let a document have these tags and no others; returns them as they are kept. Raises NotFoundError."""
        kept = tuple(sorted({tag for tag in map(clean_tag, tags) if tag}, key=str.casefold))
        with self.writing() as connection:
            found(connection.execute(select(_documents.c.id).where(_documents.c.id == document_id, IN_USE)).all())
            connection.execute(delete(_tags).where(_tags.c.document_id == document_id))
            if kept:
                connection.execute(insert(_tags), [{"document_id": document_id, "tag": tag} for tag in kept])
        return kept

    def list_tags(self) -> dict[str, int]:
        """All tags of documents in use, in order, each with how many have it."""
        query = select(_tags.c.tag, func.count()).join(_documents, _documents.c.id == _tags.c.document_id)
        with self.reading() as connection:
            counts = connection.execute(query.where(IN_USE).group_by(_tags.c.tag)).tuples().all()
        return dict(sorted(counts, key=lambda row: row[0].casefold()))

    # Trash

    def trash_document(self, document_id: str) -> None:
        """Put a document away: it is not listed, read or found, until it is restored. Raises NotFoundError.

        Its password is forgotten; where it is still needed, the restored document asks for it.
        """
        with self.writing() as connection:
            put = update(_documents).where(_documents.c.id == document_id, IN_USE).values(deleted=now())
            found(range(connection.execute(put).rowcount))
            # A worker that reads it finds the job no longer its own, and stops.
            own = _jobs.c.document_id == document_id
            paused = {"state": "queued", "worker": "", "attempts": 0}
            connection.execute(update(_jobs).where(own, _jobs.c.state == "running").values(paused))
            protected = (_sources.c.document_id == document_id, _sources.c.password != "")
            if connection.execute(update(_sources).where(*protected).values(password="", locked=True)).rowcount:
                asking = {"state": "needs_password", "error": FORGOTTEN}
                connection.execute(update(_jobs).where(own).values(asking))

    def restore_document(self, document_id: str) -> None:
        """Take a document out of the trash as it was; its reading goes on, or asks for its password.

        Raises NotFoundError.
        """
        with self.writing() as connection:
            taken = update(_documents).where(_documents.c.id == document_id, ~IN_USE).values(deleted=None)
            found(range(connection.execute(taken).rowcount), "This document is not in the trash any more.")

    def list_trash(self) -> list[DocumentSummary]:
        """What was deleted, last first."""
        with self.reading() as connection:
            rows = _summaries(connection, ~IN_USE)
            when = dict(connection.execute(select(_documents.c.id, _documents.c.deleted).where(~IN_USE)).tuples().all())
        return sorted(rows, key=lambda document: when[document.id] or document.created, reverse=True)


def clean_tag(tag: str) -> str:
    """A tag without needless space; commas part tags."""
    return " ".join(storable(tag).replace(",", " ").split())[:LONGEST_TAG].strip()


def _which(name: str, tag: str) -> ColumnElement[bool]:
    where: ColumnElement[bool] = IN_USE
    if name.strip():
        # `lower` of SQLite knows no accents, so capital ones are asked for as they stand.
        said, escaped = name.strip(), str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
        forms = {form.translate(escaped) for form in (said, said.lower(), said.upper(), said.title())}
        where &= or_(*(_documents.c.name.ilike(f"%{form}%", escape="\\") for form in sorted(forms)))
    if tag:
        where &= exists().where(_tags.c.document_id == _documents.c.id, _tags.c.tag == tag)
    return where


def _count(column: ColumnElement[Any], *where: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count(column)).where(*where).correlate(_documents).scalar_subquery()


_OWN_LINES = (_lines.c.document_id == _documents.c.id) & ON_PAGE
_PAGES = _count(_pages.c.id, _pages.c.document_id == _documents.c.id, IN_PLACE).label("pages")
_ALL = _count(_lines.c.document_id, _OWN_LINES).label("lines")
_CHECKED = _count(_lines.c.document_id, _OWN_LINES, _lines.c.checked).label("checked")
_ORDERS: Mapping[Order, Sequence[ColumnElement[Any]]] = {
    "newest": [_documents.c.created.desc()],
    "oldest": [_documents.c.created],
    "name": [func.lower(_documents.c.name)],
    "to check": [(_ALL - _CHECKED).desc(), _documents.c.created.desc()],
    "pages": [_PAGES.desc(), _documents.c.created.desc()],
}


def _summaries(
    connection: Connection,
    which: ColumnElement[bool],
    order: Order = "newest",
    limit: int | None = None,
    offset: int = 0,
) -> list[DocumentSummary]:
    own_pages = select(_pages.c.image).where(_pages.c.document_id == _documents.c.id, IN_PLACE)
    first = own_pages.order_by(_pages.c.number).limit(1)
    image = func.coalesce(first.correlate(_documents).scalar_subquery(), "")
    own_tags = select(func.aggregate_strings(_tags.c.tag, ",")).where(_tags.c.document_id == _documents.c.id)
    tags = func.coalesce(own_tags.correlate(_documents).scalar_subquery(), "")
    columns = (_documents.c.id, _documents.c.name, _documents.c.created, _PAGES, _ALL, _CHECKED, _jobs.c.state, image)
    query: Select[Any] = (
        select(*columns, tags)
        .join(_jobs, _jobs.c.document_id == _documents.c.id)
        .where(which)
        .order_by(*_ORDERS[order], _documents.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [
        replace(DocumentSummary(*row), tags=tuple(sorted(filter(None, tags.split(",")), key=str.casefold)))
        for *row, tags in connection.execute(query)
    ]

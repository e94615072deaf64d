"""What another reader reads in lines, kept beside what they say until someone takes or drops it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, func, insert, select, true

from pipeline.decorations import redecorated
from pipeline.document import Page, Transcription
from pipeline.errors import ConflictError
from pipeline.store import schema
from pipeline.store.changes import Changes
from pipeline.store.library import IN_USE
from pipeline.store.queue import now
from pipeline.store.rows import NEWEST, ON_PAGE, found, reading_of, transcription_of
from pipeline.store.states import in_parts
from pipeline.store.steps import forget_proposals
from pipeline.store.tasks import queue_task, read_tasks
from pipeline.store.values import Change, Proposal, Task

_proposals, _lines, _pages, _versions = schema.proposals, schema.lines, schema.pages, schema.transcriptions
_documents = schema.documents
_newer, _older = _versions.alias("newer"), _versions.alias("older")
_said_so_before = (
    exists()
    .where(_older.c.line_id == _newer.c.line_id, _older.c.version == _newer.c.version - 1)
    .where(*(_older.c[name] == _newer.c[name] for name in ("text", "author", "is_person")))
)
# When a line was last written or confirmed, which underlining its words is not.
_written = (
    select(_newer.c.created)
    .where(_newer.c.line_id == _lines.c.id, ~_said_so_before)
    .order_by(_newer.c.version.desc())
    .limit(1)
    .correlate(_lines)
    .scalar_subquery()
)
# What was written in a line since counts for more than a reading of it.
CURRENT = _proposals.c.created >= _written
OTHERWISE = _proposals.c.text != _versions.c.text


class Proposals(Changes):
    """Proposal methods of the store; a line has at most one, the newest."""

    def begin_rereading(self, document_id: str, engine: str) -> Task:
        """Queue the reading of a whole document by another reader; what was proposed before is forgotten.

        The same reading that still goes on is left to it. Raises NotFoundError; ConflictError while another reader
        reads.
        """
        with self.writing() as connection:
            found(connection.execute(select(_documents.c.id).where(_documents.c.id == document_id, IN_USE)).all())
            going = _last_rereading(connection, document_id)
            if going and going.active:
                if going.wanted["engine"] == engine:
                    return going
                raise ConflictError(
                    "Another reader is reading this document anew. Stop it first, or wait until it is done."
                )
            own = select(_lines.c.id).where(_lines.c.document_id == document_id)
            connection.execute(delete(_proposals).where(_proposals.c.line_id.in_(own)))
            return queue_task(connection, "reread", {"document": document_id, "engine": engine})

    def last_rereading(self, document_id: str) -> Task | None:
        """The newest reading of the whole document by another reader, done or not; None if there was none."""
        with self.reading() as connection:
            return _last_rereading(connection, document_id)

    def propose(self, readings: Mapping[str, Transcription], *, seen: datetime | None = None) -> None:
        """Keep what was read in lines, by their ids, in place of what was proposed before.

        `seen` is when the lines were looked at, now if it is not given: of those that say something else since, the
        reading does not count.
        """
        created = seen or now()
        with self.writing() as connection:
            forget_proposals(connection, readings.keys())
            here: list[str] = []
            for part in in_parts(readings.keys()):
                here += connection.execute(select(_lines.c.id).where(_lines.c.id.in_(part), ON_PAGE)).scalars()
            rows = [{"line_id": line_id, "created": created, **reading_of(readings[line_id])} for line_id in here]
            if rows:
                connection.execute(insert(_proposals), rows)

    def read_again(self, document_id: str, page: int) -> set[str]:
        """The lines of a page that another reader has read as they are, whether it read otherwise or not."""
        with self.reading() as connection:
            query = _counting(select(_proposals.c.line_id), document_id).where(_pages.c.number == page)
            return set(connection.execute(query).scalars())

    def count_proposals(self, document_id: str) -> int:
        """How many readings differ from what their lines say."""
        with self.reading() as connection:
            return connection.execute(_counting(select(func.count()), document_id).where(OTHERWISE)).scalar_one()

    def proposals(self, document_id: str, page: int | None = None, limit: int | None = None) -> list[Proposal]:
        """Readings that differ from what their lines say, in reading order: all, or the first so many."""
        said = _versions.c.text.label("before"), _versions.c.confidence.label("before_confidence")
        columns = (_proposals, *said, _pages.c.number.label("page"))
        query = _counting(select(*columns), document_id).where(OTHERWISE)
        query = query.where(true() if page is None else _pages.c.number == page)
        query = query.order_by(_pages.c.number, _lines.c.position).limit(limit)
        with self.reading() as connection:
            return [
                Proposal(row.line_id, row.page, row.before, row.before_confidence, transcription_of(row), row.created)
                for row in connection.execute(query)
            ]

    def take_proposals(
        self,
        document_id: str,
        line_ids: Collection[str] | None = None,
        *,
        author: str,
        but: Collection[str] = (),
        surer: bool = False,
    ) -> Change | None:
        """Let lines say what was read in them, as one step; None where nothing is proposed.

        Without ids, all but the confirmed ones; `but` names exceptions, `surer` leaves out what its reader was less
        sure of than the one before. A line that someone changes meanwhile stays as it is.
        Whose text is taken is the reader's, and no person has checked it.
        """
        named, left = None if line_ids is None else set(line_ids), set(but)
        offered = [
            p
            for p in self.proposals(document_id)
            if (named is None or p.line_id in named)
            and p.line_id not in left
            and not (surer and p.reading.confidence <= p.before_confidence)
        ]
        readings = {proposal.line_id: proposal.reading for proposal in offered}
        compared = {proposal.line_id: proposal.before for proposal in offered}

        def edit(page: Page) -> Page:
            lines = (
                replace(line, transcription=redecorated(line.transcription, readings[line.id]), checked=False)
                if compared.get(line.id) == line.transcription.text and (named is not None or not line.checked)
                else line
                for line in page.lines
            )
            return replace(page, lines=tuple(lines))

        if not readings:
            return None
        change = self.change_pages(document_id, {p.page for p in offered}, "reread", edit, author=author)
        self.drop_proposals(document_id, list(readings))
        return change

    def drop_proposals(
        self, document_id: str, line_ids: Collection[str] | None = None, *, but: Collection[str] = ()
    ) -> None:
        """Forget what was proposed for these lines, or for all of the document, with exceptions."""
        own = select(_proposals.c.line_id).join(_lines, _lines.c.id == _proposals.c.line_id)
        with self.writing() as connection:
            known = set(connection.execute(own.where(_lines.c.document_id == document_id)).scalars())
            forget_proposals(connection, (known if line_ids is None else known & set(line_ids)) - set(but))


def _last_rereading(connection: Connection, document_id: str) -> Task | None:
    return next((task for task in read_tasks(connection, "reread") if task.wanted["document"] == document_id), None)


def _counting(query: Select[Any], document_id: str) -> Select[Any]:
    """The query over those readings of a document that count."""
    return (
        query.select_from(_proposals)
        .join(_lines, _lines.c.id == _proposals.c.line_id)
        .join(_versions, NEWEST)
        .join(_pages, _pages.c.id == _lines.c.page_id)
        .where(_lines.c.document_id == document_id, ON_PAGE, CURRENT)
    )

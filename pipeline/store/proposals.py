"""What another reader reads in lines, kept beside what they say until someone takes or drops it."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import delete, insert, select, true

from pipeline.document import Page, Transcription
from pipeline.store import schema
from pipeline.store.changes import Changes
from pipeline.store.queue import now
from pipeline.store.rows import NEWEST, ON_PAGE, reading_of, transcription_of
from pipeline.store.states import in_parts
from pipeline.store.steps import forget_proposals
from pipeline.store.values import Change, Proposal

_proposals, _lines, _pages, _versions = schema.proposals, schema.lines, schema.pages, schema.transcriptions


class Proposals(Changes):
    """Proposal methods of the store; a line has at most one, the newest."""

    def propose(self, readings: Mapping[str, Transcription]) -> None:
        """Keep what was read in lines, by their ids, in place of what was proposed before."""
        with self.writing() as connection:
            forget_proposals(connection, readings.keys())
            here: list[str] = []
            for part in in_parts(readings.keys()):
                here += connection.execute(select(_lines.c.id).where(_lines.c.id.in_(part), ON_PAGE)).scalars()
            rows = [{"line_id": line_id, "created": now(), **reading_of(readings[line_id])} for line_id in here]
            if rows:
                connection.execute(insert(_proposals), rows)

    def proposals(self, document_id: str, page: int | None = None) -> list[Proposal]:
        """Readings that differ from what their lines say, in reading order."""
        said = _versions.c.text.label("before"), _versions.c.confidence.label("before_confidence")
        columns = (_proposals, *said, _pages.c.number.label("page"))
        query = (
            select(*columns)
            .join(_lines, _lines.c.id == _proposals.c.line_id)
            .join(_versions, NEWEST)
            .join(_pages, _pages.c.id == _lines.c.page_id)
            .where(_lines.c.document_id == document_id, ON_PAGE, _proposals.c.text != _versions.c.text)
            .where(true() if page is None else _pages.c.number == page)
            .order_by(_pages.c.number, _lines.c.position)
        )
        with self.reading() as connection:
            return [
                Proposal(row.line_id, row.page, row.before, row.before_confidence, transcription_of(row), row.created)
                for row in connection.execute(query)
            ]

    def take_proposals(
        self, document_id: str, line_ids: Collection[str] | None = None, *, author: str
    ) -> Change | None:
        """Let lines say what was read in them, as one step; None where nothing is proposed.

        Without ids, all but the confirmed ones. A line that someone changes meanwhile stays as it is.
        Whose text is taken is the reader's, and no person has checked it.
        """
        named = None if line_ids is None else set(line_ids)
        offered = [p for p in self.proposals(document_id) if named is None or p.line_id in named]
        readings = {proposal.line_id: proposal.reading for proposal in offered}
        compared = {proposal.line_id: proposal.before for proposal in offered}

        def edit(page: Page) -> Page:
            lines = (
                replace(line, transcription=readings[line.id], checked=False)
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

    def drop_proposals(self, document_id: str, line_ids: Collection[str] | None = None) -> None:
        """Forget what was proposed for these lines, or for all of the document."""
        own = select(_lines.c.id).where(_lines.c.document_id == document_id)
        with self.writing() as connection:
            if line_ids is None:
                connection.execute(delete(_proposals).where(_proposals.c.line_id.in_(own)))
            else:
                for part in in_parts(line_ids):
                    connection.execute(
                        delete(_proposals).where(_proposals.c.line_id.in_(own), _proposals.c.line_id.in_(part))
                    )

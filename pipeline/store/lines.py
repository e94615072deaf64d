"""Single lines: what they say, who wrote it, and what they said before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from pipeline.decorations import keep_decorations
from pipeline.document import Line, Transcription
from pipeline.errors import ConflictError, NotFoundError
from pipeline.store import schema
from pipeline.store.database import Database
from pipeline.store.queue import now
from pipeline.store.rows import (
    NEWEST,
    ON_PAGE,
    READING,
    append_versions,
    found,
    read_lines,
    storable,
    transcription_of,
    version_row,
)
from pipeline.store.states import Standing, read_standing
from pipeline.store.steps import Step
from pipeline.store.values import AUTHOR, Change, LineText, Version

_pages, _lines, _versions = schema.pages, schema.lines, schema.transcriptions
_changes, _changed = schema.changes, schema.changed_lines
NO_LINE = "There is no such line."


class Lines(Database):
    """Line methods of the store. Whatever is written is appended, and is a step of its author's that can be undone."""

    def get_line(self, line_id: str) -> tuple[str, int, Line]:
        """A line with the document and page index it stands on. Raises NotFoundError."""
        with self.reading() as connection:
            line = found([line for _, line in read_lines(connection, _lines.c.id == line_id)], NO_LINE)[0]
            query = select(_pages.c.document_id, _pages.c.number).join(_lines, _lines.c.page_id == _pages.c.id)
            place = connection.execute(query.where(_lines.c.id == line_id)).one()
            return place.document_id, place.number, line

    def correct_line(
        self,
        line_id: str,
        text: str,
        *,
        author: str = AUTHOR,
        earlier: Sequence[str] = (),
        age: timedelta = timedelta(0),
    ) -> Change | None:
        """Append what a person wrote; the same text is a confirmation, and a second time by the same author nothing.

        What comes late was written `age` ago, after the texts `earlier`, oldest first. Below what somebody wrote since
        it only goes into the history; if it has come before, even if it was undone since, nothing is written. Raises
        NotFoundError; ConflictError for a line taken off its page meanwhile, which keeps the texts all the same.
        """
        with self.writing() as connection:
            shown, standing = _shown(connection, line_id)
            texts = [*_not_in_history(connection, line_id, earlier, author), storable(text)]
            if len(texts) == 1 and _says_so(shown, text, author):
                return None
            typed = now() - age if age > timedelta(0) else None  # what comes at once asks no clock
            if typed and len(texts) == 1 and _has_come(connection, line_id, text, author, typed):
                return None
            is_newer = typed and shown.checked and shown.created > typed and shown.text not in {*earlier, text}
            if standing.state is not None and not is_newer:
                return [_write(connection, line_id, said, author) for said in texts][-1]
            if is_newer:
                texts = _not_in_history(connection, line_id, texts, author)
            rows = [
                version_row(line_id, number, _written(said, author, shown), is_person=True)
                for number, said in enumerate(texts, standing.newest + 1)
            ]
            if rows and is_newer:
                number, restores = standing.newest + len(rows) + 1, shown.restores or shown.version
                again = version_row(line_id, number, transcription_of(shown), is_person=True, restores=restores)
                rows.append(again | {"created": shown.created})
            append_versions(connection, rows)
            if standing.state is not None:
                return None
        raise ConflictError("This line was taken off its page meanwhile. What you wrote is kept in its history.")

    def undo_line(self, line_id: str, *, author: str = AUTHOR) -> Change | None:
        """Append what stood before the newest text, step by step to the first. Raises NotFoundError."""
        with self.writing() as connection:
            shown, _ = _shown(connection, line_id)
            version = shown.restores or shown.version
            if version == 1:
                return None
            # The version before may repeat an older one: go to what it shows.
            query = select(_versions.c.restores).where(
                _versions.c.line_id == line_id, _versions.c.version == version - 1
            )
            before = connection.execute(query).scalar_one() or version - 1
            return _go_back(connection, line_id, before, author)

    def go_back(self, line_id: str, number: int, *, author: str = AUTHOR) -> Change | None:
        """Show what version `number` says again. Raises NotFoundError."""
        with self.writing() as connection:
            return _go_back(connection, line_id, number, author)

    def texts(self, document_id: str) -> list[LineText]:
        """What all lines of a document say, in reading order, without where they are."""
        columns = (_lines.c.id, _pages.c.number, _pages.c.id, _lines.c.position, _versions.c.text)
        query = select(*columns).join(_pages, _pages.c.id == _lines.c.page_id).join(_versions, NEWEST)
        query = query.where(_lines.c.document_id == document_id, ON_PAGE)
        with self.reading() as connection:
            rows = connection.execute(query.order_by(_pages.c.number, _lines.c.position)).tuples()
            return [LineText(*row) for row in rows]

    def history(self, line_id: str) -> list[Version]:
        """All versions, oldest first, also of a line that is off its page. Raises NotFoundError."""
        query = select(_versions).where(_versions.c.line_id == line_id).order_by(_versions.c.version)
        # Who decorates a line is not who wrote its text, which is what the version tells.
        steps = select(_changed.c.became, _changes.c.author).join(_changes, _changes.c.id == _changed.c.change_id)
        steps = steps.where(_changed.c.line_id == line_id, _changes.c.kind == "decorate")
        with self.reading() as connection:
            rows = found(connection.execute(query).all(), NO_LINE)
            decorated = {became["version"]: author for became, author in connection.execute(steps).tuples()}
        return [
            Version(
                *(row.text, row.confidence, decorated.get(row.restores or row.version, row.author), row.created),
                *(row.is_person, row.restores is not None, row.version, transcription_of(row).decorations),
            )
            for row in rows
        ]


def _shown(connection: Connection, line_id: str) -> tuple[Row[*tuple[Any, ...]], Standing]:
    """The newest version of a line with the line's document, and how it stands. Raises NotFoundError."""
    standing = read_standing(connection, [line_id])
    found(list(standing), NO_LINE)
    columns = (_lines.c.document_id, _lines.c.checked, _versions.c.version, _versions.c.restores, _versions.c.created)
    query = select(*columns, *READING).join(_versions, NEWEST).where(_lines.c.id == line_id)
    return connection.execute(query).one(), standing[line_id]


def _says_so(shown: Row[*tuple[Any, ...]], text: str, author: str) -> bool:
    """Whether this author has just written this text."""
    return bool(shown.checked and (shown.text, shown.author) == (storable(text), storable(author)))


def _has_come(connection: Connection, line_id: str, text: str, author: str, typed: datetime) -> bool:
    """Whether a text was written since it was typed: its answer was lost, and its author may have undone it since."""
    own = (_versions.c.line_id == line_id, _versions.c.author == storable(author), _versions.c.is_person)
    same = (_versions.c.text == storable(text), _versions.c.restores.is_(None), _versions.c.created > typed)
    return connection.execute(select(_versions.c.version).where(*own, *same)).first() is not None


def _write(connection: Connection, line_id: str, text: str, author: str) -> Change | None:
    """One text on top of a line's history, as a step; None if this author has just written it."""
    shown, standing = _shown(connection, line_id)
    if _says_so(shown, text, author):
        return None
    step = Step(connection, shown.document_id, "text", author)
    step.write_text(line_id, standing, _written(text, author, shown), is_person=True)
    return step.record()


def _written(text: str, author: str, shown: Row[*tuple[Any, ...]]) -> Transcription:
    """What a person wrote in place of what is shown; its words keep their decorations."""
    return keep_decorations(transcription_of(shown), Transcription(text, 1.0, storable(author)))


def _not_in_history(connection: Connection, line_id: str, texts: Sequence[str], author: str) -> list[str]:
    """Those of the texts that this author has never written in the line."""
    if not texts:
        return []
    own = (_versions.c.line_id == line_id, _versions.c.author == storable(author), _versions.c.is_person)
    known = set(connection.execute(select(_versions.c.text).where(*own)).scalars())
    return [text for text in map(storable, texts) if text not in known]


def _go_back(connection: Connection, line_id: str, number: int, author: str) -> Change | None:
    shown, standing = _shown(connection, line_id)
    if standing.state is None:
        raise NotFoundError("This line was taken off its page. Undo that first.")
    query = select(_versions).where(_versions.c.line_id == line_id, _versions.c.version == number)
    row = found(connection.execute(query).all(), "There is no such version of this line.")[0]
    step = Step(connection, shown.document_id, "back", author)
    step.write_text(line_id, standing, transcription_of(row), is_person=row.is_person, restores=row.restores or number)
    return step.record()

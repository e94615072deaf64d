"""Between tables and values: pages and lines as rows, inside the caller's transaction."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update

from pipeline.decorations import carried
from pipeline.document import Decoration, Figure, Line, Page, Transcription
from pipeline.errors import NotFoundError
from pipeline.store import schema
from pipeline.store.index import index_lines, index_pages
from pipeline.store.queue import now

_documents, _sources, _pages = schema.documents, schema.sources, schema.pages
_lines, _versions, _pictures = schema.lines, schema.transcriptions, schema.pictures
T = TypeVar("T")


def storable(text: str) -> str:
    """Text without what a database refuses: NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def found(rows: Sequence[T], message: str = "There is no such document. It may have been deleted.") -> Sequence[T]:
    """The rows, of which there must be some. Raises NotFoundError."""
    if not rows:
        raise NotFoundError(message)
    return rows


def used_keys(connection: Connection) -> set[str]:
    """The keys of all files and pictures that documents hold."""
    held = select(_sources.c.blob).union(select(_pages.c.image), select(_pictures.c.image))
    return set(connection.execute(held).scalars())


def is_used(connection: Connection, key: str) -> bool:
    """Whether any document holds the file or picture under this key."""
    held = select(_sources.c.blob).where(_sources.c.blob == key)
    shown = select(_pages.c.image).where(_pages.c.image == key)
    turned = select(_pictures.c.image).where(_pictures.c.image == key)
    return connection.execute(held.union(shown, turned)).first() is not None


def add_document(connection: Connection, document_id: str, name: str) -> None:
    connection.execute(insert(_documents).values(id=document_id, name=storable(name), created=now()))


def add_page(
    connection: Connection, document_id: str, page: Page, image: str, *, number: int, origin: int | None = None
) -> str:
    """Rows for a page, its lines, which get new ids, and what the engine read in them; returns the page's id."""
    page_id = uuid.uuid4().hex
    row = {"id": page_id, "document_id": document_id, "number": number, "origin": origin}
    connection.execute(insert(_pages).values(row | columns_of(page, image)))
    add_lines(connection, document_id, page_id, page.lines)
    return page_id


def columns_of(page: Page, image: str) -> dict[str, Any]:
    """A page's columns beside its place in its document."""
    return {
        **{"width": page.width, "height": page.height, "dpi": page.dpi, "skew_degrees": float(page.skew_degrees)},
        **{"image": image, "error": storable(page.error)},
        "figures": [list(map(int, figure.box)) for figure in page.figures],
    }


def add_lines(
    connection: Connection, document_id: str, page_id: str, lines: Sequence[Line], *, start: int = 0
) -> list[str]:
    """Rows for new lines from this position on, with what the engine read in them; returns their ids."""
    if not lines:
        return []
    ids = [uuid.uuid4().hex for _ in lines]
    line_rows = [
        {"id": line_id, "document_id": document_id, "page_id": page_id, "position": position, "version": 1}
        | {"checked": line.checked, **structure_of(line)}
        for position, (line_id, line) in enumerate(zip(ids, lines, strict=True), start)
    ]
    version_rows = [
        version_row(line_id, 1, line.transcription, is_person=line.checked)
        for line_id, line in zip(ids, lines, strict=True)
    ]
    connection.execute(insert(_lines), line_rows)
    connection.execute(insert(_versions), version_rows)
    index_pages(connection, [page_id])
    return ids


def read_pages(connection: Connection, where: ColumnElement[bool]) -> list[Page]:
    """Pages in order with their lines, by two queries however many they are; deleted ones are left out."""
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for page_id, line in read_lines(connection, where):
        lines[page_id].append(line)
    return [
        Page(
            id=row.id,
            index=row.number,
            width=row.width,
            height=row.height,
            dpi=row.dpi,
            skew_degrees=row.skew_degrees,
            lines=tuple(lines[row.id]),
            figures=tuple(Figure((x0, y0, x1, y1)) for x0, y0, x1, y1 in row.figures),
            image=row.image,
            error=row.error,
            turned=row.turned or 0,
        )
        for row in connection.execute(select(_pages).where(where, IN_PLACE).order_by(_pages.c.number))
    ]


def structure_of(line: Line) -> dict[str, Any]:
    """A line's columns beside its place and its text."""
    return {"kind": line.kind, "level": line.level, "paragraph": line.paragraph} | {
        "polygon": _plain(line.polygon),
        "baseline": _plain(line.baseline),
    }


def reading_of(reading: Transcription) -> dict[str, Any]:
    """A transcription's columns; per cent are fine enough to colour letters, and a quarter of the room."""
    certainty = [round(100 * confidence) for confidence in reading.character_confidences]
    # What a database refuses is gone from the text, and then nobody knows which number belongs to which letter.
    text = storable(reading.text)
    spans = carried(reading.text, reading.decorations, text)
    return {"text": text, "confidence": float(reading.confidence), "author": storable(reading.engine)} | {
        "certainty": certainty if len(certainty) == len(text) > 0 else None,
        "alternatives": [storable(other) for other in reading.alternatives] or None,
        "decorations": [[span.start, span.end, span.kind] for span in spans] or None,
    }


def transcription_of(row: Row[Any]) -> Transcription:
    """The inverse of `reading_of`."""
    certainty = tuple(percent / 100 for percent in row.certainty or ())
    decorations = tuple(Decoration(*span) for span in row.decorations or ())
    return Transcription(row.text, row.confidence, row.author, certainty, tuple(row.alternatives or ()), decorations)


READING = (
    *(_versions.c.text, _versions.c.confidence, _versions.c.author),
    *(_versions.c.certainty, _versions.c.alternatives, _versions.c.decorations),
)
NEWEST = (_versions.c.line_id == _lines.c.id) & (_versions.c.version == _lines.c.version)
# Lines taken off their page have negative positions.
ON_PAGE = _lines.c.position >= 0
# So have pages taken out of their document.
IN_PLACE = _pages.c.number >= 0


def read_lines(connection: Connection, where: ColumnElement[bool]) -> Iterator[tuple[str, Line]]:
    """Page row ids with lines in reading order, each with its newest version."""
    query = (
        select(_lines, *READING)
        .join(_pages, _pages.c.id == _lines.c.page_id)
        .join(_versions, NEWEST)
        .where(where, ON_PAGE)
        .order_by(_lines.c.page_id, _lines.c.position)
    )
    for row in connection.execute(query):
        yield (
            row.page_id,
            Line(
                id=row.id,
                polygon=tuple((x, y) for x, y in row.polygon),
                baseline=tuple((x, y) for x, y in row.baseline),
                kind=row.kind,
                paragraph=row.paragraph,
                transcription=transcription_of(row),
                level=row.level,
                checked=row.checked,
            ),
        )


def version_row(
    line_id: str, number: int, reading: Transcription, *, is_person: bool, restores: int | None = None
) -> dict[str, Any]:
    """A row for version `number` of a line; `restores` names the version it repeats."""
    row = {"line_id": line_id, "version": number, "is_person": is_person, "created": now(), "restores": restores}
    return row | reading_of(reading)


def append_versions(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add versions, and make the last of each line the one that is shown."""
    if not rows:
        return
    connection.execute(insert(_versions), rows)
    show = (
        update(_lines)
        .where(_lines.c.id == bindparam("line"))
        .values(version=bindparam("number"), checked=bindparam("person"))
    )
    shown = [{"line": row["line_id"], "number": row["version"], "person": row["is_person"]} for row in rows]
    connection.execute(show, shown)
    index_lines(connection, [row["line_id"] for row in rows])


def _plain(points: Sequence[tuple[float, float]]) -> list[list[float]]:
    # A tenth of a pixel is finer than any outline; numpy's numbers would not go into JSON.
    return [[round(float(x), 1), round(float(y), 1)] for x, y in points]

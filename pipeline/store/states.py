"""How lines stand in the store: read before a change, written by it, put back by undo."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, bindparam, select, update

from pipeline.document import Page
from pipeline.store import schema
from pipeline.store.index import index_pages
from pipeline.store.rows import IN_PLACE, NEWEST, add_lines, columns_of

# Databases bound how many values a query may name.
MANY = 500
STRUCTURE = ("kind", "level", "paragraph", "polygon", "baseline")
# A line's structure and the number of the version it shows (of an undo, what it went back to). None: off its page.
State = dict[str, Any] | None
_lines, _versions, _pages = schema.lines, schema.transcriptions, schema.pages


class Standing(NamedTuple):
    """A line as it stands now; `newest` is the number of its last version."""

    page_id: str
    newest: int
    state: State


def in_parts(ids: Collection[str]) -> Iterator[list[str]]:
    """Ids, as many at a time as a query may name."""
    rows = list(ids)
    return (rows[start : start + MANY] for start in range(0, len(rows), MANY))


def read_standing(connection: Connection, line_ids: Collection[str]) -> dict[str, Standing]:
    """Lines by their id; those that are not in the store are left out. Other writers of these lines wait."""
    found: dict[str, Standing] = {}
    for part in in_parts(line_ids):
        query = select(_lines, _versions.c.restores).join(_versions, NEWEST).where(_lines.c.id.in_(part))
        for row in connection.execute(query.with_for_update(of=_lines)):
            state = {name: getattr(row, name) for name in STRUCTURE} | {"version": row.restores or row.version}
            found[row.id] = Standing(row.page_id, row.version, state if row.position >= 0 else None)
    return found


def write_structure(connection: Connection, line_id: str, values: dict[str, Any]) -> None:
    """Set columns of a line beside its text and place."""
    if values:
        connection.execute(update(_lines).where(_lines.c.id == line_id).values(values))


def order_of(connection: Connection, page_id: str) -> list[str]:
    """The ids of a page's lines in reading order."""
    query = select(_lines.c.id).where(_lines.c.page_id == page_id, _lines.c.position >= 0).order_by(_lines.c.position)
    return list(connection.execute(query).scalars())


def write_order(connection: Connection, page_id: str, order: Sequence[str]) -> None:
    """Let these be the lines on a page, in this order; others of the page go off it and keep their history."""
    if _put_in_order(connection, _lines.c.position, _lines.c.page_id == page_id, order):
        index_pages(connection, [page_id])


def page_order(connection: Connection, document_id: str) -> list[str]:
    """The ids of a document's pages in order."""
    query = select(_pages.c.id).where(_pages.c.document_id == document_id, IN_PLACE).order_by(_pages.c.number)
    return list(connection.execute(query).scalars())


def write_page_order(connection: Connection, document_id: str, order: Sequence[str]) -> None:
    """Let these be the pages of a document, in this order; others go out of it and keep all they have."""
    _put_in_order(connection, _pages.c.number, _pages.c.document_id == document_id, order)


def _put_in_order(connection: Connection, place: Column[int], among: ColumnElement[bool], order: Sequence[str]) -> bool:
    """Number the rows with these ids from 0, and other rows `among` them below 0; returns whether any has moved."""
    rows = place.table
    now: dict[str, int] = dict(connection.execute(select(rows.c.id, place).where(among)).tuples().all())
    wanted = {row_id: number for number, row_id in enumerate(order)}
    lowest = min([0, *now.values()])
    gone = [row_id for row_id, number in now.items() if number >= 0 and row_id not in wanted]
    wanted |= {row_id: lowest - 1 - n for n, row_id in enumerate(gone)}
    moves = {row_id: number for row_id, number in wanted.items() if now[row_id] != number}
    if not moves:
        return False
    # No two may share a place even for a moment, so they first step aside.
    aside = lowest - len(gone) - 1
    move = update(rows).where(rows.c.id == bindparam("row")).values({place.name: bindparam("to")})
    connection.execute(move, [{"row": row_id, "to": aside - n} for n, row_id in enumerate(moves)])
    connection.execute(move, [{"row": row_id, "to": number} for row_id, number in moves.items()])
    return True


def arranged(current: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The current ids in the wanted order; one that it does not name stays after the one it stands after now."""
    known = set(current)
    order = [row_id for row_id in wanted if row_id in known]
    named = set(order)
    for place, row_id in enumerate(current):
        if row_id not in named:
            order.insert(order.index(current[place - 1]) + 1 if place else 0, row_id)
    return order


def fill_page(connection: Connection, page_id: str, page: Page, image: str) -> None:
    """Let a page that could not be read before be this one.

    Its lines stay, in the order of `page` where that names them, and so do its figures, and its picture if this page
    has none. Lines that were taken off it meanwhile stay off it.
    """
    row = connection.execute(select(_pages).where(_pages.c.id == page_id)).one()
    values = columns_of(page, image) if image or not row.image else {"error": columns_of(page, image)["error"]}
    values["figures"] = [*row.figures, *(box for box in values.get("figures", []) if box not in row.figures)]
    connection.execute(update(_pages).where(_pages.c.id == page_id).values(values | {"unread": False}))
    before = order_of(connection, page_id)
    known = set(connection.execute(select(_lines.c.id).where(_lines.c.page_id == page_id)).scalars())
    lines = [line for line in page.lines if line.id in before or line.id not in known]
    new = [line for line in lines if line.id not in known]
    added = add_lines(connection, row.document_id, page_id, new, start=len(before))
    ids = iter(added)
    order = [line.id if line.id in before else next(ids) for line in lines]
    write_order(connection, page_id, arranged([*before, *added], order))

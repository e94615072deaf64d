"""One step of a person's work: what it changes, written together with what stood before."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from pipeline.document import Line, Page, Transcription
from pipeline.store import schema
from pipeline.store.queue import now
from pipeline.store.rows import append_versions, read_pages, storable, structure_of, version_row
from pipeline.store.states import (
    Standing,
    State,
    in_parts,
    read_standing,
    write_order,
    write_page_order,
    write_structure,
)
from pipeline.store.turns import write_turn
from pipeline.store.values import AUTHOR, Change, ChangeKind

_changes, _changed, _lines, _pages = schema.changes, schema.changed_lines, schema.lines, schema.pages
_versions, _proposals = schema.transcriptions, schema.proposals


class Step:
    """Collects the changes made in one writing transaction; `record` makes them one step that can be undone."""

    def __init__(self, connection: Connection, document_id: str, kind: ChangeKind, author: str) -> None:
        self._connection, self._document_id, self._kind, self._author = connection, document_id, kind, storable(author)
        self._lines: dict[str, tuple[State, State]] = {}
        self._versions: list[dict[str, Any]] = []
        self._orders: dict[str, dict[str, list[str]]] = {}
        self._figures: dict[str, dict[str, list[list[int]]]] = {}
        self._page_order: dict[str, list[str]] = {}
        self._turns: dict[str, dict[str, Any]] = {}

    def rewrite(self, page_id: str, old: Page, new: Page) -> None:
        """Make a page that reads as `old` read as `new`. Lines with ids that are not on it are new and get others."""
        known = {line.id: line for line in old.lines}
        standing = read_standing(self._connection, known)
        order = [
            self._change(known[line.id], line, standing[line.id]) if line.id in known else self._add(page_id, line)
            for line in new.lines
        ]
        for line_id in known.keys() - set(order):
            self._lines[line_id] = (standing[line_id].state, None)
        forget_proposals(self._connection, known.keys() - set(order))
        if order != list(known):
            self._orders[page_id] = {"before": list(known), "after": order}
            write_order(self._connection, page_id, order)
        if new.figures != old.figures:
            before, after = ([list(map(int, figure.box)) for figure in page.figures] for page in (old, new))
            self._figures[page_id] = {"before": before, "after": after}
            self._connection.execute(update(_pages).where(_pages.c.id == page_id).values(figures=after))

    def arrange(self, before: list[str], after: list[str]) -> None:
        """Let the document, whose pages have the ids `before`, have the pages `after`."""
        if after != before:
            self._page_order = {"before": before, "after": after}
            write_page_order(self._connection, self._document_id, after)

    def turn(self, page_id: str, before: int | None, after: int | None) -> None:
        """Let a page that lies as `before` lie as `after` (see `write_turn`)."""
        if after != before:
            told = select(_pages.c.error, _pages.c.unread, _pages.c.skew_degrees).where(_pages.c.id == page_id)
            was = self._connection.execute(told).mappings().one()
            self._turns[page_id] = {"before": before, "after": after, **was}
            write_turn(self._connection, page_id, after)

    def write_text(
        self, line_id: str, standing: Standing, reading: Transcription, *, is_person: bool, restores: int | None = None
    ) -> None:
        """Append a version to one line on its page; `restores` names the one it repeats."""
        assert standing.state is not None
        number = standing.newest + 1
        self._versions.append(version_row(line_id, number, reading, is_person=is_person, restores=restores))
        self._lines[line_id] = (standing.state, standing.state | {"version": restores or number})

    def record(self) -> Change | None:
        """Write the step down as its author's newest; what the author had undone can't be done again. None: nothing."""
        if not (self._lines or self._orders or self._figures or self._page_order or self._turns):
            return None
        append_versions(self._connection, self._versions)
        mine = (_changes.c.document_id == self._document_id, _changes.c.author == self._author)
        undone = update(_changes).where(*mine, _changes.c.state == "undone")
        self._connection.execute(undone.values(state="dropped"))
        newest = select(func.coalesce(func.max(_changes.c.number), 0)).where(
            _changes.c.document_id == self._document_id
        )
        change_id = uuid.uuid4().hex
        row = {"id": change_id, "document_id": self._document_id, "kind": self._kind, "author": self._author} | {
            "number": self._connection.execute(newest).scalar_one() + 1,
            "state": "done",
            "orders": self._orders,
            "figures": self._figures,
            "page_order": self._page_order,
            "turns": self._turns,
            "created": now(),
        }
        self._connection.execute(insert(_changes).values(row))
        self._record_lines(change_id)
        return read_changes(self._connection, {change_id})[0]

    def record_with(self, change_id: str, turns: dict[str, Any]) -> None:
        """Write what was read on a turned page down as a part of that turn, which is now `turns`."""
        append_versions(self._connection, self._versions)
        values = {"orders": self._orders, "figures": self._figures, "turns": turns}
        self._connection.execute(update(_changes).where(_changes.c.id == change_id).values(values))
        self._record_lines(change_id)

    def _record_lines(self, change_id: str) -> None:
        if self._lines:
            rows = [
                {"change_id": change_id, "line_id": line_id, "was": was, "became": became}
                for line_id, (was, became) in self._lines.items()
            ]
            self._connection.execute(insert(_changed), rows)

    def _change(self, old: Line, new: Line, standing: Standing) -> str:
        """Write what differs in a line; returns its id."""
        if old == new:
            return old.id
        if (new.transcription, new.checked) != (old.transcription, old.checked):
            self.write_text(old.id, standing, new.transcription, is_person=new.checked)
        was, became = self._lines.get(old.id, (standing.state, standing.state))
        assert became is not None
        structure = structure_of(new)
        values = {name: value for name, value in structure.items() if became[name] != value}
        write_structure(self._connection, old.id, values)
        if {"polygon", "baseline"} & values.keys():
            forget_proposals(self._connection, {old.id})
        if values or old.id in self._lines:
            self._lines[old.id] = (was, became | values)
        return old.id

    def _add(self, page_id: str, line: Line) -> str:
        """A row for a new line, which `write_order` puts in its place; returns its id."""
        line_id = uuid.uuid4().hex
        structure = structure_of(line)
        lowest = select(func.min(_lines.c.position)).where(_lines.c.page_id == page_id)
        place = min(self._connection.execute(lowest).scalar_one() or 0, 0) - 1
        row = {"id": line_id, "document_id": self._document_id, "page_id": page_id, "position": place, "version": 1}
        self._connection.execute(insert(_lines).values(row | structure | {"checked": line.checked}))
        version = version_row(line_id, 1, line.transcription, is_person=line.checked)
        self._connection.execute(insert(_versions).values(version))
        self._lines[line_id] = (None, structure | {"version": 1})
        return line_id


def read_anew(connection: Connection, document_id: str, page: Page) -> None:
    """Let a page that a person has turned say what was read in it since.

    It is a part of that step of the person's; a step of its own if something was done on the page in between, so that
    undo comes to what was done last. Lines that people wrote or confirmed stay, those of `page` in its order; others
    go off it and come back by undo.
    """
    old = read_pages(connection, _pages.c.id == page.id)[0]
    values: dict[str, Any] = {"unread": False, "error": storable(page.error)}
    if not page.error:
        values["skew_degrees"] = float(page.skew_degrees)
        named = {line.id for line in page.lines}
        known = set(connection.execute(select(_lines.c.id).where(_lines.c.page_id == page.id)).scalars())
        here = {line.id: line for line in old.lines}
        # Of those it names, as they are now; those taken off since stay off, and those confirmed since stay on.
        lines = [here.get(line.id, line) for line in page.lines if line.id in here or line.id not in known]
        lines += [line for line in old.lines if line.checked and line.id not in named]
        turn = _turn_of(connection, document_id, page.id)
        step = Step(connection, document_id, "read page", turn.author if turn else AUTHOR)
        step.rewrite(page.id, old, replace(page, lines=tuple(lines)))
        if turn and not _is_touched_since(connection, turn, page.id):
            step.record_with(turn.id, turn.turns | {page.id: turn.turns[page.id] | {"read": values}})
        else:
            step.record()
    connection.execute(update(_pages).where(_pages.c.id == page.id).values(values))


def _turn_of(connection: Connection, document_id: str, page_id: str) -> Row[Any] | None:
    """The step by which a page lies as it does, if nothing has been read since as a part of it."""
    lies = connection.execute(select(_pages.c.turned).where(_pages.c.id == page_id)).scalar_one()
    query = select(_changes).where(_changes.c.document_id == document_id, _changes.c.state == "done")
    for row in connection.execute(query.order_by(_changes.c.number.desc())):
        if turn := row.turns.get(page_id):
            return row if turn["after"] == lies and "read" not in turn else None
    return None


def _is_touched_since(connection: Connection, turn: Row[Any], page_id: str) -> bool:
    """Whether a step that stands was done on a page after this one: in its lines, their order, or its drawings."""
    later = (_changes.c.document_id == turn.document_id, _changes.c.state == "done", _changes.c.number > turn.number)
    of_lines = select(_changed.c.line_id).join(_changes, _changes.c.id == _changed.c.change_id)
    of_lines = of_lines.join(_lines, _lines.c.id == _changed.c.line_id).where(*later, _lines.c.page_id == page_id)
    if connection.execute(of_lines.limit(1)).first():
        return True
    steps = connection.execute(select(_changes.c.orders, _changes.c.figures).where(*later))
    return any(page_id in step.orders or page_id in step.figures for step in steps)


def forget_proposals(connection: Connection, line_ids: Collection[str]) -> None:
    """What was read in lines that are not the same ink any more counts for nothing."""
    for part in in_parts(line_ids):
        connection.execute(delete(_proposals).where(_proposals.c.line_id.in_(part)))


def read_changes(connection: Connection, change_ids: Collection[str]) -> list[Change]:
    """Changes with the lines they touched, newest first."""
    found: list[Change] = []
    for part in in_parts(change_ids):
        query = select(_changed, _pages.c.number.label("page")).join(_lines, _lines.c.id == _changed.c.line_id)
        query = query.join(_pages, _pages.c.id == _lines.c.page_id).where(_changed.c.change_id.in_(part))
        lines: dict[str, list[Row[Any]]] = {change_id: [] for change_id in part}
        for row in connection.execute(query.order_by(_pages.c.number, _lines.c.position)):
            lines[row.change_id].append(row)
        rows = connection.execute(select(_changes).where(_changes.c.id.in_(part))).all()
        touched = {page_id for row in rows for page_id in _pages_of(row)}
        numbers: Mapping[str, int] = dict(
            connection.execute(select(_pages.c.id, _pages.c.number).where(_pages.c.id.in_(touched))).tuples().all()
        )
        found += [_change(row, lines[row.id], numbers) for row in rows]
    return sorted(found, key=lambda change: -change.number)


def _change(row: Row[Any], lines: list[Row[Any]], numbers: Mapping[str, int]) -> Change:
    pages = {line.page for line in lines} | {numbers[page_id] for page_id in _pages_of(row) if page_id in numbers}
    return Change(
        id=row.id,
        number=row.number,
        kind=row.kind,
        author=row.author,
        state=row.state,
        created=row.created,
        line_ids=tuple(line.line_id for line in lines),
        added=tuple(line.line_id for line in lines if line.was is None),
        removed=tuple(line.line_id for line in lines if line.became is None),
        pages=tuple(sorted(page for page in pages if page >= 0)),
        told=_told(row.page_order.get("before", []), row.page_order.get("after", [])),
    )


def _told(before: list[str], after: list[str]) -> str:
    """What became of one page: "Page 2 deleted", "Page 4 moved to 1"; nothing if it was more than one."""
    left = set(before) - set(after)
    gone = [number for number, page_id in enumerate(before, 1) if page_id in left]
    if gone:
        return f"Page {gone[0]} deleted" if len(gone) == 1 else ""
    moved = [place for place, (old, new) in enumerate(zip(before, after, strict=False)) if old != new]
    if not moved or len(before) != len(after):
        return ""
    first, last = moved[0], moved[-1]
    if last == first + 1:
        return f"Pages {first + 1} and {last + 1} exchanged"
    if before[first:last] == after[first + 1 : last + 1]:
        return f"Page {last + 1} moved to {first + 1}"
    if before[first + 1 : last + 1] == after[first:last]:
        return f"Page {first + 1} moved to {last + 1}"
    return ""


def _pages_of(row: Row[Any]) -> set[str]:
    """The ids of the pages that a change touched beside those of its lines."""
    before, after = (row.page_order.get(when, []) for when in ("before", "after"))
    moved = {page_id for pair in zip(before, after, strict=False) if pair[0] != pair[1] for page_id in pair}
    return {*row.orders, *row.figures, *row.turns} | (set(before) ^ set(after) or moved)

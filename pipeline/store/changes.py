"""Changes to lines and pages as steps: done, undone and done again, by their author, in one document."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, select, update

from pipeline.document import Page
from pipeline.store import schema
from pipeline.store.database import Database
from pipeline.store.queue import queue_unread
from pipeline.store.rows import append_versions, found, read_pages, storable, transcription_of, version_row
from pipeline.store.states import (
    STRUCTURE,
    Standing,
    State,
    arranged,
    in_parts,
    order_of,
    page_order,
    read_standing,
    write_order,
    write_page_order,
    write_structure,
)
from pipeline.store.steps import Step, forget_proposals, read_changes
from pipeline.store.turns import write_turn
from pipeline.store.values import Change, ChangeKind, ChangeState

_changes, _changed, _lines, _pages = schema.changes, schema.changed_lines, schema.lines, schema.pages
_versions = schema.transcriptions
Edit = Callable[[Page], Page]
# Steps that undo looks at, and redo.
STANDING: tuple[ChangeState, ...] = ("done", "kept")
UNDONE: tuple[ChangeState, ...] = ("undone",)


class Changes(Database):
    """Change methods of the store. Nothing is lost by them: texts are appended, lines only leave their page."""

    def change_pages(
        self, document_id: str, pages: Collection[int], kind: ChangeKind, edit: Edit, *, author: str
    ) -> Change | None:
        """Pages as `edit` makes them of what they are now, as one step; None if that is the same.

        A line that `edit` brings under an unknown id is new. Raises NotFoundError, and what `edit` raises.
        """
        with self.writing() as connection:
            here = (_pages.c.document_id == document_id) & _pages.c.number.in_(list(pages))
            rows = connection.execute(select(_pages.c.number, _pages.c.id).where(here)).tuples()
            ids = dict(found(rows.all(), "There is no such page, or it has not been read yet."))
            step = Step(connection, document_id, kind, author)
            for page in read_pages(connection, here):
                step.rewrite(ids[page.index], page, edit(page))
            return step.record()

    def undo(self, document_id: str, *, author: str) -> Change | None:
        """Take back the last step of this author in the document, whenever it was made; None if there is none.

        Where others have changed its lines since, these stay; of a step that did more than write texts, all does, and
        it comes back as "kept". From then on it is passed over, until what the others did is undone, too.
        """
        return self._step(document_id, author, "undone")

    def redo(self, document_id: str, *, author: str) -> Change | None:
        """Do again the oldest of the steps that this author has undone, which mostly is what was undone last.

        None if there is nothing, or something else was done since. What others have done since keeps it as in `undo`,
        for good.
        """
        return self._step(document_id, author, "done")

    def can_undo(self, document_id: str, *, author: str) -> bool:
        """Whether this author has a step in the document that `undo` would look at."""
        with self.reading() as connection:
            return any(
                connection.execute(select(exists().where(*_steps_of(document_id, author, state)))).scalar()
                for state in STANDING
            )

    def changes(self, document_id: str, limit: int = 50) -> list[Change]:
        """The steps made in a document, newest first."""
        query = select(_changes.c.id).where(_changes.c.document_id == document_id)
        with self.reading() as connection:
            newest = connection.execute(query.order_by(_changes.c.number.desc()).limit(limit)).scalars().all()
            return read_changes(connection, newest)

    def changes_of_line(self, line_id: str) -> list[Change]:
        """The steps that touched a line, newest first."""
        query = select(_changed.c.change_id).where(_changed.c.line_id == line_id)
        with self.reading() as connection:
            return read_changes(connection, connection.execute(query).scalars().all())

    def _step(self, document_id: str, author: str, becomes: ChangeState) -> Change | None:
        with self.writing() as connection:
            passed: int | None = None
            while (row := _next(connection, document_id, author, becomes, passed)) is not None:
                with connection.begin_nested() as attempt:
                    outcome, stay = _apply(connection, row, becomes)
                    if outcome == "kept":
                        attempt.rollback()
                if row.turns or row.page_order:
                    queue_unread(connection, document_id)
                # What was undone and can't be done again stands no more.
                state = "dropped" if outcome == "kept" and becomes == "done" else outcome
                connection.execute(update(_changes).where(_changes.c.id == row.id).values(state=state))
                if outcome == row.state:
                    passed = row.number
                elif outcome != "dropped":
                    note = _note(outcome, becomes, stay)
                    return replace(read_changes(connection, {row.id})[0], state=outcome, note=note)
        return None


def _next(
    connection: Connection, document_id: str, author: str, becomes: ChangeState, passed: int | None
) -> Row[Any] | None:
    """The step to be looked at: of those that stand the newest, older than the one `passed` over; of others the oldest.

    What was undone last is the oldest of what is undone.
    """
    back = becomes == "undone"
    order = _changes.c.number.desc() if back else _changes.c.number
    older = () if passed is None else (_changes.c.number < passed,)
    rows = [
        connection.execute(
            select(_changes).where(*_steps_of(document_id, author, state), *older).order_by(order).limit(1)
        ).first()
        for state in (STANDING if back else UNDONE)
    ]
    return max((row for row in rows if row), key=lambda row: row.number, default=None)


def _steps_of(document_id: str, author: str, state: ChangeState) -> tuple[ColumnElement[bool], ...]:
    """Which steps; what the index `changes_by_author` finds."""
    return _changes.c.document_id == document_id, _changes.c.author == storable(author), _changes.c.state == state


def _note(outcome: ChangeState, wanted: ChangeState, stay: int) -> str:
    """What did not go as wanted, where others have changed so many lines of a step since."""
    if outcome == "kept":
        why = f"changed {stay} of these lines" if stay else "turned the page"
        return f"Nothing was {'undone' if wanted == 'undone' else 'done again'}: others have {why} since."
    return f"{stay} of these lines, which others have changed since, stay as they are." if stay else ""


def _apply(connection: Connection, change: Row[Any], becomes: ChangeState) -> tuple[ChangeState, int]:
    """Put the lines and pages of a change where they were before it, or after it.

    Returns what has become of the change ("dropped" if lines and pages are gone), and how many lines others changed.
    If it is "kept", what was written is to be rolled back.
    """
    rows = connection.execute(select(_changed).where(_changed.c.change_id == change.id)).all()
    back = becomes == "undone"
    targets: dict[str, tuple[State, State]] = {
        row.line_id: (row.became, row.was) if back else (row.was, row.became) for row in rows
    }
    here = _pages.c.id.in_({*change.orders, *change.figures, *change.turns})
    query = select(_pages.c.id, _pages.c.figures, _pages.c.turned).where(here)
    pages = connection.execute(query).all()
    if not targets and not pages and not change.page_order:
        return "dropped", 0
    left = "after" if back else "before"
    turned = [page for page in pages if page.id in change.turns]
    if any(page.turned != change.turns[page.id][left] for page in turned):
        return "kept", 0
    if turned and not back:
        # What was read on a page as it lies then has its places there: it comes after the turn, and goes before it.
        for page in turned:
            write_turn(connection, page.id, change.turns[page.id]["after"])
        pages = connection.execute(query).all()
    standing = read_standing(connection, targets)
    foreign = {line_id for line_id, states in targets.items() if not _is_as(standing[line_id], *states)}
    only_texts = not (change.orders or change.figures or change.page_order)
    if foreign and (not only_texts or len(foreign) == len(targets)):
        return "kept", len(foreign)
    texts: dict[str, tuple[int, int]] = {}
    on_page: dict[str, list[str]] = {page.id: order_of(connection, page.id) for page in pages}
    for line_id, (_, wanted) in targets.items():
        if line_id in foreign:
            continue
        now = standing[line_id]
        if wanted is None:
            on_page[now.page_id].remove(line_id)
            forget_proposals(connection, {line_id})
            continue
        if now.state is None:
            on_page[now.page_id].append(line_id)
        _put_back(connection, line_id, now, wanted)
        # What was written in a line while it was off its page stays.
        if now.state is not None and now.state["version"] != wanted["version"]:
            texts[line_id] = now.newest, wanted["version"]
    _restore(connection, texts)
    for page in pages:
        if page.id in change.orders:
            order = change.orders[page.id]["before" if back else "after"]
            write_order(connection, page.id, arranged(on_page[page.id], order))
        if page.id in change.figures:
            boxes = change.figures[page.id]
            old, new = (boxes["after"], boxes["before"]) if back else (boxes["before"], boxes["after"])
            kept = [box for box in page.figures if box not in old or box in new]
            figures = kept + [box for box in new if box not in kept]
            connection.execute(update(_pages).where(_pages.c.id == page.id).values(figures=figures))
        if turn := change.turns.get(page.id):
            if back:
                write_turn(connection, page.id, turn["before"], turn)
            elif "read" in turn:
                connection.execute(update(_pages).where(_pages.c.id == page.id).values(turn["read"]))
    if change.page_order:
        _arrange(connection, change, back=back)
    return becomes, len(foreign)


def _arrange(connection: Connection, change: Row[Any], *, back: bool) -> None:
    """Put pages back into the order, and into or out of the document, as they were before a change or after it."""
    left, wanted = (change.page_order[when] for when in (("after", "before") if back else ("before", "after")))
    known = set(connection.execute(select(_pages.c.id).where(_pages.c.document_id == change.document_id)).scalars())
    current, gone, come = page_order(connection, change.document_id), {*left} - {*wanted}, known & {*wanted} - {*left}
    here = [page_id for page_id in current if page_id not in gone | come]
    again = [page_id for page_id in wanted if page_id in come]
    write_page_order(connection, change.document_id, arranged([*here, *again], wanted))


def _is_as(now: Standing, expected: State, wanted: State) -> bool:
    """Whether a line still is what the step made of it, in everything the step changed."""
    if expected is None or now.state is None:
        return expected is now.state
    return all(
        now.state[name] == value for name, value in expected.items() if wanted is None or wanted.get(name) != value
    )


def _put_back(connection: Connection, line_id: str, now: Standing, wanted: dict[str, Any]) -> None:
    """Let a line look as it did."""
    values = {name: wanted[name] for name in STRUCTURE if now.state is None or now.state[name] != wanted[name]}
    write_structure(connection, line_id, values)
    if {"polygon", "baseline"} & values.keys():
        forget_proposals(connection, {line_id})


def _restore(connection: Connection, texts: Mapping[str, tuple[int, int]]) -> None:
    """Append to each line what an earlier version says: {line id: (newest version, version to repeat)}."""
    rows = []
    for part in in_parts(texts):
        for row in connection.execute(select(_versions).where(_versions.c.line_id.in_(part))):
            newest, number = texts[row.line_id]
            if row.version == number:
                reading = transcription_of(row)
                rows.append(version_row(row.line_id, newest + 1, reading, is_person=row.is_person, restores=number))
    append_versions(connection, rows)

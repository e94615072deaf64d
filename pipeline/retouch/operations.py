"""What people do to lines, as one step in the store each: written whole or not at all, and undone as one."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from pipeline.decorations import redecorated
from pipeline.document import Box, DecorationKind, Kind, Line, Page, Point, Transcription
from pipeline.errors import ConflictError, InklineError, RetouchError
from pipeline.retouch import edits, ink
from pipeline.retouch.edits import Seen
from pipeline.retouch.geometry import frame_of
from pipeline.store import Change, Store
from pipeline.store.values import ChangeKind
from pipeline.strokes import with_strokes

log = logging.getLogger(__name__)
Outline = Sequence[float] | Sequence[Point]
ANYHOW = Seen()


def delete_lines(store: Store, line_ids: Collection[str], *, author: str) -> Change | None:
    """Take lines of one page off it."""
    return _change(store, _page_of(store, line_ids), "delete", edits.delete(line_ids), author)


def merge_lines(store: Store, line_ids: Collection[str], *, author: str, read: ink.Read | None = None) -> Change | None:
    """Make one line of two or more of one page, under the id of the first in reading order."""
    return _change(store, _page_of(store, line_ids), "merge", edits.merge(line_ids), author, read)


def split_line(
    store: Store,
    line_id: str,
    *,
    author: str,
    at: Point | None = None,
    offset: int | None = None,
    text: str | None = None,
    read: ink.Read | None = None,
    seen: Seen = ANYHOW,
) -> Change | None:
    """Make two lines of one, at a point of the page, or at a place in its text; the second is the change's `added`.

    From a point alone the text is split at the gap between words that is likely to be there; from a place in the text
    alone the ink is, at its whitest column nearby. `seen` as for `insert_line`; `text` is what the line was seen to
    say, and it must still say so (else ConflictError).
    """
    document_id, index, line = store.get_line(line_id)
    if offset is not None and text is None:
        text = line.text
    edit = edits.split(line_id, at, offset, text)
    if at is None:
        page = store.get_page(document_id, index)
        (line,) = edits.chosen(page, [line_id])
        frame = frame_of(line, page)
        place = edits.place_of(line, frame, None, offset)
        try:
            place = ink.gap_near(ink.picture_of(store, page), page, line, place)
        except InklineError:
            log.info("line %s is split without its picture, which can't be opened", line_id)
        middle = float(frame.inside(line.polygon)[:, 1].mean())
        at = frame.outside(np.array([(place, middle)]))[0]
        edit = edits.as_seen(edits.split(line_id, at, offset, text), Seen(page.id, page.image, page.turned))
    return _change(store, (document_id, index), "split", edits.as_seen(edit, seen), author, read)


def insert_line(
    store: Store,
    document_id: str,
    page: int,
    outline: Outline,
    *,
    author: str,
    read: ink.Read | None = None,
    seen: Seen = ANYHOW,
) -> Change | None:
    """Draw a new line, a box (x0, y0, x1, y1) or a polygon; it finds its place in reading order.

    Raises ConflictError if the page is another one than was `seen`, or was turned.
    """
    edit = edits.as_seen(edits.insert(outline), seen)
    return _change(store, (document_id, page), "insert", edit, author, read)


def move_line(
    store: Store,
    line_id: str,
    outline: Outline,
    *,
    author: str,
    read: ink.Read | None = None,
    seen: Seen = ANYHOW,
) -> Change | None:
    """Give a line another outline; its baseline goes along. `seen` as for `insert_line`."""
    edit = edits.as_seen(edits.move(line_id, outline), seen)
    return _change(store, _page_of(store, [line_id]), "move", edit, author, read)


def order_lines(store: Store, document_id: str, page: int, line_ids: Sequence[str], *, author: str) -> Change | None:
    """Put lines of a page into this order, in the places that they have among the others."""
    return _change(store, (document_id, page), "order", edits.order(line_ids), author)


def confirm_lines(
    store: Store, line_ids: Sequence[str], *, author: str, texts: Sequence[str] | None = None
) -> Change | None:
    """Say that lines of one page are right as they are; with `texts`, those of them that still say what was seen.

    The change's note tells how many do not. Raises ConflictError if none that is still to be confirmed does.
    """
    seen = dict(zip(line_ids, texts, strict=True)) if texts is not None else {}
    others: set[str] = set()

    def edit(page: Page) -> Page:
        unchecked = [line for line in page.lines if line.id in line_ids and not line.checked]
        others.update(line.id for line in unchecked if line.text != seen.get(line.id, line.text))
        if others and len(others) == len(unchecked):
            raise ConflictError(
                f"{_other_words(len(others))} Please read {'it' if len(others) == 1 else 'them'} first."
            )
        return edits.confirm([line_id for line_id in line_ids if line_id not in others], author)(page)

    change = _change(store, _page_of(store, line_ids), "text", edit, author)
    return replace(change, note=_other_words(len(others))) if change and others else change


def _other_words(lines: int) -> str:
    if lines == 1:
        return "1 line says something else than was shown, so it stays to be checked."
    return f"{lines} lines say something else than was shown, so they stay to be checked."


def set_kind(
    store: Store, line_ids: Collection[str], kind: Kind | Literal["figure"], *, author: str, level: int = 0
) -> Change | None:
    """Say what lines of one page are; as a figure they leave the text, and their box is kept as a drawing."""
    edit = edits.mark_as_figure(line_ids) if kind == "figure" else edits.mark(line_ids, kind, level)
    return _change(store, _page_of(store, line_ids), "kind", edit, author)


def decorate_words(
    store: Store, line_id: str, start: int, end: int, kind: DecorationKind, *, author: str, on: bool, text: str
) -> Change | None:
    """Underline words of a line or strike them out, or take that off (`on` false).

    They are those from character `start` up to `end` of `text`, which the line must still say (else ConflictError).
    """
    edit = edits.decorate(line_id, start, end, kind, on=on, text=text)
    return _change(store, _page_of(store, [line_id]), "decorate", edit, author)


def add_figure(
    store: Store, document_id: str, page: int, box: Box, *, author: str, seen: Seen = ANYHOW
) -> Change | None:
    """Keep a part of the page as a drawing. `seen` as for `insert_line`."""
    return _change(store, (document_id, page), "figure", edits.as_seen(edits.add_figure(box), seen), author)


def remove_figure(
    store: Store, document_id: str, page: int, box: Box, *, author: str, seen: Seen = ANYHOW
) -> Change | None:
    """Let a part of the page be no drawing any more. `seen` as for `insert_line`."""
    return _change(store, (document_id, page), "figure", edits.as_seen(edits.remove_figure(box), seen), author)


def _page_of(store: Store, line_ids: Collection[str]) -> tuple[str, int]:
    """The document and page of lines, by one of them. Raises NotFoundError."""
    if not line_ids:
        raise RetouchError("Choose a line first.")
    return store.get_line(next(iter(line_ids)))[:2]


def _change(
    store: Store, place: tuple[str, int], kind: ChangeKind, edit: edits.Edit, author: str, read: ink.Read | None = None
) -> Change | None:
    """One step; lines whose ink has become another are read anew, which takes its time before the store is asked."""
    document_id, index = place
    readings, note = {}, ""
    if read:
        page = store.get_page(document_id, index)
        fresh = _to_read(page, edit(page))
        try:
            readings = dict(zip((line.polygon for line in fresh), _seen(store, page, fresh, read), strict=True))
        except InklineError as error:
            note = f"The line was not read again. {error}"

    def whole(page: Page) -> Page:
        after = edit(page)
        fresh = {line.polygon for line in _to_read(page, after)} & readings.keys()
        lines = (
            replace(line, transcription=redecorated(line.transcription, readings[line.polygon]))
            if line.polygon in fresh
            else line
            for line in after.lines
        )
        return replace(after, lines=tuple(lines))

    change = store.change_pages(document_id, {index}, kind, whole, author=author)
    return replace(change, note=note) if change else None


def _seen(store: Store, page: Page, lines: Sequence[Line], read: ink.Read) -> list[Transcription]:
    """What lines of a page say, with the words underlined and struck out that are so in their ink."""
    readings = zip(read(page, lines), ink.strokes_in(store, page, lines), strict=True)
    return [with_strokes(reading, strokes) for reading, strokes in readings]


def _to_read(before: Page, after: Page) -> list[Line]:
    """Lines whose ink has changed, none where a person had confirmed what one of them said."""
    known = {line.id: line for line in before.lines}
    here = {line.id for line in after.lines}
    changed = [line for line in after.lines if line.id not in known or line.polygon != known[line.id].polygon]
    touched = [known[line.id] for line in changed if line.id in known]
    touched += [line for line in before.lines if line.id not in here]
    return [] if any(line.checked for line in touched) else changed

"""What people do to the lines of a page, as functions from the page before to the page after."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pipeline.decorations import decorated, keep_decorations
from pipeline.document import Box, DecorationKind, Figure, Kind, Line, Page, Point, Transcription
from pipeline.errors import ConflictError, NotFoundError, RetouchError
from pipeline.places import share_at
from pipeline.retouch.geometry import Frame, drawn, frame_of, joined, moved, page_frame
from pipeline.retouch.geometry import cut as cut_ink
from pipeline.retouch.reading_order import paragraph_between, place_in_order, same_ink
from pipeline.retouch.texts import gap_near, joined_text, split_text

Edit = Callable[[Page], Page]
DEEPEST = 8
# A line without an id is new; the store gives it one.
NEW = ""
UNREAD = Transcription("", 0.0)


class Seen(NamedTuple):
    """The page on which a place is meant, by its id, its picture, and how it was turned, for some look the same then.

    "" and None are whatever page, or however it lies.
    """

    page: str = ""
    image: str = ""
    turned: int | None = None


def as_seen(edit: Edit, seen: Seen) -> Edit:
    """The same edit, but only of the page that was seen, lying as it did."""

    def checked(page: Page) -> Page:
        what_happened = ""
        if seen.page and page.id != seen.page:
            what_happened = "Pages were moved"
        elif page.image != (seen.image or page.image) or seen.turned not in (None, page.turned):
            what_happened = "The page was turned"
        if what_happened:
            raise ConflictError(
                f"{what_happened} meanwhile, so nothing was changed. Please look at the page and try once more."
            )
        return edit(page)

    return checked


def delete(line_ids: Collection[str]) -> Edit:
    def edit(page: Page) -> Page:
        chosen(page, line_ids)
        return replace(page, lines=tuple(line for line in page.lines if line.id not in line_ids))

    return edit


def merge(line_ids: Collection[str]) -> Edit:
    """The lines become one, under the id and in the place of the first in reading order."""

    def edit(page: Page) -> Page:
        lines = chosen(page, line_ids)
        if len(lines) < 2:
            raise RetouchError("Choose two or more lines of one page to merge them.")
        frame = frame_of(max(lines, key=lambda line: line.box[2] - line.box[0]), page)
        ink = joined(lines, frame)
        in_row = _side_by_side(lines, frame)
        checked = all(line.checked for line in lines)
        reading = joined_text([line.transcription for line in in_row], checked=checked)
        whole = replace(lines[0], polygon=ink.polygon, baseline=ink.baseline, transcription=reading, checked=checked)
        rest = {line.id for line in lines[1:]}
        kept = (whole if line.id == whole.id else line for line in page.lines if line.id not in rest)
        return replace(page, lines=tuple(kept))

    return edit


def _side_by_side(lines: Sequence[Line], frame: Frame) -> list[Line]:
    """From left to right if they stand beside one another, else in reading order."""
    ranges = [(us.min(), us.max()) for us in (frame.inside(line.polygon)[:, 0] for line in lines)]
    order = sorted(range(len(lines)), key=lambda n: ranges[n])
    beside = all(
        min(ranges[a][1], ranges[b][1]) - max(ranges[a][0], ranges[b][0])
        < 0.3 * min(ranges[a][1] - ranges[a][0], ranges[b][1] - ranges[b][0])
        for a, b in pairwise(order)
    )
    return [lines[n] for n in order] if beside else list(lines)


def split(line_id: str, at: Point | None, offset: int | None, text: str | None) -> Edit:
    """The line becomes two at a point of the page, at a place in its text, or both; the first part keeps the id.

    `text` is what the line was seen to say, None whatever it says.
    """

    def edit(page: Page) -> Page:
        (line,) = chosen(page, [line_id])
        _check_text(line, text)
        frame = frame_of(line, page)
        before, behind = cut_ink(line, frame, place_of(line, frame, at, offset))
        place = offset
        if place is None:
            us = frame.inside(line.polygon)[:, 0]
            assert at is not None
            share = (frame.inside([at])[0, 0] - us.min()) / np.ptp(us)
            place = gap_near(line.text, float(share))
        first, second = split_text(line.transcription, place)
        parts = (
            replace(line, polygon=before.polygon, baseline=before.baseline, transcription=first),
            replace(
                line,
                id=NEW,
                polygon=behind.polygon,
                baseline=behind.baseline,
                transcription=second,
                # What goes on in a list item is no item of its own.
                kind="text" if line.kind == "list_item" else line.kind,
            ),
        )
        return _with(page, line_id, parts)

    return edit


def place_of(line: Line, frame: Frame, at: Point | None, offset: int | None) -> float:
    """Where along the line a split at this point, or this place in the text, cuts. Raises RetouchError."""
    if at is not None:
        return float(frame.inside([at])[0, 0])
    if offset is None or not line.text[:offset].strip() or not line.text[offset:].strip() or offset < 0:
        raise RetouchError("Put the cursor between two words of the line to split it there.")
    us = frame.inside(line.polygon)[:, 0]
    return float(us.min() + share_at(line.text, offset) * np.ptp(us))


def insert(outline: Sequence[float] | Sequence[Point]) -> Edit:
    """A new line, unread, at its place in reading order."""

    def edit(page: Page) -> Page:
        ink = drawn(outline, page)
        line = Line(NEW, ink.polygon, ink.baseline, transcription=UNREAD)
        place = place_in_order(line, page)
        before, after = page.lines[:place], page.lines[place:]
        return replace(page, lines=(*before, replace(line, paragraph=paragraph_between(before, after)), *after))

    return edit


def with_drawn(drawn_lines: Sequence[Line]) -> Edit:
    """Lines that people drew, each at its place in reading order, instead of those found in the same ink."""

    def edit(page: Page) -> Page:
        frame = page_frame(page)
        free = 1 + max((line.paragraph for line in drawn_lines), default=-1)
        found = (line for line in page.lines if not any(same_ink(line, own, frame) for own in drawn_lines))
        page = replace(page, lines=tuple(replace(line, paragraph=line.paragraph + free) for line in found))
        for line in drawn_lines:
            place = place_in_order(line, page)
            page = replace(page, lines=(*page.lines[:place], line, *page.lines[place:]))
        return page

    return edit


def move(line_id: str, outline: Sequence[float] | Sequence[Point]) -> Edit:
    def edit(page: Page) -> Page:
        (line,) = chosen(page, [line_id])
        ink = moved(line, outline, page)
        return _with(page, line_id, (replace(line, polygon=ink.polygon, baseline=ink.baseline),))

    return edit


def order(line_ids: Sequence[str]) -> Edit:
    """These lines in this order, in the places that they have among the others."""

    def edit(page: Page) -> Page:
        if len(set(line_ids)) != len(line_ids):
            raise RetouchError("Each line has one place in the order.")
        lines = {line.id: line for line in chosen(page, line_ids)}
        following = iter([lines[line_id] for line_id in line_ids])
        return replace(page, lines=tuple(next(following) if line.id in lines else line for line in page.lines))

    return edit


def mark(line_ids: Collection[str], kind: Kind, level: int) -> Edit:
    if not 0 <= level <= DEEPEST:
        raise RetouchError(f"A list item's level is a number from 0 to {DEEPEST}.")

    def edit(page: Page) -> Page:
        chosen(page, line_ids)
        lines = (replace(line, kind=kind, level=level) if line.id in line_ids else line for line in page.lines)
        return replace(page, lines=tuple(lines))

    return edit


def confirm(line_ids: Collection[str], author: str) -> Edit:
    """The lines say what they say, which a person has seen; those already confirmed stay whose they are."""

    def edit(page: Page) -> Page:
        chosen(page, line_ids)
        lines = (
            replace(
                line,
                transcription=keep_decorations(line.transcription, Transcription(line.text, 1.0, author)),
                checked=True,
            )
            if line.id in line_ids and not line.checked
            else line
            for line in page.lines
        )
        return replace(page, lines=tuple(lines))

    return edit


def decorate(line_id: str, start: int, end: int, kind: DecorationKind, *, on: bool, text: str) -> Edit:
    """Words of a line become underlined or struck out, or are no more; `text` is what the line was seen to say."""

    def edit(page: Page) -> Page:
        (line,) = chosen(page, [line_id])
        _check_text(line, text)
        said = line.transcription
        reading = replace(said, decorations=decorated(text, said.decorations, start, end, kind, on=on))
        return _with(page, line_id, (replace(line, transcription=reading),))

    return edit


def mark_as_figure(line_ids: Collection[str]) -> Edit:
    """One drawing in place of these lines."""

    def edit(page: Page) -> Page:
        left, top, right, bottom = zip(*(line.box for line in chosen(page, line_ids)), strict=True)
        box = max(min(left), 0), max(min(top), 0), min(max(right), page.width), min(max(bottom), page.height)
        return replace(delete(line_ids)(page), figures=(*page.figures, Figure(box)))

    return edit


def add_figure(box: Box) -> Edit:
    def edit(page: Page) -> Page:
        polygon = np.array(drawn(box, page).polygon)
        (x0, y0), (x1, y1) = np.floor(polygon.min(axis=0)), np.ceil(polygon.max(axis=0))
        return replace(page, figures=(*page.figures, Figure((int(x0), int(y0), int(x1), int(y1)))))

    return edit


def remove_figure(box: Box) -> Edit:
    def edit(page: Page) -> Page:
        if Figure(box) not in page.figures:
            raise NotFoundError("There is no such drawing on this page.")
        return replace(page, figures=tuple(figure for figure in page.figures if figure.box != box))

    return edit


def _check_text(line: Line, text: str | None) -> None:
    """Raises ConflictError if the line does not say what it was seen to say."""
    if text not in (None, line.text):
        raise ConflictError(
            "This line says something else by now, so nothing was changed. Please look at it and try once more."
        )


def chosen(page: Page, line_ids: Collection[str]) -> list[Line]:
    """The lines with these ids in reading order. Raises NotFoundError if one of them is not on the page."""
    lines = [line for line in page.lines if line.id in line_ids]
    if not lines or len(lines) != len(set(line_ids)):
        raise NotFoundError("There is no such line on this page. Somebody may have changed the page meanwhile.")
    return lines


def _with(page: Page, line_id: str, parts: Sequence[Line]) -> Page:
    """The page with these lines in place of one."""
    lines = (part for line in page.lines for part in (parts if line.id == line_id else (line,)))
    return replace(page, lines=tuple(lines))

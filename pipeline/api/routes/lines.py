"""Lines put right: each request is one step, which can be undone; null where nothing had to change."""

from typing import Annotated

from fastapi import APIRouter, Query

from pipeline import retouch
from pipeline.api.deps import PageIndex, SettingsDep, StoreDep
from pipeline.api.line_schemas import (
    ChangeOut,
    Confirmed,
    Decorated,
    Drawn,
    FigureBox,
    FoundOut,
    Lines,
    Marked,
    Merged,
    Pattern,
    Replaced,
    Sought,
    Split,
    change_out,
)
from pipeline.api.readers import reader_for_client
from pipeline.settings import Settings
from pipeline.store import AUTHOR, Store

router = APIRouter(tags=["changing lines"])
PAGE = "/documents/{document_id}/pages/{index}"
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.post(PAGE + "/lines", status_code=201)
def insert_line(
    settings: SettingsDep, store: StoreDep, document_id: str, index: PageIndex, body: Drawn
) -> ChangeOut | None:
    """Draw a line; its id is the one in `added`."""
    read = _reader(store, settings, document_id, body.engine)
    change = retouch.insert_line(store, document_id, index, body.outline, author=AUTHOR, read=read, seen=body.seen)
    return change_out(change)


@router.post("/lines/delete")
def delete_lines(store: StoreDep, body: Lines) -> ChangeOut | None:
    """Take lines of one page off it."""
    return change_out(retouch.delete_lines(store, body.lines, author=AUTHOR))


@router.post("/lines/merge")
def merge_lines(settings: SettingsDep, store: StoreDep, body: Merged) -> ChangeOut | None:
    """Make one line of several of one page, under the id of the first."""
    read = _reader(store, settings, store.get_line(body.lines[0])[0], body.engine)
    return change_out(retouch.merge_lines(store, body.lines, author=AUTHOR, read=read))


@router.post("/lines/confirm")
def confirm_lines(store: StoreDep, body: Confirmed) -> ChangeOut | None:
    """Say that lines of one page are right as they are, or as they were seen."""
    return change_out(retouch.confirm_lines(store, body.lines, author=AUTHOR, texts=body.texts))


@router.post("/lines/kind")
def set_kind(store: StoreDep, body: Marked) -> ChangeOut | None:
    """Say what lines of one page are; as a figure they leave the text and are kept as a drawing."""
    return change_out(retouch.set_kind(store, body.lines, body.kind, author=AUTHOR, level=body.level))


@router.post("/lines/{line_id}/decorations")
def decorate_words(store: StoreDep, line_id: str, body: Decorated) -> ChangeOut | None:
    """Underline words of a line or strike them out, or take that off."""
    span = body.start, body.end, body.kind
    return change_out(retouch.decorate_words(store, line_id, *span, author=AUTHOR, on=body.on, text=body.text))


@router.post("/lines/{line_id}/split")
def split_line(settings: SettingsDep, store: StoreDep, line_id: str, body: Split) -> ChangeOut | None:
    """Make two lines of one; the second is the one in `added`."""
    read = _reader(store, settings, store.get_line(line_id)[0], body.engine)
    change = retouch.split_line(
        store, line_id, author=AUTHOR, at=body.at, offset=body.offset, text=body.text, read=read, seen=body.seen
    )
    return change_out(change)


@router.put("/lines/{line_id}/outline")
def move_line(settings: SettingsDep, store: StoreDep, line_id: str, body: Drawn) -> ChangeOut | None:
    """Give a line another outline."""
    read = _reader(store, settings, store.get_line(line_id)[0], body.engine)
    return change_out(retouch.move_line(store, line_id, body.outline, author=AUTHOR, read=read, seen=body.seen))


@router.post("/lines/{line_id}/versions/{number}")
def go_back(store: StoreDep, line_id: str, number: int) -> ChangeOut | None:
    """Show a version of the line's history again."""
    return change_out(store.go_back(line_id, number, author=AUTHOR))


@router.get("/lines/{line_id}/changes")
def changes_of_line(store: StoreDep, line_id: str) -> list[ChangeOut]:
    """The steps that touched a line, newest first."""
    return [ChangeOut.model_validate(change) for change in store.changes_of_line(line_id)]


@router.put(PAGE + "/order")
def order_lines(store: StoreDep, document_id: str, index: PageIndex, body: Lines) -> ChangeOut | None:
    """Put lines of a page into this order, in the places they have among the others."""
    return change_out(retouch.order_lines(store, document_id, index, body.lines, author=AUTHOR))


@router.post(PAGE + "/figures", status_code=201)
def add_figure(store: StoreDep, document_id: str, index: PageIndex, body: FigureBox) -> ChangeOut | None:
    """Keep a part of the page as a drawing."""
    return change_out(retouch.add_figure(store, document_id, index, body.box, author=AUTHOR, seen=body.seen))


@router.post(PAGE + "/figures/delete")
def remove_figure(store: StoreDep, document_id: str, index: PageIndex, body: FigureBox) -> ChangeOut | None:
    """Let a drawing be none any more."""
    return change_out(retouch.remove_figure(store, document_id, index, body.box, author=AUTHOR, seen=body.seen))


@router.post("/documents/{document_id}/undo")
def undo(store: StoreDep, document_id: str) -> ChangeOut | None:
    """Take back the last step in the document; null if there is none."""
    store.job_of(document_id)  # an unknown document is not one without steps
    return change_out(store.undo(document_id, author=AUTHOR))


@router.post("/documents/{document_id}/redo")
def redo(store: StoreDep, document_id: str) -> ChangeOut | None:
    """Do again what was undone last; null if there is nothing, or something else was done since."""
    store.job_of(document_id)
    return change_out(store.redo(document_id, author=AUTHOR))


@router.get("/documents/{document_id}/changes")
def list_changes(store: StoreDep, document_id: str, limit: Limit = 50) -> list[ChangeOut]:
    """The steps made in a document, newest first."""
    store.job_of(document_id)
    return [ChangeOut.model_validate(change) for change in store.changes(document_id, limit)]


@router.post("/documents/{document_id}/find")
def find(store: StoreDep, document_id: str, body: Sought, limit: Limit = 200) -> FoundOut:
    """The lines in which something is found, and what they would say with it replaced: their number, and the first."""
    return FoundOut.model_validate(retouch.find(store, document_id, _search(body), body.replacement, limit=limit))


@router.post("/documents/{document_id}/replace")
def replace_all(store: StoreDep, document_id: str, body: Replaced) -> ChangeOut | None:
    """Replace what is found, as one step."""
    search = _search(body)
    change = retouch.replace_all(
        store, document_id, search, body.replacement, author=AUTHOR, line_ids=body.lines, but=body.but
    )
    return change_out(change)


def _search(body: Pattern) -> retouch.Search:
    return retouch.Search(body.find, whole_word=body.whole_word, regular=body.regular, match_case=body.match_case)


def _reader(store: Store, settings: Settings, document_id: str, engine: str | None) -> retouch.Read | None:
    if engine is None:
        return None
    return retouch.line_reader(store, settings, document_id, reader_for_client(engine, settings))

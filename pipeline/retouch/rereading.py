"""Reading stored lines again with another reader, as proposals that people take or leave."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from pipeline.document import Line, Transcription
from pipeline.errors import ConflictError, NotFoundError
from pipeline.retouch.ink import line_reader, strokes_in
from pipeline.settings import Settings
from pipeline.store import Proposal, Store
from pipeline.store.queue import now
from pipeline.strokes import Stroke, with_strokes


def propose_readings(
    store: Store,
    settings: Settings,
    document_id: str,
    page: int,
    *,
    engine: str = "auto",
    line_ids: Collection[str] | None = None,
    page_id: str = "",
) -> list[Proposal]:
    """Read lines of a page again, or all that nobody has confirmed; returns those that read otherwise.

    Raises EngineError, PageError, NotFoundError; ConflictError if the page with this index is not `page_id`.
    """
    seen, stored = now(), store.get_page(document_id, page)
    if page_id and stored.id != page_id:
        raise ConflictError("Pages were moved meanwhile, so nothing was read. Please try once more.")
    lines = [line for line in stored.lines if (not line.checked if line_ids is None else line.id in line_ids)]
    readings = line_reader(store, settings, document_id, engine)(stored, lines)
    _propose(store, lines, readings, strokes_in(store, stored, lines), seen)
    return [p for p in store.proposals(document_id, page) if line_ids is None or p.line_id in line_ids]


def reread_document(
    store: Store,
    settings: Settings,
    document_id: str,
    engine: str,
    on_progress: Callable[[float], None] = lambda share: None,
) -> int:
    """Propose readings for all lines of a document that nobody has confirmed; returns how many read otherwise.

    It goes on where an earlier call was stopped: lines for which something is proposed are not read again. A page
    without a picture is passed over.
    """
    read = line_reader(store, settings, document_id, engine)
    todo = [page for page in store.list_pages(document_id) if page.image and page.checked < page.lines]
    total, done = sum(page.lines - page.checked for page in todo), 0
    for summary in todo:
        seen = now()
        try:
            page = store.find_page(summary.id)[1]  # it may have another number by now
        except NotFoundError:
            store.get_summary(document_id)
            continue  # deleted meanwhile
        known = store.read_again(document_id, page.index)
        lines = [line for line in page.lines if not line.checked and line.id not in known]
        done += summary.lines - summary.checked - len(lines)
        strokes = strokes_in(store, page, lines)
        at_once = read.at_once if lines else 1
        for start in range(0, len(lines), at_once):
            part = lines[start : start + at_once]
            _propose(store, part, read(page, part), strokes[start : start + at_once], seen)
            done += len(part)
            on_progress(done / total)
    return store.count_proposals(document_id)


def _propose(
    store: Store,
    lines: Sequence[Line],
    readings: Sequence[Transcription],
    strokes: Sequence[Sequence[Stroke]],
    seen: datetime,
) -> None:
    """Propose what was read in lines, with the words underlined and struck out that are so in their ink."""
    found = zip(lines, readings, strokes, strict=True)
    store.propose({line.id: with_strokes(reading, own) for line, reading, own in found}, seen=seen)

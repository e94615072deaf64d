"""Reading stored lines again with another reader, as proposals that people take or leave."""

from collections.abc import Callable, Collection

from pipeline.document import Line, Page
from pipeline.retouch.ink import BATCH, Read, line_reader
from pipeline.settings import Settings
from pipeline.store import Proposal, Store


def propose_readings(
    store: Store,
    settings: Settings,
    document_id: str,
    page: int,
    *,
    engine: str = "auto",
    line_ids: Collection[str] | None = None,
) -> list[Proposal]:
    """Read lines of a page again, or all that nobody has confirmed; returns those that read otherwise.

    Raises EngineError, PageError, NotFoundError.
    """
    stored = store.get_page(document_id, page)
    lines = [line for line in stored.lines if (not line.checked if line_ids is None else line.id in line_ids)]
    _propose(store, line_reader(store, settings, document_id, engine), stored, lines)
    return [p for p in store.proposals(document_id, page) if line_ids is None or p.line_id in line_ids]


def reread_document(
    store: Store,
    settings: Settings,
    document_id: str,
    engine: str,
    on_progress: Callable[[float], None] = lambda share: None,
) -> int:
    """Propose readings for all lines of a document that nobody has confirmed; returns how many read otherwise.

    A page at a time, so that what was read before a stop is kept. A page without a picture is passed over.
    """
    read = line_reader(store, settings, document_id, engine)
    store.drop_proposals(document_id)
    todo = [page for page in store.list_pages(document_id) if page.image and page.checked < page.lines]
    total, done = sum(page.lines for page in todo), 0
    for summary in todo:
        page = store.get_page(document_id, summary.index)
        lines = [line for line in page.lines if not line.checked]
        for start in range(0, len(lines), BATCH):
            part = lines[start : start + BATCH]
            _propose(store, read, page, part)
            on_progress((done + start + len(part)) / total)
        done += len(page.lines)
    return len(store.proposals(document_id))


def _propose(store: Store, read: Read, page: Page, lines: list[Line]) -> None:
    store.propose({line.id: reading for line, reading in zip(lines, read(page, lines), strict=True)})

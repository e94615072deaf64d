"""Which pages a document has, and in which order."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection, select

from pipeline.document import Page
from pipeline.errors import ConflictError
from pipeline.store import schema
from pipeline.store.changes import Changes
from pipeline.store.queue import queue_unread
from pipeline.store.rows import IN_PLACE, add_page, found, read_pages
from pipeline.store.states import in_parts, page_order, write_page_order
from pipeline.store.steps import Step
from pipeline.store.turns import keep_pictures
from pipeline.store.values import Change, ChangeKind

_pages, _pictures, _sources = schema.pages, schema.pictures, schema.sources
NO_PAGE = "There is no such page. Somebody may have deleted it meanwhile."


def add_in_place(connection: Connection, document_id: str, page: Page, image: str) -> None:
    """Add a page from a file, `page.index` its origin, as the last.

    Of a file that comes before a page, the first goes before that, if it is there, and each other one right behind the
    last of the same file.
    """
    order, origin = page_order(connection, document_id), page.index
    page_id = add_page(connection, document_id, page, image, number=len(order), origin=origin)
    files = select(_sources.c.pages, _sources.c.before_page).where(_sources.c.document_id == document_id)
    behind = 0
    for pages, before in connection.execute(files.order_by(_sources.c.position)):
        first, behind = behind, behind + (pages or 0)
        if origin < behind:
            if before:
                own = _pages.c.origin.between(first, behind - 1) & (_pages.c.id != page_id)
                of_file = select(_pages.c.id).where(_pages.c.document_id == document_id, own)
                there = set(connection.execute(of_file).scalars())
                places = [place + 1 for place, other in enumerate(order) if other in there]
                place = places[-1] if places else order.index(before) if before in order else len(order)
                write_page_order(connection, document_id, [*order[:place], page_id, *order[place:]])
            return


class Pages(Changes):
    """Page methods of the store."""

    def find_page(self, page_id: str) -> tuple[str, Page]:
        """A page by its id, with the id of its document. Raises NotFoundError, also for a deleted one."""
        here = _pages.c.id == page_id
        with self.reading() as connection:
            page = found(read_pages(connection, here), NO_PAGE)[0]
            return connection.execute(select(_pages.c.document_id).where(here)).scalar_one(), page

    def pages_in_order(self, document_id: str) -> list[str]:
        """The ids of a document's pages; empty for an unknown document."""
        with self.reading() as connection:
            return page_order(connection, document_id)

    def arrange_pages(
        self, document_id: str, kind: ChangeKind, edit: Callable[[list[str]], list[str]], *, author: str
    ) -> Change | None:
        """Pages in the order that `edit` makes of their ids, as one step; None if that is the same.

        Those that it leaves out go from the document with their lines, and come back by undo. Raises NotFoundError, and
        what `edit` raises.
        """
        with self.writing() as connection:
            before = list(found(page_order(connection, document_id)))
            after = edit(before)
            step = Step(connection, document_id, kind, author)
            for part in in_parts(set(before) - set(after)):
                for page in read_pages(connection, _pages.c.id.in_(part)):
                    step.rewrite(page.id, page, replace(page, lines=()))
            step.arrange(before, after)
            return step.record()

    def how_it_lies(self, page_id: str) -> tuple[int | None, dict[int, str]]:
        """By how many quarters a page was turned by hand, None if it was not, and its pictures {quarters: key}."""
        pictures = select(_pictures.c.turned, _pictures.c.image).where(_pictures.c.page_id == page_id)
        with self.reading() as connection:
            here = select(_pages.c.turned, _pages.c.image).where(_pages.c.id == page_id, IN_PLACE)
            row = found(connection.execute(here).all(), NO_PAGE)[0]
            return row.turned, {0: row.image} | dict(connection.execute(pictures).tuples().all())

    def turn_page(
        self, page_id: str, before: int | None, after: int, pictures: dict[int, str], *, author: str
    ) -> Change | None:
        """Let a page that lies as `before` lie as `after`; if it was read otherwise, it is queued to be read again.

        `pictures` are those at 0 and `after`, {quarters: key}. Raises NotFoundError; ConflictError if somebody else has
        turned it meanwhile.
        """
        with self.writing() as connection:
            here = select(_pages).where(_pages.c.id == page_id, IN_PLACE)
            page = found(connection.execute(here).all(), NO_PAGE)[0]
            if page.turned != before:
                raise ConflictError("Somebody has just turned this page. Look at it once more.")
            keep_pictures(connection, page_id, pictures)
            step = Step(connection, page.document_id, "turn page", author)
            step.turn(page_id, before, after)
            queue_unread(connection, page.document_id)
            return step.record()

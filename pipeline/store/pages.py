"""Which pages a document has, and in which order."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select

from pipeline.document import Page
from pipeline.store import schema
from pipeline.store.changes import Changes
from pipeline.store.rows import found, read_pages
from pipeline.store.states import in_parts, page_order
from pipeline.store.steps import Step
from pipeline.store.values import Change, ChangeKind

_pages = schema.pages
NO_PAGE = "There is no such page. Somebody may have deleted it meanwhile."


class Pages(Changes):
    """Page methods of the store."""

    def find_page(self, page_id: str) -> tuple[str, Page]:
        """A page by its id, with the id of its document. Raises NotFoundError, also for a deleted one."""
        here = _pages.c.id == page_id
        with self.reading() as connection:
            page = found(read_pages(connection, here), NO_PAGE)[0]
            return connection.execute(select(_pages.c.document_id).where(here)).scalar_one(), page

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

"""Pages moved, turned and deleted: each request is one step, which can be undone; null where nothing had to change."""

from fastapi import APIRouter

from pipeline import retouch
from pipeline.api.deps import StoreDep
from pipeline.api.line_schemas import ChangeOut, change_out
from pipeline.api.schemas import PagePlace, Pages, PageTurn
from pipeline.store import AUTHOR

router = APIRouter(tags=["changing pages"])


@router.put("/documents/{document_id}/page-order")
def order_pages(store: StoreDep, document_id: str, body: Pages) -> ChangeOut | None:
    """Put pages into this order, in the places they have among the others."""
    return change_out(retouch.order_pages(store, document_id, body.pages, author=AUTHOR))


@router.put("/pages/{page_id}/place")
def move_page(store: StoreDep, page_id: str, body: PagePlace) -> ChangeOut | None:
    """Put a page at another place of its document."""
    return change_out(retouch.move_page(store, page_id, body.place, author=AUTHOR))


@router.post("/pages/{page_id}/turn")
def turn_page(store: StoreDep, page_id: str, body: PageTurn) -> ChangeOut | None:
    """Turn a page with all that is on it; if its lines do not run from left to right then, it is read again."""
    return change_out(retouch.turn_page(store, page_id, body.quarters, author=AUTHOR))


@router.delete("/pages/{page_id}")
def delete_page(store: StoreDep, page_id: str) -> ChangeOut | None:
    """Take a page with its lines out of its document; undo brings it back."""
    return change_out(retouch.delete_page(store, page_id, author=AUTHOR))

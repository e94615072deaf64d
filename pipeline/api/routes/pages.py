"""Pages of a document and the lines on them."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import FileResponse

from pipeline.api.deps import PageIndex, StoreDep
from pipeline.api.schemas import Correction, LineOut, PageOut, PageSummaryOut, VersionOut, line_out, page_out
from pipeline.document import Page
from pipeline.errors import NotFoundError
from pipeline.store import Store

router = APIRouter(tags=["pages and lines"])


@router.get("/documents/{document_id}/pages")
def list_pages(store: StoreDep, document_id: str) -> list[PageSummaryOut]:
    """The pages read so far, without their lines."""
    store.job_of(document_id)  # an unknown document is not one without pages
    return [PageSummaryOut.model_validate(page) for page in store.list_pages(document_id)]


@router.get("/documents/{document_id}/pages/{index}")
def get_page(store: StoreDep, document_id: str, index: PageIndex) -> PageOut:
    """A page with its lines in reading order."""
    return page_out(store.get_page(document_id, index), store.pages_in_order(document_id))


@router.get("/documents/{document_id}/pages/{index}/image", response_class=FileResponse)
def get_page_image(store: StoreDep, document_id: str, index: PageIndex) -> FileResponse:
    """The page's picture, JPEG or PNG."""
    return _picture(store, store.get_page(document_id, index))


@router.get("/pages/{page_id}")
def find_page(store: StoreDep, page_id: str) -> PageOut:
    """A page by its id, whatever its place."""
    document_id, page = store.find_page(page_id)
    return page_out(page, store.pages_in_order(document_id))


@router.get("/pages/{page_id}/image", response_class=FileResponse)
def find_page_image(store: StoreDep, page_id: str) -> FileResponse:
    """The picture of a page by its id, JPEG or PNG."""
    return _picture(store, store.find_page(page_id)[1])


@router.patch("/lines/{line_id}")
def correct_line(store: StoreDep, line_id: str, body: Correction) -> LineOut:
    """Write what the line says; the same text again confirms it. Nothing is lost: see its history.

    What comes late is not shown if somebody wrote something else since.
    """
    store.correct_line(line_id, body.text, earlier=body.earlier, age=timedelta(milliseconds=body.age_ms))
    return line_out(store.get_line(line_id)[2])


@router.post("/lines/{line_id}/undo")
def undo_line(store: StoreDep, line_id: str) -> LineOut:
    """Go back one step in the line's history."""
    store.undo_line(line_id)
    return line_out(store.get_line(line_id)[2])


@router.get("/lines/{line_id}/history")
def get_history(store: StoreDep, line_id: str) -> list[VersionOut]:
    """Every version of the line, oldest first."""
    return [VersionOut.model_validate(version) for version in store.history(line_id)]


def _picture(store: Store, page: Page) -> FileResponse:
    if not page.image or not store.blob_path(page.image).exists():
        raise NotFoundError("There is no picture of this page.")
    return FileResponse(store.blob_path(page.image))

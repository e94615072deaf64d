"""What people do to the pages of a document, as one step in the store each; and files added to it."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import NotFoundError, PageError, RetouchError
from pipeline.ingest import open_source
from pipeline.settings import Settings
from pipeline.store import Change, SourceFile, Store
from pipeline.store.pages import NO_PAGE
from pipeline.turning import turned_picture

# At which the PDFs of a document are read that had no files before.
DPI = 300


def order_pages(store: Store, document_id: str, page_ids: Sequence[str], *, author: str) -> Change | None:
    """Put pages into this order, in the places that they have among the others."""

    def edit(pages: list[str]) -> list[str]:
        if len(set(page_ids)) != len(page_ids):
            raise RetouchError("Each page has one place in the order.")
        if not set(page_ids) <= set(pages):
            raise NotFoundError(NO_PAGE)
        following, moved = iter(page_ids), set(page_ids)
        return [next(following) if page_id in moved else page_id for page_id in pages]

    return store.arrange_pages(document_id, "order pages", edit, author=author)


def move_page(store: Store, page_id: str, to: int, *, author: str) -> Change | None:
    """Put a page at a place of its document, counted from 0; the pages behind that place make room."""

    def edit(pages: list[str]) -> list[str]:
        if page_id not in pages:
            raise NotFoundError(NO_PAGE)
        if not 0 <= to < len(pages):
            raise RetouchError(f"The document has {len(pages)} pages. Give a place from 1 to {len(pages)}.")
        rest = [other for other in pages if other != page_id]
        return [*rest[:to], page_id, *rest[to:]]

    return store.arrange_pages(store.find_page(page_id)[0], "order pages", edit, author=author)


def delete_page(store: Store, page_id: str, *, author: str) -> Change | None:
    """Take a page with its lines out of its document; the last one stays."""

    def edit(pages: list[str]) -> list[str]:
        if page_id not in pages:
            raise NotFoundError(NO_PAGE)
        if pages == [page_id]:
            raise RetouchError("This is the document's only page. Delete the document instead.")
        return [other for other in pages if other != page_id]

    return store.arrange_pages(store.find_page(page_id)[0], "delete page", edit, author=author)


def turn_page(store: Store, page_id: str, quarters: int, *, author: str) -> Change | None:
    """Turn a page so many quarters clockwise, with all that is on it; by 0 it is said to lie right as it is.

    If its lines do not run from left to right then, they were found wrongly, and the page is read again as it lies.
    Raises PageError for a page without a picture.
    """
    turned, pictures = store.how_it_lies(page_id)
    if not pictures[0]:
        raise PageError("There is no picture of this page to turn.")
    after = ((turned or 0) + quarters) % 4
    if after not in pictures:
        picture = turned_picture(store.get_blob(pictures[0]), after)
        pictures[after] = store.put_blob(picture, Path(pictures[0]).suffix)
    return store.turn_page(page_id, turned, after, pictures, author=author)


def add_files(
    store: Store,
    document_id: str,
    files: Sequence[SourceFile],
    settings: Settings,
    *,
    password: str = "",
    before: str = "",
) -> int:
    """Let a document have the pages of more files, once its job has read them; returns how many.

    They come before the page with the id `before`, else last. All files or none: raises UnreadableFileError,
    PasswordError, LimitError for more pages than the settings allow, SourceError and NotFoundError. A picture of two
    facing pages counts as one here, and becomes two.
    """
    paths = [(store.blob_path(file.blob), file.name) for file in files]
    pages = sum(open_source(path, settings, password=password, name=name).page_count for path, name in paths)
    most, engine = settings.max_pages, settings.engine
    store.add_files(
        document_id, files, pages=pages, most=most, engine=engine, dpi=DPI, password=password, before=before
    )
    return pages

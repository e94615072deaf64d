"""Documents and pages; with jobs, tasks, lines and changes, all that screens, API and worker ask of the store."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, delete, func, insert, select, true, update

from pipeline.document import Document, Page
from pipeline.errors import LimitError, NotFoundError, SourceError
from pipeline.settings import Settings
from pipeline.store import schema
from pipeline.store.blobs import Blobs
from pipeline.store.dictionary import Dictionary
from pipeline.store.library import IN_USE, Library
from pipeline.store.lines import Lines
from pipeline.store.migrations import migrate
from pipeline.store.pages import NO_PAGE, Pages, add_in_place
from pipeline.store.proposals import Proposals
from pipeline.store.queue import Queue, add_job, now, queue_again, write_progress
from pipeline.store.rows import (
    IN_PLACE,
    NEWEST,
    ON_PAGE,
    add_document,
    add_page,
    found,
    is_used,
    read_pages,
    storable,
    used_keys,
)
from pipeline.store.search import Search
from pipeline.store.states import fill_page, page_order
from pipeline.store.steps import read_anew
from pipeline.store.tasks import Tasks
from pipeline.store.values import Job, PageSummary, SourceFile

_documents, _sources, _pages = schema.documents, schema.sources, schema.pages
_lines, _versions, _jobs, _pictures = schema.lines, schema.transcriptions, schema.jobs, schema.pictures
DAY_S = 24 * 3600


class Store(Queue, Tasks, Lines, Proposals, Pages, Library, Search, Dictionary):
    """Safe to share between threads; each call is one short transaction. Ids are short random strings."""

    def __init__(self, url: str, blobs: Blobs) -> None:
        super().__init__(url)
        self.blobs = blobs
        with self.writing() as connection:
            migrate(connection)

    # Blobs

    def put_blob(self, data: bytes, suffix: str) -> str:
        """Keep bytes under their content's hash and return the key."""
        return self.blobs.put(data, suffix)

    def put_blob_stream(self, stream: BinaryIO, suffix: str) -> str:
        """The same for an upload or file that may be too large for memory."""
        return self.blobs.put_stream(stream, suffix)

    def get_blob(self, key: str) -> bytes:
        """Raises NotFoundError."""
        return self.blobs.get(key)

    def blob_path(self, key: str) -> Path:
        """Raises NotFoundError for what can't be a key."""
        return self.blobs.path(key)

    def sweep_blobs(self) -> int:
        """Remove files of uploads that never became documents, after a day; returns how many."""
        with self.reading() as connection:
            used = used_keys(connection)
        swept = 0
        for path in self.blobs.older_than(DAY_S):
            key = self.blobs.key_of(path)
            if key not in used:
                with self.writing() as connection:
                    # Asked again where nobody can make a document of it meanwhile.
                    if not is_used(connection, key):
                        path.unlink(missing_ok=True)
                        swept += 1
        return swept

    # Documents

    def create_document(
        self,
        name: str,
        sources: Sequence[SourceFile],
        *,
        engine: str,
        dpi: int,
        password: str = "",
        language: str = "",
    ) -> str:
        """A document and its queued job; returns its id. Raises SourceError if a file is not in the store."""
        document_id = uuid.uuid4().hex
        with self.writing() as connection:
            add_document(connection, document_id, name)
            self._append_sources(connection, document_id, sources, 0, password)
            add_job(connection, document_id, "queued", wanted_engine=engine, wanted_language=language, dpi=dpi)
        return document_id

    def add_files(
        self,
        document_id: str,
        sources: Sequence[SourceFile],
        *,
        pages: int,
        most: int,
        engine: str,
        dpi: int,
        password: str = "",
        before: str = "",
    ) -> None:
        """Let a document have more files, of `pages` in all; its job reads them, and only them.

        Their pages come before the page with the id `before`, else last. `engine` and `dpi` count for a document that
        came without files. Raises NotFoundError, also for one in the trash, SourceError, and LimitError if it would
        have more than `most` pages.
        """
        with self.writing() as connection:
            found(connection.execute(select(_documents.c.id).where(_documents.c.id == document_id, IN_USE)).all())
            if before and before not in page_order(connection, document_id):
                raise NotFoundError(NO_PAGE)
            query = select(_sources.c.pages).where(_sources.c.document_id == document_id)
            counts = connection.execute(query).scalars().all()
            loose = select(func.count()).where(_pages.c.document_id == document_id, _pages.c.origin.is_(None))
            # A file that was not opened yet has one page at least.
            total = sum(count or 1 for count in counts) + connection.execute(loose).scalar_one() + pages
            if total > most:
                raise LimitError(
                    f"With what is to be added the document would have {total} pages; the limit is {most}."
                )
            self._append_sources(connection, document_id, sources, len(counts), password, before)
            if not counts:
                reader = update(_jobs).where(_jobs.c.document_id == document_id)
                connection.execute(reader.values(wanted_engine=engine, dpi=dpi))
            queue_again(connection, document_id)

    def _append_sources(
        self,
        connection: Connection,
        document_id: str,
        sources: Sequence[SourceFile],
        start: int,
        password: str,
        before: str = "",
    ) -> None:
        """Rows for files, which must be in the store, from this position on."""
        # Inside the transaction, since deleting another document may just have removed the same file.
        if not sources or not all(self.blobs.holds(source.blob) for source in sources):
            raise SourceError("The uploaded files are not there any more. Please upload them again.")
        rows = [
            {"document_id": document_id, "position": position, "blob": source.blob, "name": storable(source.name)}
            | {"password": password, "locked": False, "before_page": before or None}
            for position, source in enumerate(sources, start)
        ]
        connection.execute(insert(_sources), rows)

    def create_finished_document(self, document: Document, page_images: Sequence[bytes], *, language: str = "") -> str:
        """A document that needs no reading, from pages and their pictures (PNG, JPEG, b"" for none); returns its id."""
        document_id = uuid.uuid4().hex
        keys = [self.put_blob(image, _picture_suffix(image)) if image else "" for image in page_images]
        engines = [line.transcription.engine for page in document.pages for line in page.lines]
        counts = {"pages_done": len(document.pages), "pages_total": len(document.pages), "lines_read": len(engines)}
        # Who wrote its lines may be no reader here; what is read of it later, any may read.
        wanted = {"engine": engines[0] if engines else "", "wanted_engine": "auto", "wanted_language": language}
        with self.writing() as connection:
            add_document(connection, document_id, document.name)
            for page, key in zip(document.pages, keys, strict=True):
                add_page(connection, document_id, page, key, number=page.index)
            add_job(connection, document_id, "done", dpi=0, **wanted, **counts)
        return document_id

    def get_document(self, document_id: str) -> Document:
        """All pages that have been read so far, with their lines. Raises NotFoundError."""
        with self.reading() as connection:
            query = select(_documents.c.name).where(_documents.c.id == document_id, IN_USE)
            name = found(connection.execute(query).scalars().all())[0]
            return Document(name, tuple(read_pages(connection, _pages.c.document_id == document_id)))

    def delete_document(self, document_id: str, *, only_trashed: bool = False) -> None:
        """Remove a document for good, with its job, history and the files no other document holds.

        Raises NotFoundError, with `only_trashed` also for one that is not in the trash.
        """
        with self.writing() as connection:
            used = select(_sources.c.blob).where(_sources.c.document_id == document_id)
            shown = select(_pages.c.image).where(_pages.c.document_id == document_id)
            own = _pages.c.document_id == document_id
            turned = select(_pictures.c.image).join(_pages, _pages.c.id == _pictures.c.page_id).where(own)
            keys = set(connection.execute(used.union(shown, turned)).scalars()) - {""}
            which = (_documents.c.id == document_id) & (~IN_USE if only_trashed else true())
            found(range(connection.execute(delete(_documents).where(which)).rowcount))
            for key in keys:
                if not is_used(connection, key):
                    self.blobs.remove(key)

    def empty_trash(self, *, older_than: timedelta = timedelta(0)) -> int:
        """Remove for good what has been in the trash for longer; returns how many documents that were."""
        with self.reading() as connection:
            query = select(_documents.c.id).where(_documents.c.deleted <= now() - older_than)
            ids = connection.execute(query).scalars().all()
        removed = 0
        for document_id in ids:
            # It may have been restored, or removed by somebody else, in this moment.
            with suppress(NotFoundError):
                self.delete_document(document_id, only_trashed=True)
                removed += 1
        return removed

    # Pages

    def list_pages(self, document_id: str) -> list[PageSummary]:
        """What is known of each stored page without its lines; empty for an unknown document."""
        query = (
            select(
                *(_pages.c.id, _pages.c.number, _pages.c.image, _pages.c.error),
                func.count(_lines.c.id),
                func.count(_lines.c.id).filter(_lines.c.checked),
                func.coalesce(func.min(_versions.c.confidence), 1.0),
                *(_pages.c.unread, _pages.c.origin, _pages.c.turned),
            )
            .outerjoin(_lines, (_lines.c.page_id == _pages.c.id) & ON_PAGE)
            .outerjoin(_versions, NEWEST)
            .where(_pages.c.document_id == document_id, IN_PLACE)
            .group_by(_pages.c.id)
            .order_by(_pages.c.number)
        )
        with self.reading() as connection:
            return [PageSummary(*row) for row in connection.execute(query)]

    def origins(self, document_id: str) -> set[int]:
        """Which pages of a document's files are stored, deleted ones included."""
        query = select(_pages.c.origin).where(_pages.c.document_id == document_id, _pages.c.origin.is_not(None))
        with self.reading() as connection:
            return set(connection.execute(query).scalars())

    def get_page(self, document_id: str, index: int) -> Page:
        """Raises NotFoundError, also for a page that has not been read yet."""
        with self.reading() as connection:
            here = (_pages.c.document_id == document_id) & (_pages.c.number == index)
            return found(read_pages(connection, here), "There is no such page, or it has not been read yet.")[0]

    def save_page(self, document_id: str, page: Page, image: bytes | None, *, job: Job | None = None) -> bool:
        """Store a page that was read, and with it the job's progress, or nothing at all.

        It fills the page with its id, if that is still to be read again as it was seen; the lines there stay on it (see
        `fill_page`). Without an id `page.index` is its origin, its lines get new ids, and a new page comes where its
        file was put.
        Returns False if the job has been taken over, or the document is gone (without a job: NotFoundError).
        """
        key = self.put_blob(image, _picture_suffix(image)) if image else page.image
        with self.writing() as connection:
            if job and not write_progress(connection, job):
                return False
            found(connection.execute(select(_documents.c.id).where(_documents.c.id == document_id)).all())
            own = _pages.c.document_id == document_id
            which = _pages.c.id == page.id if page.id else _pages.c.origin == page.index
            stored = connection.execute(select(_pages).where(own, which)).first()
            if page.id and (stored is None or stored.image != page.image or not stored.unread):
                pass  # it was turned or read meanwhile
            elif stored is None:
                add_in_place(connection, document_id, page, key)
            elif stored.unread and stored.turned is not None:
                if stored.number >= 0:
                    read_anew(connection, document_id, page)
            elif not stored.unread:
                connection.execute(delete(_pages).where(_pages.c.id == stored.id))
                add_page(connection, document_id, page, key, number=stored.number, origin=stored.origin)
            elif stored.number >= 0:  # one that was deleted meanwhile is read when it comes back
                fill_page(connection, stored.id, page, key if image else "")
            if job:
                connection.execute(update(_jobs).where(_jobs.c.id == job.id).values(attempts=0))
            if image and not self.blobs.holds(key):
                # Between put and transaction another document with the same picture was deleted.
                self.put_blob(image, _picture_suffix(image))
        return True


def open_store(settings: Settings) -> Store:
    """Open, and where needed make or bring up to date, the store of these settings. Raises SettingsError."""
    return Store(settings.database_url, Blobs(settings.data_dir / "blobs"))


def _picture_suffix(image: bytes) -> str:
    return ".png" if image.startswith(b"\x89PNG") else ".jpg"

"""One job from its first step to its last: open the files, load the reader, read and store page by page."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.digitize import read_page
from pipeline.document import Page
from pipeline.engines import Choice, Engine, choose_engine, load_engine
from pipeline.errors import (
    EngineError,
    InklineError,
    LimitError,
    MissingProgramError,
    NotFoundError,
    PageError,
    PasswordError,
    SourceError,
)
from pipeline.ingest import PageImage, Source, open_pages
from pipeline.jobs.pace import Pace
from pipeline.retouch.edits import with_drawn
from pipeline.settings import Settings
from pipeline.store import Job, PageSummary, Store
from pipeline.store.values import LockedSource

log = logging.getLogger(__name__)
# A page at which the process died this many times is passed over.
MOST_ATTEMPTS = 3
JPEG_QUALITY = 90
PICTURE = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION


GONE = "This page is not in its file any more."

ReadImage = Callable[[], PageImage]


class StoppedError(Exception):
    """The worker is stopping, or the job is no longer its own."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The parts of the pipeline that a job calls."""

    open_source: Callable[..., Source] = open_pages
    read_page: Callable[..., Page] = read_page
    choose_engine: Callable[[str, Settings], Choice] = choose_engine
    load_engine: Callable[[str, Settings], Engine] = load_engine


class Todo(NamedTuple):
    """A page to be read: its number, and what is stored of it already."""

    number: int
    read: ReadImage
    stored: PageSummary | None = None


class LockedError(Exception):
    """Files at these positions need a password; the message says which."""

    def __init__(self, positions: list[int], message: str) -> None:
        super().__init__(message)
        self.positions = positions


class Reading:
    """`job` holds the progress as it stands in the store."""

    def __init__(self, job: Job, store: Store, settings: Settings, steps: Steps, stopping: threading.Event) -> None:
        self.job = job
        self._store, self._settings, self._steps, self._stopping = store, settings, steps, stopping
        self._pace, self._clock = Pace(), time.monotonic()
        self._lines_before = 0  # on the pages stored before the one being read

    def run(self) -> None:
        """Read every page that is not stored yet, or to be read again. Raises StoppedError."""
        passed_over = self.job.attempts > MOST_ATTEMPTS
        if passed_over and self.job.stage in ("", "open", "load"):
            self._store.fail_job(self.job, "Opening this document stopped Inkline several times, so it was given up.")
            return
        try:
            while True:
                todo, files = self._open()
                if todo:
                    self._read_pages(todo, self._load_engine(), passed_over)
                    passed_over = False
                if self._close(files):
                    return
        except LockedError as error:
            self._store.ask_for_password(self.job, error.positions, str(error))
        except (LimitError, EngineError, MissingProgramError, SourceError) as error:
            self._store.fail_job(self.job, str(error))

    def _open(self) -> tuple[list[Todo], int]:
        """The pages that are to be read, and how many files the document has."""
        self._tell(replace(self.job, stage="open", lines_done=0, lines_total=0, seconds_left=None))
        document_id = self.job.document_id
        listed, stored = self._store.list_pages(document_id), self._store.origins(document_id)
        unread = [page for page in listed if page.unread]
        again = {page.origin for page in unread if page.turned is None}
        pages: list[ReadImage] = []
        counts: list[int] = []
        locked: dict[int, str] = {}
        sources = self._store.sources_of(document_id)
        limit, others = self._settings.max_pages, sum(page.origin is None for page in listed)
        for position, source in enumerate(sources):
            start = sum(before.pages or 0 for before in sources[:position])
            own = range(start, start + (source.pages or 0))
            if own and stored.issuperset(own) and again.isdisjoint(own):
                # Its password is forgotten by now.
                opened: list[ReadImage] = [partial(_fail, "This page was read before.")] * len(own)
            else:
                try:
                    opened = self._open_source(source)
                except PasswordError as error:
                    locked[position], opened = str(error), []
            total = others + len(pages) + len(opened)
            if total > limit and len(opened) != source.pages:
                if total == len(opened):
                    raise LimitError(f"The document has {total} pages; the limit is {limit}.")
                # It stands as one page that can't be read, and the files before it are not lost.
                name, too_many = source.file.name, f"the document would have {total} pages; the limit is {limit}."
                opened = [partial(_fail, f"{name} was left out: with it {too_many}")]
            pages += opened
            counts.append(len(opened))
        if locked:
            raise LockedError(list(locked), " ".join(locked.values()))
        known = [source.pages or count for source, count in zip(sources, counts, strict=True)]
        # Of files that were never counted one by one the job knows how many pages they had in all.
        uncounted = all(source.pages is None for source in sources)
        moved = uncounted and self.job.pages_total not in accumulate(counts)
        if stored - again and (counts != known or moved):
            # For example after the limits were changed: the numbers of stored pages would be those of others.
            raise SourceError("The files of this document open differently than before. Please upload them again.")
        todo = [Todo(page.index, self._reads_again(page, pages), page) for page in unread]
        todo += [Todo(index, pages[index]) for index in range(len(pages)) if index not in stored]
        self._lines_before = sum(page.lines for page in listed if not page.unread)
        done = len(listed) - len(unread)
        self.job = replace(self.job, pages_total=done + len(todo), pages_done=done, lines_read=self._lines_before)
        if not self._store.count_pages(self.job, counts):
            raise StoppedError
        return todo, len(sources)

    def _open_source(self, source: LockedSource) -> list[ReadImage]:
        """How to read each page of a file. Raises PasswordError and MissingProgramError."""
        name, path = source.file.name, self._store.blob_path(source.file.blob)
        options = {"password": source.password, "dpi": self.job.dpi, "name": name}
        try:
            opened = self._steps.open_source(path, self._settings, **options)
        except (PasswordError, MissingProgramError):
            raise  # no fault of the file: worth trying again once password or program are there
        except Exception as error:  # whatever a bad file brings about, the others go on
            # It stands as one page that can't be read.
            return [partial(_fail, _sentence(error, name))]
        return [partial(opened.read, index) for index in range(opened.page_count)]

    def _reads_again(self, page: PageSummary, pages: Sequence[ReadImage]) -> ReadImage:
        """A page that was turned is read from its picture, as it lies; others from their files."""
        if page.turned is not None:
            return partial(_open_picture, self._store, page.id)
        return pages[page.origin] if page.origin is not None and page.origin < len(pages) else partial(_fail, GONE)

    def _load_engine(self) -> Engine:
        choice = self._steps.choose_engine(self.job.wanted_engine, self._settings)
        self._tell(replace(self.job, stage="load", engine=choice.name, engine_reason=choice.reason))
        language = self.job.wanted_language or self._settings.language
        engine = self._steps.load_engine(choice.name, replace(self._settings, language=language))
        self._tell(replace(self.job, engine=engine.name))
        return engine

    def _read_pages(self, todo: Sequence[Todo], engine: Engine, passed_over: bool) -> None:
        self._clock = time.monotonic()
        for position, (number, read, stored) in enumerate(todo):
            if passed_over and position == 0:
                # The page that the process died at is the first that is not stored.
                read = partial(_fail, "Reading this page stopped Inkline several times, so it was passed over.")
            self._tell(replace(self.job, page=number, stage="read", lines_done=0, lines_total=0))
            page, picture = self._read_page(read, number, engine)
            if stored:
                page = replace(page, id=stored.id, image=stored.image)
                if not page.error:
                    # There may be lines on it, unless somebody has just deleted it.
                    with suppress(NotFoundError):
                        lines = self._store.find_page(stored.id)[1].lines
                        kept = [line for line in lines if stored.turned is None or line.checked]
                        page = with_drawn(kept)(page)
                if stored.turned is not None:
                    picture = None  # it has one
            self._lines_before += len(page.lines)
            self.job = replace(self.job, pages_done=self.job.pages_done + 1, lines_read=self._lines_before)
            if not self._store.save_page(self.job.document_id, page, picture, job=self.job):
                raise StoppedError

    def _read_page(self, read: ReadImage, index: int, engine: Engine) -> tuple[Page, bytes | None]:
        """The page and its picture; where it can't be read it says why, and has a picture if there is one."""
        page, picture = Page(index, 0, 0, self.job.dpi), None
        try:
            image = read()
            height, width = image.pixels.shape[:2]
            page, picture = Page(index, width, height, image.dpi), encode(image.pixels)
            return self._steps.read_page(image, index, engine, self._on_stage), picture
        except StoppedError:
            raise
        except Exception as error:  # one bad page must not lose a long job
            return replace(page, error=_sentence(error, f"Page {index + 1}")), picture

    def _on_stage(self, stage: str, done: int, total: int) -> None:
        """Called within a page: at each stage, and as lines are read."""
        # Up to the first line the clock runs through: reading, cleaning and finding lines count as one.
        seconds = time.monotonic() - self._clock
        pages_left = self.job.pages_total - self.job.pages_done
        if stage == "transcribe":
            pages_left -= 1
            newly = done - self.job.lines_done
            self._pace = self._pace.after_lines(newly, seconds) if done else self._pace.after_page(total, seconds)
            self._clock += seconds
        left = self._pace.seconds_left(pages_left, total - done)
        job = replace(self.job, stage=stage, lines_done=done, lines_total=total, seconds_left=left)
        self._tell(replace(job, lines_read=self._lines_before + done))

    def _tell(self, job: Job) -> None:
        """Write down how far the job has come. Raises StoppedError."""
        if self._stopping.is_set() or not self._store.update_job(job):
            raise StoppedError
        self.job = job

    def _close(self, files: int) -> bool:
        """Done, or failed if not one page could be read; False if there is more to read by now."""
        pages = self._store.list_pages(self.job.document_id)
        if pages and all(page.error and not (page.lines or page.unread) for page in pages):
            return self._store.fail_job(self.job, pages[0].error, files=files)
        return self._store.finish_job(self.job, files=files)


def encode(pixels: np.ndarray) -> bytes:
    """A page's picture for the store: PNG if it is black and white, else JPEG, in grey if it has no colour."""
    grey = pixels[..., 0]
    if np.array_equal(grey, pixels[..., 1]) and np.array_equal(grey, pixels[..., 2]):
        if ((grey == 0) | (grey == 255)).all():
            return cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_BILEVEL, 1])[1].tobytes()
        pixels = grey
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def _open_picture(store: Store, page_id: str) -> PageImage:
    """A stored page as it lies, at the size in which its lines are known."""
    _, page = store.find_page(page_id)
    pixels = cv2.imdecode(np.frombuffer(store.get_blob(page.image), np.uint8), PICTURE)
    if pixels is None:
        raise PageError("The stored picture of this page is damaged.")
    if pixels.shape[1::-1] != (page.width, page.height):
        pixels = cv2.resize(pixels, (page.width, page.height), interpolation=cv2.INTER_AREA)
    return PageImage(np.asarray(pixels), page.dpi, stands=True)


def _fail(sentence: str) -> PageImage:
    raise PageError(sentence)


def _sentence(error: Exception, what: str) -> str:
    """Why something failed: an error meant for people speaks for itself."""
    if isinstance(error, InklineError):
        return str(error)
    log.warning("%s met a fault", what, exc_info=error)
    fault = f"{type(error).__name__}: {error}".strip(": ")
    return f"{what} met a fault in Inkline ({fault})."

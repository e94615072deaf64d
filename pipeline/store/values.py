"""What the store hands out beside documents and pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

TaskKind = Literal["adapt", "evaluate"]
TaskState = Literal["queued", "running", "done", "failed", "cancelled"]
State = Literal["queued", "running", "done", "failed", "needs_password"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An uploaded file: its key in the blob store and the name the user knows it by."""

    blob: str
    name: str


@dataclass(frozen=True, slots=True)
class LockedSource:
    """A source with the password to try on it; `locked` after that password (or none) did not open it."""

    file: SourceFile
    password: str
    locked: bool


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A row of the library. `checked` counts lines a person wrote or confirmed; `image` is the first page's blob."""

    id: str
    name: str
    created: datetime
    pages: int
    lines: int
    checked: int
    state: State
    image: str


@dataclass(frozen=True, slots=True)
class PageSummary:
    """A page without its lines. `lowest_confidence` is 1 where there are none."""

    index: int
    image: str
    error: str
    lines: int
    checked: int
    lowest_confidence: float


@dataclass(frozen=True, slots=True)
class Version:
    """One entry in a line's history; `restored` marks an undo, which repeats an older entry."""

    text: str
    confidence: float
    author: str
    created: datetime
    is_person: bool
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """The reading of one document and how far it has come.

    `page` is the index being read, `lines_done` of `lines_total` count on that page, `lines_read` over all pages.
    `seconds_left` is an estimate, None while there is nothing to estimate from. `engine` and `engine_reason` say
    which reader reads and why; both are empty until it is loaded.
    """

    id: str
    document_id: str
    state: State
    stage: str
    page: int
    pages_done: int
    pages_total: int
    lines_done: int
    lines_total: int
    lines_read: int
    seconds_left: float | None
    wanted_engine: str
    engine: str
    engine_reason: str
    dpi: int
    error: str
    worker: str
    attempts: int
    queued: datetime
    started: datetime | None
    updated: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """Work on a model and how far it has come, 0..1 of `stage`.

    `wanted` says what to do, `curve` holds rows recorded on the way, `result` what came of it once it is done.
    """

    id: str
    kind: TaskKind
    wanted: Mapping[str, Any]
    state: TaskState
    stage: str
    progress: float
    curve: Sequence[Mapping[str, Any]]
    result: Mapping[str, Any]
    error: str
    worker: str
    attempts: int
    queued: datetime
    started: datetime | None
    updated: datetime

    @property
    def active(self) -> bool:
        return self.state in ("queued", "running")

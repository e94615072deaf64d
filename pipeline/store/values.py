"""What the store hands out beside documents and pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pipeline.document import Decoration, Transcription

# Whose name changes carry until there is a sign-in.
AUTHOR = "user"
TaskKind = Literal["adapt", "evaluate", "reread"]
TaskState = Literal["queued", "running", "done", "failed", "cancelled"]
State = Literal["queued", "running", "done", "failed", "needs_password"]
ChangeState = Literal["done", "undone", "dropped", "kept"]
ChangeKind = Literal[
    "text",
    "back",
    "replace",
    "reread",
    "delete",
    "merge",
    "split",
    "insert",
    "move",
    "order",
    "kind",
    "decorate",
    "figure",
    "order pages",
    "delete page",
    "turn page",
    "read page",
]
CHANGE_WORDS: Mapping[ChangeKind, str] = {
    "text": "written or confirmed",
    "back": "set back to an earlier text",
    "replace": "changed by find and replace",
    "reread": "changed to a new reading",
    "delete": "deleted",
    "merge": "merged",
    "split": "split",
    "insert": "added",
    "move": "moved",
    "order": "lines put into another order",
    "kind": "marked",
    "decorate": "underlined or struck out differently",
    "figure": "drawing changed",
    "order pages": "pages put into another order",
    "delete page": "page deleted",
    "turn page": "page turned",
    "read page": "turned page read again",
}
PAGE_KINDS: tuple[ChangeKind, ...] = ("order pages", "delete page", "turn page", "read page")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An uploaded file: its key in the blob store and the name the user knows it by."""

    blob: str
    name: str


@dataclass(frozen=True, slots=True)
class LockedSource:
    """A source with the password to try on it; `locked` after that password (or none) did not open it.

    `pages` says how many there are in it, None before it was opened.
    """

    file: SourceFile
    password: str
    locked: bool
    pages: int | None


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A row of the library.

    `checked` counts lines a person wrote or confirmed; `image` is the first page's blob; `tags` are in order.
    """

    id: str
    name: str
    created: datetime
    pages: int
    lines: int
    checked: int
    state: State
    image: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageSummary:
    """A page without its lines. `lowest_confidence` is 1 where there are none.

    `unread` says that a page which could not be read (see `error`), or that a person has turned, is to be read again.
    `turned` says by how many quarters clockwise, None if nobody has. `origin` says which page of all
    the document's files it is, from 0; None if it came without a file.
    """

    id: str
    index: int
    image: str
    error: str
    lines: int
    checked: int
    lowest_confidence: float
    unread: bool
    origin: int | None
    turned: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """One entry in a line's history, numbered from 1; `restored` marks one that repeats an older entry.

    `author` is who made it: wrote or read the text, or decorated its words. `is_person` says whether a person vouches
    for it, which is more than having changed a word of it.
    """

    text: str
    confidence: float
    author: str
    created: datetime
    is_person: bool
    restored: bool = False
    number: int = 0
    decorations: tuple[Decoration, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One step that a person made in a document, counted from 1; undo and redo work on these.

    A step is "done" or "undone"; "dropped" once it was undone and something else was done instead; "kept" where others
    had changed its lines since, so that it could not be undone, or done again. `added` and `removed` are lines that
    came onto or went off their pages; `pages` are indexes. `note` says in a sentence what did not go as wanted, `told`
    in a few words what was done to which page, where that was one.
    """

    id: str
    number: int
    kind: ChangeKind
    author: str
    state: ChangeState
    created: datetime
    line_ids: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    pages: tuple[int, ...]
    note: str = ""
    told: str = ""

    @property
    def summary(self) -> str:
        """What was done, in a few words ("2 lines merged")."""
        if self.told:
            return self.told
        lines = 0 if self.kind in PAGE_KINDS else len(self.line_ids)
        return (
            f"{lines} line{'s' * (lines != 1)} {CHANGE_WORDS[self.kind]}"
            if lines
            else CHANGE_WORDS[self.kind].capitalize()
        )


class LineText(NamedTuple):
    """What a line says, the `position`-th (from 0) on the page with this index and id."""

    line_id: str
    page: int
    page_id: str
    position: int
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What another reader reads in a line that says `before`; nothing changes until it is taken."""

    line_id: str
    page: int
    before: str
    before_confidence: float
    reading: Transcription
    created: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """The reading of one document and how far it has come.

    `page` is the index being read, `lines_done` of `lines_total` count on that page, `lines_read` over all pages.
    `seconds_left` is an estimate, None while there is nothing to estimate from. `engine` and `engine_reason` say
    which reader reads and why; both are empty until it is loaded. `wanted_language` is the language chosen for our
    own reader, "" that of the settings.
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
    wanted_language: str
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

"""What the API sends and takes. Names and coordinates are those of the JSON export."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipeline.document import Box, DecorationKind, Kind, Line, Page, Point
from pipeline.store import State


class _FromValue(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Error(BaseModel):
    """A sentence that says what is wrong and what to do."""

    detail: str


class Health(BaseModel):
    store: bool
    worker: bool


class DocumentOut(_FromValue):
    """`checked` counts the lines a person wrote or confirmed."""

    id: str
    name: str
    created: datetime
    pages: int
    lines: int
    checked: int
    state: State
    tags: list[str]


class HitOut(_FromValue):
    """A line that was found, the `position`-th (from 0) on the page with this index.

    `spans` are the words found, from one place in `text` up to another; `exact` is false for words that look alike.
    """

    line_id: str
    document_id: str
    document: str
    page: int
    position: int
    text: str
    spans: list[tuple[int, int]]
    exact: bool


class Name(BaseModel):
    name: str = Field(min_length=1, max_length=500)


class Tags(BaseModel):
    tags: list[str] = Field(max_length=100)


class TagOut(BaseModel):
    tag: str
    documents: int


class ProgressOut(_FromValue):
    """`page` is the index being read; `lines_done` of `lines_total` count on that page, `lines_read` on all pages."""

    state: State
    stage: str
    page: int
    pages_done: int
    pages_total: int
    lines_done: int
    lines_total: int
    lines_read: int
    seconds_left: float | None
    engine: str
    engine_reason: str
    wanted_language: str
    error: str
    started: datetime | None
    updated: datetime


class DocumentWithProgress(DocumentOut):
    progress: ProgressOut


class ImportedOut(BaseModel):
    """A document taken in, and a sentence about each file of it that could not be."""

    document: DocumentOut
    problems: list[str]


class PageSummaryOut(_FromValue):
    """`error` says why a page could not be read, and is empty on a page that was.

    `turned` says by how many quarters clockwise a person has turned it, null if nobody has; `unread` that it is to be
    read again.
    """

    id: str
    index: int
    turned: int | None
    unread: bool
    error: str
    lines: int
    checked: int
    lowest_confidence: float


class DecorationOut(_FromValue):
    """Words that are underlined or struck out: the characters of the text from `start` up to `end`."""

    start: int
    end: int
    kind: DecorationKind


class LineOut(BaseModel):
    """`author` is the reader or person that wrote the text; a person's confidence is 1.

    `character_confidences` holds one for each character, or none; `alternatives` other readings of the line.
    """

    id: str
    polygon: tuple[Point, ...]
    baseline: tuple[Point, ...]
    text: str
    confidence: float
    kind: Kind
    author: str
    level: int
    paragraph: int
    checked: bool
    character_confidences: tuple[float, ...]
    alternatives: tuple[str, ...]
    decorations: list[DecorationOut]


class FigureOut(_FromValue):
    box: Box


class Pages(BaseModel):
    pages: Annotated[list[str], Field(min_length=1, max_length=10_000)]


class PagePlace(BaseModel):
    """Counts from 0."""

    place: int


class PageTurn(BaseModel):
    """Clockwise; 0 says that the page lies right as it is, however it was read."""

    quarters: int = Field(ge=-3, le=3)


class PageOut(BaseModel):
    """Lines in reading order; coordinates in pixels of the picture, whose name is `image`, empty if there is none.

    `turned` says by how many quarters clockwise it was turned since it came in. `order` is another one whenever pages
    of the document were added, moved or deleted.
    """

    id: str
    index: int
    order: str
    width: int
    height: int
    dpi: int
    skew_degrees: float
    lines: list[LineOut]
    figures: list[FigureOut]
    image: str
    turned: int
    error: str


class VersionOut(_FromValue):
    """`number` counts from 1; `restored` marks an undo."""

    number: int
    text: str
    confidence: float
    author: str
    created: datetime
    is_person: bool
    restored: bool
    decorations: list[DecorationOut]


Text = Annotated[str, Field(max_length=10_000)]


class Correction(BaseModel):
    """`age_ms` is how long ago it was written, for what comes late, and `earlier` what was written before, in order."""

    text: Text
    earlier: list[Text] = Field(default=[], max_length=1000)
    age_ms: float = Field(default=0, ge=0, le=1e12)


class Password(BaseModel):
    password: str = Field(default="", max_length=1000)


class Reading(BaseModel):
    text: str
    confidence: float
    engine: str


def line_out(line: Line) -> LineOut:
    return LineOut(
        id=line.id,
        polygon=line.polygon,
        baseline=line.baseline,
        text=line.text,
        confidence=line.transcription.confidence,
        kind=line.kind,
        author=line.transcription.engine,
        level=line.level,
        paragraph=line.paragraph,
        checked=line.checked,
        character_confidences=line.transcription.character_confidences,
        alternatives=line.transcription.alternatives,
        decorations=[DecorationOut.model_validate(one) for one in line.transcription.decorations],
    )


def page_out(page: Page, pages_in_order: Sequence[str]) -> PageOut:
    return PageOut(
        id=page.id,
        index=page.index,
        order=hashlib.sha256("".join(pages_in_order).encode()).hexdigest()[:16],
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        skew_degrees=page.skew_degrees,
        lines=[line_out(line) for line in page.lines],
        figures=[FigureOut.model_validate(figure) for figure in page.figures],
        image=page.image,
        turned=page.turned,
        error=page.error,
    )

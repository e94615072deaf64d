"""What the API sends and takes about changes to lines."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.document import Box, DecorationKind, Kind, Point
from pipeline.retouch import Seen
from pipeline.store import Change, Proposal, Task
from pipeline.store.values import ChangeKind, ChangeState

LineIds = Annotated[list[str], Field(min_length=1, max_length=10_000)]
Exceptions = Annotated[list[str], Field(max_length=10_000)]
# A box (x0, y0, x1, y1) or at least three points, in pixels of the page.
Outline = Box | Annotated[list[Point], Field(min_length=3, max_length=1000)]
Offset = Annotated[int, Field(ge=0)]


class ChangeOut(BaseModel):
    """One step that can be undone. `note` says in a sentence what did not go as wanted."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    number: int
    kind: ChangeKind
    summary: str
    author: str
    state: ChangeState
    created: datetime
    line_ids: list[str]
    added: list[str]
    removed: list[str]
    pages: list[int]
    note: str


def change_out(change: Change | None) -> ChangeOut | None:
    return ChangeOut.model_validate(change) if change else None


class Place(BaseModel):
    """With `page`, the id of the page that was seen, nothing is done on another one that has its index by now; with
    its `image` and `turned`, nothing where it was turned since.
    """

    page: str = ""
    image: str = ""
    turned: int | None = None

    @property
    def seen(self) -> Seen:
        return Seen(self.page, self.image, self.turned)


class Drawn(Place):
    """`engine` reads what is inside: auto, crnn, trocr or a model on the server; null leaves it unread.

    `page`, `image` and `turned` tell what was seen: on another page, or one that was turned since, nothing is drawn.
    """

    outline: Outline
    engine: str | None = "auto"


class Lines(BaseModel):
    lines: LineIds


class Confirmed(Lines):
    """`texts` is what each of the lines was seen to say; one that says something else by now is left."""

    texts: Annotated[list[str], Field(max_length=10_000)] | None = None

    @model_validator(mode="after")
    def _same_length(self) -> "Confirmed":
        if self.texts is not None and len(self.texts) != len(self.lines):
            raise ValueError("Send as many texts as lines.")
        return self


class Merged(Lines):
    """Without an engine the texts are joined as they are."""

    engine: str | None = None


class Split(Place):
    """Where to split: a point of the page, as it was seen (see `Place`), a place in the text, or both.

    With `text`, what the line was seen to say, it is not split where it says something else by now.
    """

    at: Point | None = None
    offset: Offset | None = None
    text: str | None = Field(default=None, max_length=10_000)
    engine: str | None = None


class Marked(Lines):
    """What the lines are; `level` counts how deep a list item is nested, from 0."""

    kind: Kind | Literal["figure"]
    level: int = 0


class Decorated(BaseModel):
    """Words to underline or strike out, or with `on` false not any more: characters from `start` up to `end`.

    Every word that a span touches counts, of an empty one the word it stands in; `text` is what the line was seen to
    say.
    """

    start: Offset
    end: Offset
    kind: DecorationKind
    on: bool = True
    text: str = Field(max_length=10_000)


class FigureBox(Place):
    """A part of a page, as it was seen (see `Place`)."""

    box: Box


class Pattern(BaseModel):
    """What to look for. In a regular expression's replacement \\1 and \\g<name> stand for its groups."""

    find: str
    whole_word: bool = False
    regular: bool = False
    match_case: bool = False


class Sought(Pattern):
    replacement: str | None = Field(default=None, max_length=10_000)


class Chosen(BaseModel):
    """Lines: these, or without any all of the document; `but` names exceptions."""

    lines: LineIds | None = None
    but: Exceptions = []


class Replaced(Pattern, Chosen):
    replacement: str = Field(max_length=10_000)


class HitOut(BaseModel):
    """A line in which something was found, the `number`-th of its page; `spans` are places in `before`."""

    model_config = ConfigDict(from_attributes=True)

    line_id: str
    page: int
    page_id: str
    number: int
    before: str
    after: str
    spans: list[tuple[int, int]]


class FoundOut(BaseModel):
    """In how many lines something was found, and the first of them."""

    model_config = ConfigDict(from_attributes=True)

    lines: int
    hits: list[HitOut]


class RereadAll(BaseModel):
    engine: str = "auto"


class Reread(RereadAll):
    """Without lines: all that nobody has confirmed. With `page`, its id, no other page is read."""

    lines: LineIds | None = None
    page: str = ""


class Taken(Chosen):
    """`surer`: only where the reader was surer than the one before."""

    surer: bool = False


class ProposalOut(BaseModel):
    """What another reader reads in a line that says `before`."""

    line_id: str
    page: int
    before: str
    before_confidence: float
    text: str
    confidence: float
    engine: str
    created: datetime


class ProposalsOut(BaseModel):
    """How many lines another reader reads otherwise, and the first of them."""

    lines: int
    proposals: list[ProposalOut]


class TaskOut(BaseModel):
    """How far the reading of a whole document by `engine` has come."""

    id: str
    state: str
    stage: str
    progress: float
    error: str
    engine: str


def task_out(task: Task) -> TaskOut:
    return TaskOut(
        id=task.id,
        state=task.state,
        stage=task.stage,
        progress=task.progress,
        error=task.error,
        engine=task.wanted["engine"],
    )


def proposal_out(proposal: Proposal) -> ProposalOut:
    return ProposalOut(
        line_id=proposal.line_id,
        page=proposal.page,
        before=proposal.before,
        before_confidence=proposal.before_confidence,
        text=proposal.reading.text,
        confidence=proposal.reading.confidence,
        engine=proposal.reading.engine,
        created=proposal.created,
    )

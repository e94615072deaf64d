"""The document model: Document > Page > Line > Transcription. Plain values without I/O, changed by `replace`.

Coordinates are pixels of the page as it came in: a photo after its EXIF turn, a PDF page at its rendering dpi.
"""

from dataclasses import dataclass, field
from typing import Literal

Point = tuple[float, float]
Box = tuple[int, int, int, int]
Kind = Literal["text", "heading", "list_item", "formula"]
DecorationKind = Literal["underline", "strike"]


@dataclass(frozen=True, slots=True)
class Decoration:
    """Whole words that are underlined or struck out: the characters of a text from `start` up to `end`."""

    start: int
    end: int
    kind: DecorationKind


@dataclass(frozen=True, slots=True)
class Transcription:
    """What one reader, or one person, read in a line. Confidence is 0..1; a person's is 1.

    `character_confidences` holds one for each character of the text, or none where the reader gives none;
    `alternatives` other readings of the whole line, likeliest first. `decorations` are in order, on whole words.
    """

    text: str
    confidence: float
    engine: str = ""
    character_confidences: tuple[float, ...] = ()
    alternatives: tuple[str, ...] = ()
    decorations: tuple[Decoration, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A text line: its outline, the baseline it is written on (left to right), and what it says.

    Lines with the same `paragraph` number belong to one paragraph of the page. `level` counts how deep a list item
    is nested, from 0; `checked` says whether a person wrote or confirmed the text.
    """

    id: str
    polygon: tuple[Point, ...]
    baseline: tuple[Point, ...]
    kind: Kind = "text"
    paragraph: int = 0
    transcription: Transcription = Transcription("", 0.0)
    level: int = 0
    checked: bool = False

    @property
    def text(self) -> str:
        return self.transcription.text

    @property
    def box(self) -> Box:
        """Smallest upright box around the polygon: x0, y0, x1, y1."""
        xs, ys = zip(*self.polygon, strict=True)
        return int(min(xs)), int(min(ys)), int(max(xs)) + 1, int(max(ys)) + 1


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing kept as a picture: x0, y0, x1, y1."""

    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """One page with its lines in reading order.

    `id` is that in the store, where `image` names the picture among the blobs and `turned` says by how many quarters,
    clockwise, a person has turned it; `skew_degrees` is how far the writing was turned (counter-clockwise positive);
    `error` says in a sentence why a page could not be read, and is empty on a page that was.
    """

    index: int
    width: int
    height: int
    dpi: int
    skew_degrees: float = 0.0
    lines: tuple[Line, ...] = ()
    figures: tuple[Figure, ...] = ()
    image: str = ""
    error: str = ""
    turned: int = 0
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Document:
    """Pages under one name."""

    name: str
    pages: tuple[Page, ...] = ()

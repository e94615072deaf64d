"""A document out of the JSON that export/json.py writes."""

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, get_args

from pipeline.decorations import KINDS as DECORATIONS
from pipeline.decorations import whole_words
from pipeline.document import Decoration, Document, Figure, Kind, Line, Page, Point, Transcription
from pipeline.errors import UnreadableFileError

KINDS: tuple[Kind, ...] = get_args(Kind)
LARGEST = 10**6


def read_document(data: bytes) -> Document:
    """Pages in their order, with all that is told of them. Raises UnreadableFileError."""
    try:
        told = json.loads(data)
        pages = tuple(map(_page, told["pages"]))
        if any(page.index >= after.index for page, after in pairwise(pages)):
            raise ValueError("its pages are not in order")
        return Document(str(told["name"]), pages)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise UnreadableFileError(f"its JSON is not as Inkline writes it ({type(error).__name__}: {error})") from error


def _page(told: dict[str, Any]) -> Page:
    index, width, height, dpi = (_whole(told[name]) for name in ("index", "width", "height", "dpi"))
    if min(index, width, height, dpi) < 0:
        raise ValueError(f"page {index + 1} has a size below 0")
    lines = tuple(_line(line) for line in told["lines"])
    figures = tuple(_figure(figure["box"]) for figure in told["figures"])
    skew = _finite(told["skew_degrees"])
    return Page(index, width, height, dpi, skew, lines, figures, error=str(told.get("error", "")))


def _figure(box: Sequence[Any]) -> Figure:
    x0, y0, x1, y1 = map(_whole, box)
    return Figure((x0, y0, x1, y1))


def _line(told: dict[str, Any]) -> Line:
    polygon = _points(told["polygon"])
    if not polygon or told["kind"] not in KINDS:
        raise ValueError(f"line {told['id']} has no outline" if not polygon else f"no line is a {told['kind']}")
    text = str(told["text"])
    shares = tuple(_share(value) for value in told.get("character_confidences", ()))
    reading = Transcription(
        text,
        _share(told["confidence"]),
        str(told.get("reader", "")),
        shares if len(shares) == len(text) else (),
        tuple(map(str, told.get("alternatives", ()))),
        whole_words(text, [_decoration(one) for one in told.get("decorations", ())]),
    )
    return Line(
        str(told["id"]),
        polygon,
        _points(told["baseline"]),
        told["kind"],
        _whole(told["paragraph"]),
        reading,
        _whole(told["level"]),
        bool(told["checked"]),
    )


def _decoration(told: dict[str, Any]) -> Decoration:
    if told["kind"] not in DECORATIONS:
        raise ValueError(f"no word is decorated with {told['kind']}")
    return Decoration(_whole(told["start"]), _whole(told["end"]), told["kind"])


def _points(told: Sequence[Sequence[Any]]) -> tuple[Point, ...]:
    return tuple((_finite(x), _finite(y)) for x, y in told)


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise ValueError(f"{value} is no number that can be meant")
    return number


def _whole(value: Any) -> int:
    return int(_finite(value))


def _share(value: Any) -> float:
    return min(max(_finite(value), 0.0), 1.0)

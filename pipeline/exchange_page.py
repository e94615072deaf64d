"""Lines and figures of one PAGE XML or ALTO file as the document model has them."""

import re
from collections.abc import Iterator
from itertools import count
from typing import get_args

import numpy as np

from pipeline.document import Box, Figure, Kind, Line, Point, Transcription
from pipeline.train.sources import alto, page_xml
from pipeline.train.sources.cutting import BASELINE_AT, Points, TrueLine
from pipeline.train.sources.pages import FORMATS
from pipeline.train.sources.xml import Element, children, descendants, local, number

READER = "imported"
FIGURES = (
    "ImageRegion",
    "LineDrawingRegion",
    "GraphicRegion",
    "ChartRegion",
    "MapRegion",
    "ChemRegion",
    "Illustration",
)
_TYPE = re.compile(r"\btype:\s*([\w-]+)")
Size = tuple[int, int]
Scale = tuple[float, float]


def read_lines_and_figures(root: Element, scale: Scale, size: Size) -> tuple[tuple[Line, ...], tuple[Figure, ...]]:
    """All lines in reading order; one without an outline gets that of its region, or of the whole page.

    `scale` is pixels of the picture a unit of the file, `size` the picture's width and height.
    """
    true_lines = FORMATS[local(root)].true_lines(root, "line")
    pairs = list(zip(descendants(root, "TextLine"), true_lines, strict=True))
    order = {region: place for place, region in enumerate(_reading_order(root))}
    # Python's sorting keeps the file's order among regions that the reading order does not name.
    pairs.sort(key=lambda pair: order.get(_parent(pair[0]).get("id", ""), len(order)))
    tags = {tag.get("ID"): tag.get("LABEL", "") for tag in descendants(root, "OtherTag")}
    numbers: dict[Element, int] = {}
    counter = count()
    lines = []
    for place, (element, true_line) in enumerate(pairs):
        region = _parent(element)
        if region not in numbers:
            numbers[region] = next(counter)
        polygon = _outline(true_line, region, scale, size)
        baseline = true_line.baseline
        lines.append(
            Line(
                f"l{place}",
                polygon,
                _points(baseline, scale, size) if baseline is not None else _guessed_baseline(polygon),
                _kind(element, region, tags),
                numbers[region],
                Transcription(true_line.text, _confidence(element), READER),
                checked=element.get("CS") in ("true", "1") or "checked {by:person;}" in element.get("custom", ""),
            )
        )
    return tuple(lines), tuple(_figures(root, scale, size))


def _reading_order(root: Element) -> Iterator[str]:
    """Region ids as the file orders them, groups within groups."""

    def walk(group: Element) -> Iterator[str]:
        for part in sorted(group, key=lambda part: number(part, "index") or 0.0):
            if reference := part.get("regionRef"):
                yield reference
            yield from walk(part)

    for order in descendants(root, "ReadingOrder"):
        yield from walk(order)


def _parent(element: Element) -> Element:
    return element.getparent()


def _kind(line: Element, region: Element, tags: dict[str, str]) -> Kind:
    """What the line's own type says, in the ways of Transkribus and eScriptorium, else its region's."""
    named = _TYPE.findall(line.get("custom", "")) + [tags.get(name, "") for name in line.get("TAGREFS", "").split()]
    if region.get("type") == "heading":
        named.append("heading")
    known: tuple[Kind, ...] = get_args(Kind)
    return next((kind for name in named for kind in known if kind == name), "text")


def _confidence(line: Element) -> float:
    """What the file says of the line's own text, or of its words on average; 1 where it says nothing."""
    own = [number(equivalent, "conf") for equivalent in children(line, "TextEquiv")]
    words = [number(string, "WC") for string in children(line, "String")]
    told = [share for share in own[:1] or words if share is not None]
    return min(max(sum(told) / len(told), 0.0), 1.0) if told else 1.0


def _figures(root: Element, scale: Scale, size: Size) -> Iterator[Figure]:
    outline_of = page_xml.outline_of if local(root) == page_xml.ROOT else alto.outline_of
    for element in root.iter(*(f"{{*}}{name}" for name in FIGURES)):
        points = _points(outline_of(element), scale, size)
        if points and (box := _box(points))[0] < box[2] and box[1] < box[3]:
            yield Figure(box)


def _outline(line: TrueLine, region: Element, scale: Scale, size: Size) -> tuple[Point, ...]:
    outline_of = page_xml.outline_of if local(region).endswith("Region") else alto.outline_of
    for points in (line.outline, outline_of(region)):
        if len(points) > 2:
            return _points(points, scale, size)
    width, height = size
    return (0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))


def _guessed_baseline(polygon: tuple[Point, ...]) -> tuple[Point, ...]:
    x0, y0, x1, y1 = _box(polygon)
    level = y0 + BASELINE_AT * (y1 - y0)
    return (float(x0), level), (float(x1), level)


def _points(points: Points, scale: Scale, size: Size) -> tuple[Point, ...]:
    """(N, 2) points of the file as points of the picture, inside its edges."""
    moved = (np.asarray(points, np.float64).reshape(-1, 2) * scale).clip(0, size)
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in moved)


def _box(points: tuple[Point, ...]) -> Box:
    xs, ys = zip(*points, strict=True)
    return int(min(xs)), int(min(ys)), int(np.ceil(max(xs))), int(np.ceil(max(ys)))

"""Lines and figures of one PAGE XML or ALTO file as the document model has them."""

import re
from collections.abc import Iterator
from typing import get_args

import numpy as np

from pipeline.document import Box, Figure, Kind, Line, Page, Point
from pipeline.errors import PageError
from pipeline.exchange_text import reading_of
from pipeline.ingest.picture import SANE_DPI
from pipeline.train.sources import alto, page_xml
from pipeline.train.sources.cutting import BASELINE_AT, Points, TrueLine
from pipeline.train.sources.pages import FORMATS
from pipeline.train.sources.xml import Element, descendants, local, number

PER_INCH = {"PPI": 1.0, "PPCM": 2.54}
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
# As Inkline's own files have them.
_LEVEL = re.compile(r"\blevel:\s*(\d)\b")
_PARAGRAPH = re.compile(r"\bparagraph \{number:(\d{1,6});\}")
_BLOCK = re.compile(r"b\d+_paragraph(\d{1,6})")
Size = tuple[int, int]
Scale = tuple[float, float]


def read_page(root: Element, size: Size, dpi: int, picture: str) -> Page:
    """The page of a file, with all that the format tells, in pixels of its picture.

    `size` is the picture's width and height, `dpi` what it says of itself, `picture` its name. Raises PageError if file
    and picture can't be the same page.
    """
    told, unit = FORMATS[local(root)].page_size(root), FORMATS[local(root)].dots_per_unit(root)
    if told is None:
        scale = (1.0, 1.0) if unit is None else (dpi * unit, dpi * unit)
    else:
        scale = size[0] / told[0], size[1] / told[1]
        if abs(scale[0] / scale[1] - 1) > 0.02:
            sizes = f"{told[0]:g} x {told[1]:g}, but its picture {picture} is {size[0]} x {size[1]} pixels"
            raise PageError(f"the page is {sizes}")
        dpi = _told_dpi(root, scale[0], unit) or dpi
    return Page(0, *size, dpi, _told_skew(root), _lines(root, scale, size), tuple(_figures(root, scale, size)))


def _told_dpi(root: Element, scale: float, unit: float | None) -> int | None:
    """Of the picture, at `scale` pixels a unit of the file; None where the file does not say or can't mean it."""
    if unit is not None:
        dpi = scale / unit
    elif (page := page_xml.page_of(root)) is not None and local(root) == page_xml.ROOT:
        dpi = (number(page, "imageXResolution") or 0.0) * PER_INCH.get(page.get("imageResolutionUnit", ""), 0.0) * scale
    else:
        dpi = (_setting(root, "dpi") or 0.0) * scale
    return round(dpi) if round(dpi) in SANE_DPI else None


def _told_skew(root: Element) -> float:
    page = page_xml.page_of(root) if local(root) == page_xml.ROOT else None
    skew = (number(page, "orientation") if page is not None else _setting(root, "skew_degrees")) or 0.0
    return skew if abs(skew) <= 180 else 0.0


def _setting(root: Element, name: str) -> float | None:
    """A number that an ALTO file has among the settings of its processing, as Inkline writes them."""
    for settings in descendants(root, "processingStepSettings"):
        if match := re.search(rf"\b{name}=(-?\d+(?:\.\d+)?)", settings.text or ""):
            return float(match[1])
    return None


def _lines(root: Element, scale: Scale, size: Size) -> tuple[Line, ...]:
    """All lines in reading order; one without an outline gets that of its region, or of the whole page."""
    true_lines = FORMATS[local(root)].true_lines(root, "line")
    pairs = list(zip(descendants(root, "TextLine"), true_lines, strict=True))
    order = {region: place for place, region in enumerate(_reading_order(root))}
    # Python's sorting keeps the file's order among regions that the reading order does not name.
    pairs.sort(key=lambda pair: order.get(_parent(pair[0]).get("id", ""), len(order)))
    tags = {tag.get("ID", ""): tag.get("LABEL", "") for tag in descendants(root, "OtherTag")}
    numbers = _paragraphs([_parent(element) for element, _ in pairs])
    lines = []
    for place, (element, true_line) in enumerate(pairs):
        region = _parent(element)
        polygon = _outline(true_line, region, scale, size)
        baseline = true_line.baseline
        lines.append(
            Line(
                f"l{place}",
                polygon,
                _points(baseline, scale, size) if baseline is not None else _guessed_baseline(polygon),
                _kind(element, region, tags),
                numbers[region],
                reading_of(element, true_line.text),
                _level(element, tags),
                checked=element.get("CS") in ("true", "1") or "checked {by:person;}" in element.get("custom", ""),
            )
        )
    return tuple(lines)


def _paragraphs(regions: list[Element]) -> dict[Element, int]:
    """A paragraph's number for each region: its own, where all regions of the page have one, else its place."""
    different = list(dict.fromkeys(regions))
    told = [
        _PARAGRAPH.search(region.get("custom", "")) or _BLOCK.fullmatch(region.get("ID", "")) for region in different
    ]
    return {
        region: int(match[1]) if match and all(told) else n
        for n, (region, match) in enumerate(zip(different, told, strict=True))
    }


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


def _level(line: Element, tags: dict[str, str]) -> int:
    tagged = next((tags.get(name, "") for name in line.get("TAGREFS", "").split() if name.startswith("level_")), "")
    match = _LEVEL.search(line.get("custom", "")) or re.fullmatch(r"(\d)", tagged)
    return int(match[1]) if match else 0


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

"""ALTO 2 to 4: TextLine and String with boxes or shapes, in pixels, tenths of millimetres or 1/1200 inch."""

import re

import numpy as np

from pipeline.train.sources.cutting import Points, TrueLine, box
from pipeline.train.sources.sample import Mode
from pipeline.train.sources.xml import Element, children, descendants, local, number

ROOT = "alto"
# Dots of a picture per dpi and unit.
UNITS = {"mm10": 1 / 254, "inch1200": 1 / 1200}
SOFT_HYPHEN = "\N{SOFT HYPHEN}"


def image_name(root: Element) -> str:
    """The picture's file name without the folders of the machine the file was written on."""
    written = "".join(name.text or "" for name in list(descendants(root, "fileName"))[:1])
    return re.split(r"[/\\]", written.strip())[-1]


def dots_per_unit(root: Element) -> float | None:
    """What to multiply a picture's dpi with for the pixels of a unit; None if the unit is the pixel."""
    unit = "".join(element.text or "" for element in list(descendants(root, "MeasurementUnit"))[:1])
    return UNITS.get(unit.strip().lower())


def page_size(root: Element) -> tuple[float, float] | None:
    """Width and height of the page in the file's unit."""
    page = next(descendants(root, "Page"), None)
    size = None if page is None else (number(page, "WIDTH"), number(page, "HEIGHT"))
    return size if size and size[0] and size[1] else None  # type: ignore[return-value]


def true_lines(root: Element, mode: Mode) -> list[TrueLine]:
    """Lines or words in the order of the file."""
    found = []
    for place, line in enumerate(descendants(root, "TextLine"), 1):
        strings = children(line, "String")
        if mode == "word":
            # Some programs write a whole line as one String: that is no word.
            words = [string for string in strings if len(string.get("CONTENT", "").split()) < 2]
            baseline = baseline_of(line)
            for number_, word in enumerate(words, 1):
                name = f"word {word.get('ID') or f'{number_} of line {place}'}"
                found.append(TrueLine(name, word.get("CONTENT", ""), outline_of(word), baseline))
            continue
        outline = outline_of(line)
        if not len(outline):
            parts = [part for part in map(outline_of, strings) if len(part)]
            outline = _box_around(np.concatenate(parts)) if parts else outline
        found.append(TrueLine(f"line {line.get('ID') or place}", text_of(line), outline, baseline_of(line)))
    return found


def text_of(line: Element) -> str:
    """The words as they stand on the page, a hyphen at the end included."""
    text = ""
    for part in line:
        if local(part) == "String":
            text += " " + part.get("CONTENT", "")
        elif local(part) == "HYP":
            text += part.get("CONTENT", "-").replace(SOFT_HYPHEN, "-")
    return text.strip()


def outline_of(element: Element) -> Points:
    """The polygon of its Shape, else its box, else nothing."""
    for shape in children(element, "Shape"):
        for polygon in children(shape, "Polygon"):
            points = points_in(polygon.get("POINTS", ""))
            if len(points) > 2:
                return points
    edges = [number(element, name) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
    x, y, width, height = edges
    if x is None or y is None or width is None or height is None:
        return np.empty((0, 2))
    return box(x, y, width, height)


def baseline_of(line: Element) -> Points | None:
    """BASELINE as one height for the whole line (ALTO 2 and 3) or as points (since 4.1)."""
    written = line.get("BASELINE", "")
    points = points_in(written)
    if len(points) > 1:
        return points
    height, left, width = number(line, "BASELINE"), number(line, "HPOS"), number(line, "WIDTH")
    # Some programs write a single height relative to the line; nobody can tell, so only likely ones count.
    top, tall = number(line, "VPOS"), number(line, "HEIGHT")
    if None in (height, left, width, top, tall) or not top < height <= top + 1.2 * tall:  # type: ignore[operator]
        return None
    return np.array([(left, height), (left + width, height)], np.float64)  # type: ignore[operator]


def points_in(written: str) -> Points:
    """ "x,y x,y" or "x y x y" as (N, 2)."""
    values = [float(value) for value in re.findall(r"-?\d+(?:\.\d+)?", written)]
    if len(values) % 2 or any(abs(value) > 1e7 for value in values):
        return np.empty((0, 2))
    return np.array(values, np.float64).reshape(-1, 2)


def _box_around(points: Points) -> Points:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return box(left, top, right - left, bottom - top)

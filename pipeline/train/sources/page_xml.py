"""PAGE XML of any year: TextLine and Word with Coords, Baseline and TextEquiv."""

import re

import numpy as np

from pipeline.train.sources.cutting import Points, TrueLine
from pipeline.train.sources.sample import Mode
from pipeline.train.sources.xml import Element, children, descendants, number

ROOT = "PcGts"


def page_of(root: Element) -> Element | None:
    return next(descendants(root, "Page"), None)


def image_name(root: Element) -> str:
    """The picture's file name without the folders of the machine the file was written on."""
    page = page_of(root)
    return "" if page is None else re.split(r"[/\\]", page.get("imageFilename", ""))[-1]


def page_size(root: Element) -> tuple[float, float] | None:
    """Width and height in pixels of the picture the coordinates were made for."""
    page = page_of(root)
    size = None if page is None else (number(page, "imageWidth"), number(page, "imageHeight"))
    return size if size and size[0] and size[1] else None  # type: ignore[return-value]


def true_lines(root: Element, mode: Mode) -> list[TrueLine]:
    """Lines or words in the order of the file."""
    found = []
    for line in descendants(root, "TextLine"):
        baseline = next((points_of(element) for element in children(line, "Baseline")), None)
        baseline = baseline if baseline is not None and len(baseline) else None
        words = children(line, "Word")
        if mode == "word":
            found += [TrueLine(f"word {w.get('id', '?')}", text_of(w), outline_of(w), baseline) for w in words]
            continue
        text = text_of(line) or " ".join(filter(None, map(text_of, words)))
        found.append(TrueLine(f"line {line.get('id', '?')}", text, outline_of(line), baseline))
    return found


def text_of(element: Element) -> str:
    """The transcription that counts where there are several: of the lowest index, else the highest confidence."""
    equivalents = children(element, "TextEquiv")
    if not equivalents:
        return ""

    def rank(equivalent: Element) -> tuple[float, float]:
        index, confidence = number(equivalent, "index"), number(equivalent, "conf")
        return (1e9 if index is None else index, -(confidence or 0.0))

    best = min(equivalents, key=rank)
    return "".join("".join(unicode.itertext()) for unicode in children(best, "Unicode")[:1])


def outline_of(element: Element) -> Points:
    """(N, 2) points of the element's Coords; none where there are none or they can't be understood."""
    return next((points_of(coords) for coords in children(element, "Coords")), np.empty((0, 2)))


def points_of(element: Element) -> Points:
    """`points="x,y x,y"` of the years since 2013, or the Point elements of 2009 and 2010."""
    written = re.findall(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)", element.get("points", ""))
    if not written:
        written = [(point.get("x", "nan"), point.get("y", "nan")) for point in children(element, "Point")]
    try:
        points = np.array([(float(x), float(y)) for x, y in written], np.float64).reshape(-1, 2)
    except ValueError:
        return np.empty((0, 2))
    return points if np.isfinite(points).all() and np.abs(points).max(initial=0) < 1e7 else np.empty((0, 2))

"""How well lines are found on pages with known lines: share found, share right, and their harmonic mean."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask
from pipeline.clean import CleanPage, clean_page
from pipeline.errors import UnreadableFileError
from pipeline.layout import Layout, lay_out
from pipeline.lines import find_lines

AGREEMENT = 0.75
# Kinds of lines a finder is asked for; formulas on their own are figures as far as lines go.
WANTED_TYPES = {"text", "mixed", "default", None}

Polygon = NDArray[np.float64]
Finder = Callable[[NDArray[Any]], list[Polygon]]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one page or of many: true lines wanted, lines found, pairs that agree."""

    name: str
    true: int
    found: int
    matched: int

    @property
    def recall(self) -> float:
        return self.matched / self.true if self.true else 1.0

    @property
    def precision(self) -> float:
        return self.matched / self.found if self.found else 1.0

    @property
    def fm(self) -> float:
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores page by page and all together."""

    pages: tuple[Score, ...]

    @property
    def total(self) -> Score:
        return Score(
            "all pages",
            sum(page.true for page in self.pages),
            sum(page.found for page in self.pages),
            sum(page.matched for page in self.pages),
        )


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A page as (H, W, 3) BGR, and its true lines: `polygon` or `bbox`, `type` and `text`, in reading order."""

    name: str
    pixels: NDArray[Any]
    truth: list[dict[str, Any]]


def labelled_pages(folder: Path) -> Iterator[LabelledPage]:
    """The page images of a folder, each with a JSON list of its true lines of the same stem. Raises InklineError."""
    truth_files = sorted(folder.glob("*.json"))
    if not truth_files:
        raise UnreadableFileError(f"{folder} holds no pages: put images there, each with a .json of its lines.")
    for truth_file in truth_files:
        images = [path for path in sorted(folder.glob(f"{truth_file.stem}.*")) if path != truth_file]
        pixels = cv2.imread(str(images[0])) if images else None
        if pixels is None:
            raise UnreadableFileError(f"{truth_file} has no page image of the same name beside it.")
        yield LabelledPage(truth_file.stem, pixels, _read_truth(truth_file))


def _read_truth(file: Path) -> list[dict[str, Any]]:
    """The lines of a JSON, each with a polygon or a box. Raises UnreadableFileError."""
    try:
        lines = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"{file} is no JSON that can be read: {error}.") from error
    if not isinstance(lines, list):
        raise UnreadableFileError(f"{file} is no list of lines.")
    for number, line in enumerate(lines, 1):
        try:
            points = outline(line)
        except (AttributeError, KeyError, TypeError, ValueError):
            points = np.empty(0)
        if points.shape[1:] != (2,) or len(points) < 3 or not np.isfinite(points).all():
            raise UnreadableFileError(f"Line {number} in {file} has neither a polygon nor a bbox that can be used.")
    return lines


def find_on(pixels: NDArray[Any]) -> tuple[CleanPage, Layout]:
    """What Inkline finds on an (H, W, 3) BGR page: the page cleaned, and its lines and figures."""
    page = clean_page(pixels)
    return page, lay_out(page, find_lines(page))


def found_polygons(page: CleanPage, layout: Layout) -> list[Polygon]:
    """The outlines of the lines found, in pixels of the page as it came in."""
    return [page.source_points(laid.line.polygon) for laid in layout.lines]


def find_polygons(pixels: NDArray[Any]) -> list[Polygon]:
    return found_polygons(*find_on(pixels))


def evaluate_folder(folder: Path, finder: Finder = find_polygons) -> Evaluation:
    """Scores a finder on all labelled pages of a folder."""
    return Evaluation(tuple(score_page(page, finder(page.pixels)) for page in labelled_pages(folder)))


def score_page(page: LabelledPage, found: list[Polygon]) -> Score:
    """Counts pairs of true and found lines whose ink agrees; found lines on unwanted true ones count for nothing."""
    ink, truth = page_ink(page.pixels), page.truth
    found_areas = [ink_inside(polygon, ink) for polygon in found]
    true_areas = [ink_inside(outline(line), ink) for line in truth]
    partner = _matches(true_areas, found_areas)
    wanted = [line.get("type") in WANTED_TYPES for line in truth]
    matched = sum(wanted[number] for number in partner)
    return Score(page.name, sum(wanted), len(found) - (len(partner) - matched), matched)


def outline(line: dict) -> Polygon:
    """The polygon of a true line, or its box where it has none."""
    if line.get("polygon"):
        return np.array(line["polygon"], np.float64)
    x0, y0, x1, y1 = line["bbox"]
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)


def page_ink(pixels: NDArray[Any]) -> Mask:
    """The foreground of a page by Otsu's threshold."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    _, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return dark.view(bool)


def ink_inside(polygon: Polygon, ink: Mask) -> NDArray[np.int64]:
    """Flat indices of the ink inside a polygon, in rising order."""
    x0, y0 = np.maximum(np.floor(polygon.min(axis=0)).astype(int), 0)
    x1, y1 = np.ceil(polygon.max(axis=0)).astype(int) + 1
    part = ink[y0:y1, x0:x1]
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(polygon - [x0, y0]).astype(np.int32)], 1)
    ys, xs = np.nonzero(mask.view(bool) & part)
    return (ys + y0) * ink.shape[1] + xs + x0


def _matches(true: list[NDArray[np.int64]], found: list[NDArray[np.int64]]) -> dict[int, int]:
    """True line -> found line, one to one. Above one half agreement a line can have only one partner, so no search."""
    partner: dict[int, int] = {}
    for number, area in enumerate(true):
        for other, candidate in enumerate(found):
            if not len(area) or not len(candidate) or area[0] > candidate[-1] or candidate[0] > area[-1]:
                continue
            common = len(np.intersect1d(area, candidate, assume_unique=True))
            if common >= AGREEMENT * (len(area) + len(candidate) - common) and other not in partner.values():
                partner[number] = other
    return partner


def format_evaluation(evaluation: Evaluation) -> str:
    """A plain table, one page a row, the total last; shares in per cent."""
    rows = [*evaluation.pages, evaluation.total]
    width = max(len(row.name) for row in rows)
    lines = [f"{'page':{width}}   true  found  matched  recall  precision     FM"]
    for row in rows:
        shares = f"{100 * row.recall:6.1f}  {100 * row.precision:9.1f}  {100 * row.fm:5.1f}"
        lines.append(f"{row.name:{width}}  {row.true:5}  {row.found:5}  {row.matched:7}  {shares}")
    return "\n".join(lines)

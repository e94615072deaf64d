"""Page CER: the text of a whole page, in reading order, against the truth's, beside the errors of the reader itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask
from pipeline.clean import CleanPage
from pipeline.engines import Engine
from pipeline.errors import UnreadableFileError
from pipeline.evaluate import WANTED_TYPES, LabelledPage, Polygon, found_polygons, ink_inside, outline, page_ink
from pipeline.layout import Layout
from pipeline.lines import crop_line
from pipeline.train.metrics import error_counts
from pipeline.train.sources.cutting import BASELINE_AT
from pipeline.upright import as_written, cut_line

# Of a found line's ink: more than so much on a true line, and it is that one; on none so much, and it is a stray.
MOSTLY, HARDLY = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class PageReading:
    """Characters of the truth and edits: of the page as read, of it without strays, of true line crops as read.

    Strays are found lines the truth knows nothing of: printed letterheads, page numbers, drawings taken for writing.
    """

    name: str
    characters: int
    page_edits: int
    edits_without_strays: int
    reader_edits: int

    def points_above_reader(self, edits: int) -> float:
        """Percentage points of CER that `edits` stand above the reader's own."""
        return 100 * (edits - self.reader_edits) / max(self.characters, 1)


def read_against_truth(
    page: LabelledPage,
    clean: CleanPage,
    layout: Layout,
    engine: Engine,
    polygons: Sequence[Polygon] | None = None,
    seen: Sequence[dict[str, Any]] | None = None,
) -> PageReading:
    """Reads the lines found on a page, and its true ones, both cut out of `clean`; only wanted types of lines count.

    `clean` and `layout` may be those of a photo of the page: `polygons` are then the outlines of the lines found as
    they lie on the page, and `seen` the true lines as they lie in the photo. Raises UnreadableFileError for a true
    line without text.
    """
    truth = page.truth
    wanted = [n for n, line in enumerate(truth) if line.get("type") in WANTED_TYPES]
    for n in wanted:
        if not isinstance(truth[n].get("text"), str):
            raise UnreadableFileError(
                f"Line {n + 1} in {page.name}.json has no text to compare with. Add its text, or leave out --read."
            )
    polygons = found_polygons(clean, layout) if polygons is None else polygons
    places = _places(polygons, truth, page_ink(page.pixels))
    kept = [n for n, place in enumerate(places) if place is None or truth[place].get("type") in WANTED_TYPES]
    texts = _texts(engine, [crop_line(clean, layout.lines[n].line) for n in kept])
    crops = true_crops(clean, [(truth if seen is None else seen)[n] for n in wanted])
    expected = "\n".join(truth[n]["text"] for n in wanted)
    page_edits, characters = error_counts(expected, "\n".join(texts))
    known = [text for n, text in zip(kept, texts, strict=True) if places[n] is not None]
    known_edits, _ = error_counts(expected, "\n".join(known))
    reader_edits, _ = error_counts(expected, "\n".join(_texts(engine, crops)))
    return PageReading(page.name, characters, page_edits, known_edits, reader_edits)


def _places(found: Sequence[Polygon], truth: list[dict[str, Any]], ink: Mask) -> list[int | None]:
    """For each found line the true line that holds most of its ink; None for a stray."""
    true_areas = [ink_inside(outline(line), ink) for line in truth]
    places: list[int | None] = []
    for polygon in found:
        area = ink_inside(polygon, ink)
        shared = [len(np.intersect1d(area, true, assume_unique=True)) / max(len(area), 1) for true in true_areas]
        best = int(np.argmax(shared)) if shared else -1
        on_any = sum(shared)
        is_known = best >= 0 and (shared[best] > MOSTLY or on_any > HARDLY)
        places.append(best if is_known else None)
    return places


def _texts(engine: Engine, crops: list[NDArray[Any]]) -> list[str]:
    return [reading.text for reading in engine.transcribe(crops)] if crops else []


def true_crops(clean: CleanPage, lines: Sequence[dict[str, Any]]) -> list[NDArray[Any]]:
    """Each true line cut out of the clean page just as found ones are, so that only where it was cut differs.

    lines: with outlines, and baselines where they are known, in pixels of the page as it came in.
    """
    outlines = [outline(line) for line in lines]
    baselines = [np.array(line["baseline"], np.float64) if line.get("baseline") else None for line in lines]
    clean = as_written(clean, outlines, baselines)
    edge = clean.grey.shape[1] - 1, clean.grey.shape[0] - 1
    crops = []
    for polygon, told in zip(outlines, baselines, strict=True):
        there = clean.clean_points(polygon).clip(0, edge)
        baseline = _level_baseline(there) if told is None else clean.clean_points(told)
        crops.append(cut_line(clean, there, baseline))
    return crops


def _level_baseline(polygon: Polygon) -> Polygon:
    """Two points: on a clean page lines are level."""
    (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0)
    level = top + BASELINE_AT * (bottom - top)
    return np.array([(left, level), (right, level)])


def format_readings(readings: Sequence[PageReading]) -> str:
    """A plain table, one page a row, the total last; CER in per cent, differences in points."""
    total = PageReading(
        "all pages",
        sum(page.characters for page in readings),
        sum(page.page_edits for page in readings),
        sum(page.edits_without_strays for page in readings),
        sum(page.reader_edits for page in readings),
    )
    rows = [*readings, total]
    width = max(len(row.name) for row in rows)
    lines = [f"{'page':{width}}  characters  reader CER  page CER  above  above, without strays"]
    for row in rows:
        reader, page = (100 * edits / max(row.characters, 1) for edits in (row.reader_edits, row.page_edits))
        above = row.points_above_reader(row.page_edits)
        lines.append(
            f"{row.name:{width}}  {row.characters:10}  {reader:10.2f}  {page:8.2f}  {above:5.2f}  "
            f"{row.points_above_reader(row.edits_without_strays):22.2f}"
        )
    return "\n".join(lines)

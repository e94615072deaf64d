"""Page CER: the text of a whole page, in reading order, against the truth's, beside the errors of the reader itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask
from pipeline.clean import CleanPage
from pipeline.engines import Engine
from pipeline.evaluate import WANTED_TYPES, LabelledPage, Polygon, found_polygons, ink_inside, outline, page_ink
from pipeline.layout import Layout
from pipeline.lines import crop_line
from pipeline.train.metrics import error_counts

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
    page: LabelledPage, clean: CleanPage, layout: Layout, engine: Engine, polygons: Sequence[Polygon] | None = None
) -> PageReading:
    """Reads the lines found on a page, and its true ones; only wanted types of lines count.

    polygons: the outlines of the lines found, on the page; `clean` and `layout` may be those of a photo of it. By
    default they are those of the page itself.
    """
    truth = page.truth
    wanted = [line for line in truth if line.get("type") in WANTED_TYPES]
    polygons = found_polygons(clean, layout) if polygons is None else polygons
    places = _places(polygons, truth, page_ink(page.pixels))
    kept = [n for n, place in enumerate(places) if place is None or truth[place].get("type") in WANTED_TYPES]
    texts = _texts(engine, [crop_line(clean, layout.lines[n].line) for n in kept])
    grey = cv2.cvtColor(page.pixels, cv2.COLOR_BGR2GRAY)
    crops = [crop_true_line(grey, outline(line), line.get("baseline")) for line in wanted]
    expected = "\n".join(line["text"] for line in wanted)
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


def crop_true_line(
    grey: NDArray[Any], polygon: Polygon, baseline: list[list[float]] | None = None, margin: int = 4
) -> NDArray[Any]:
    """The part of a grey page inside an outline, level if its baseline is known; around it paper like that inside."""
    x0, y0 = np.maximum(np.floor(polygon.min(axis=0)).astype(int) - margin, 0)
    x1, y1 = np.ceil(polygon.max(axis=0)).astype(int) + margin
    part = grey[y0:y1, x0:x1].copy()
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(polygon - [x0, y0]).astype(np.int32)], 1)
    if inside.any():
        part[inside == 0] = np.median(part[inside > 0])
    if not baseline:
        return part
    points = np.array(sorted(baseline), float)
    xs = np.arange(part.shape[1], dtype=np.float32)
    rise = np.interp(xs + x0, points[:, 0], points[:, 1])
    shift = (rise - rise.mean()).astype(np.float32)
    room = int(np.ceil(np.abs(shift).max()))
    rows = np.arange(-room, len(part) + room, dtype=np.float32)[:, None] + shift[None]
    across = np.tile(xs, (len(rows), 1))
    level = cv2.remap(part, across, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # What turning the line level has freed above and below it would only make its letters smaller.
    held = np.flatnonzero(cv2.remap(inside, across, rows, cv2.INTER_NEAREST).any(axis=1))
    return level[held[0] : held[-1] + 1] if len(held) else level


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

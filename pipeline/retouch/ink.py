"""The ink of lines, cut again out of the stored picture of their page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from pipeline.binarize import Grey
from pipeline.clean import CleanPage, clean_page
from pipeline.document import Line, Page, Point, Transcription
from pipeline.engines import lines_at_once, load_engine
from pipeline.errors import PageError
from pipeline.flatten.mapping import through
from pipeline.lines import TextLine
from pipeline.retouch.geometry import Points, baseline_in, frame_of
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.strokes import Stroke, find_strokes
from pipeline.turning import runs_level
from pipeline.upright import as_written, cut_line, turned

Read = Callable[[Page, Sequence[Line]], list[Transcription]]
EDGE = 6
# How far from where a gap is thought to be it is looked for, as a share of the line's length.
REACH = 0.06


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture, cleaned; `scale` is its pixels a pixel of the page as it came in."""

    clean: CleanPage
    scale: float

    def inside(self, points: Sequence[Point]) -> Points:
        """(N, 2) points of the page as points of the clean picture."""
        return self.clean.clean_points(np.asarray(points, np.float64).reshape(-1, 2) * self.scale)

    def outside(self, points: Points) -> Points:
        """The inverse of `inside`."""
        return self.clean.source_points(points) / self.scale


@dataclass(frozen=True, slots=True)
class LineReader:
    """Reads lines of stored pages. Both raise EngineError; reading also PageError or NotFoundError where a page's
    picture is damaged or missing."""

    store: Store
    settings: Settings
    engine: str

    @property
    def at_once(self) -> int:
        """How many lines had better be read at a time."""
        return lines_at_once(load_engine(self.engine, self.settings))

    def __call__(self, page: Page, lines: Sequence[Line]) -> list[Transcription]:
        if not lines:
            return []
        reader = load_engine(self.engine, self.settings)
        picture = picture_of(self.store, page)
        readings: list[Transcription] = []
        at_once = lines_at_once(reader)
        for start in range(0, len(lines), at_once):
            readings += reader.transcribe([crop(picture, page, line) for line in lines[start : start + at_once]])
        # A line in which nothing was read is the first that wants a look.
        return [reading if reading.text.strip() else replace(reading, confidence=0.0) for reading in readings]


def line_reader(store: Store, settings: Settings, document_id: str, engine: str = "auto") -> LineReader:
    """What reads lines of a document's stored pages, in the language that was chosen for it."""
    language = store.job_of(document_id).wanted_language or settings.language
    return LineReader(store, replace(settings, language=language), engine)


def picture_of(store: Store, page: Page) -> Picture:
    """The stored picture of a page, cleaned; the last few are kept. Raises PageError."""
    if not page.image:
        raise PageError("This page has no picture, so its lines can't be read.")
    clean, width = _cleaned(store.blob_path(page.image))
    return Picture(clean, width / page.width)


@lru_cache(maxsize=3)
def _cleaned(path: Path) -> tuple[CleanPage, int]:
    """The clean picture, and how wide it came. A path names the content, so that what is kept is never out of date."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise PageError("The stored picture of this page is damaged or missing, so its lines can't be read.")
    return clean_page(np.asarray(pixels)), pixels.shape[1]


def crop(picture: Picture, page: Page, line: Line) -> Grey:
    """The line on its own, level and on white paper, as `digitize` cuts it: (h, w) uint8."""
    outline = picture.inside(line.polygon)
    baseline = picture.inside(line.baseline if len(line.baseline) > 1 else baseline_in(line.polygon, page))
    # Cleaning may take the page for lying on its side though its lines say otherwise: they decide.
    across = baseline[-1] - baseline[0]
    turns = round(float(np.degrees(np.arctan2(across[1], across[0]))) / 90) % 4
    if not turns:
        return cut_line(picture.clean, outline, baseline)
    around = _window(picture.clean, outline, round(max(EDGE, float(np.ptp(outline, axis=0).min()))))
    clean = turned(around, turns)
    outline, baseline = (through(np.linalg.inv(clean.to_source), points) for points in (outline, baseline))
    return cut_line(clean, outline, baseline)


def strokes_in(store: Store, page: Page, lines: Sequence[Line]) -> list[list[Stroke]]:
    """Underlines and strike-outs of lines, looked for among the others of their page; none in formulas, whose bars
    underline nothing. Raises PageError."""
    if all(line.kind == "formula" for line in lines):
        return [[] for _ in lines]
    picture = picture_of(store, page)
    known = {line.id for line in lines}
    all_lines = [*(line for line in page.lines if line.id not in known), *lines]
    outlines = [np.asarray(line.polygon, np.float64) * picture.scale for line in all_lines]
    baselines = [
        np.asarray(line.baseline if len(line.baseline) > 1 else baseline_in(line.polygon, page)) * picture.scale
        for line in all_lines
    ]
    clean = as_written(picture.clean, outlines, baselines)
    level: dict[int, TextLine] = {}
    for place, (outline, baseline) in enumerate(zip(outlines, baselines, strict=True)):
        across = clean.clean_points(baseline)
        if runs_level(across.tolist(), 0):
            _, firsts = np.unique(across[:, 0], return_index=True)
            level[place] = TextLine(clean.clean_points(outline), across[firsts])
    found = dict(zip(level, find_strokes(clean, list(level.values())), strict=True))
    own = [found.get(place, []) for place in range(len(all_lines) - len(lines), len(all_lines))]
    return [[] if line.kind == "formula" else strokes for line, strokes in zip(lines, own, strict=True)]


def gap_near(picture: Picture, page: Page, line: Line, place: float) -> float:
    """The place along a line, in its frame's u, with the least ink near `place`."""
    frame = frame_of(line, page)
    outline = picture.inside(line.polygon)
    around = _window(picture.clean, outline, EDGE)
    ink, corner = around.ink, around.to_source[:2, 2]
    inside = np.zeros(ink.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(outline - corner).astype(np.int32)], 1)
    ys, xs = np.nonzero(ink & (inside > 0))
    (start, top), (end, bottom) = (edge(frame.inside(line.polygon), axis=0) for edge in (np.min, np.max))
    reach = REACH * (end - start)
    columns = np.arange(max(start, place - reach), min(end, place + reach))
    if not len(xs) or len(columns) < 3:
        return place
    us = frame.inside(picture.outside(np.column_stack([xs, ys]) + corner))[:, 0]
    counts = np.histogram(us, bins=np.append(columns, columns[-1] + 1))[0].astype(np.float32)
    # About half as wide as the space between two words.
    width = 2 * max(int(0.1 * (bottom - top)), 1) + 1
    density = cv2.blur(counts[None], (width, 1), borderType=cv2.BORDER_REPLICATE)[0]
    cost = density / max(float(density.mean()), 1e-6) + 0.5 * np.abs(columns - place) / reach
    return float(columns[int(np.argmin(cost))])


def _window(clean: CleanPage, outline: Points, margin: int) -> CleanPage:
    """The part of a clean page around an outline; its source points are those of the clean page."""
    height, width = clean.grey.shape
    x0, y0 = np.clip(np.floor(outline.min(axis=0)).astype(int) - margin, 0, (width - 1, height - 1))
    x1, y1 = np.clip(np.ceil(outline.max(axis=0)).astype(int) + margin, (x0 + 1, y0 + 1), (width, height))
    grey, ink = clean.grey[y0:y1, x0:x1], clean.ink[y0:y1, x0:x1]
    even = None if clean.even is None else clean.even[y0:y1, x0:x1]
    corner = np.array([(1.0, 0.0, x0), (0.0, 1.0, y0), (0.0, 0.0, 1.0)])
    return CleanPage(grey, ink, 0.0, corner, even=even)

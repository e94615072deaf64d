"""The pipeline: ingest, clean, find lines, lay out, transcribe."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.clean import CleanPage, clean_page
from pipeline.document import Box, Figure, Line, Page, Point, Transcription
from pipeline.engines import Engine, lines_at_once
from pipeline.errors import InklineError
from pipeline.ingest import PageImage, Source
from pipeline.layout import Layout, lay_out, refine_kinds, with_levels
from pipeline.lines import crop_line, find_lines
from pipeline.strokes import find_strokes, with_strokes

log = logging.getLogger(__name__)

OUTLINE_PIXELS = 0.75

OnStage = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the work stands: page `index` of `pages`, at a stage ("read", "clean", "lines", "transcribe").

    `done` of `total` lines of this page are read; both are 0 before the stage "transcribe".
    """

    index: int
    pages: int
    stage: str
    done: int = 0
    total: int = 0


def digitize(
    source: Source, engine: Engine, on_progress: Callable[[Progress], None] = lambda progress: None
) -> Iterator[Page]:
    """Each page of a source, read. A page that can't be read comes with `error` set and does not stop the rest."""
    for index in range(source.page_count):

        def on_stage(stage: str, done: int, total: int, index: int = index) -> None:
            on_progress(Progress(index, source.page_count, stage, done, total))

        yield read_source_page(source, index, engine, on_stage)


def read_source_page(
    source: Source, index: int, engine: Engine, on_stage: OnStage = lambda stage, done, total: None
) -> Page:
    """One page of a source, with `error` set if anything goes wrong with it."""
    page = Page(index, 0, 0, 0)
    try:
        on_stage("read", 0, 0)
        image = source.read(index)
        height, width = image.pixels.shape[:2]
        page = Page(index, width, height, image.dpi)
        return read_page(image, index, engine, on_stage)
    except InklineError as error:
        # The errors of `read` name file and page, those of readers can't.
        sentence = f"Page {index + 1} of {source.name} was not read: {error}" if page.width else str(error)
    except Exception as error:  # one bad page must not lose a long job
        log.debug("page %d of %s", index + 1, source.name, exc_info=True)
        sentence = f"Page {index + 1} of {source.name} met a fault in Inkline ({type(error).__name__}: {error})."
    return replace(page, error=sentence)


def read_page(
    image: PageImage, index: int, engine: Engine, on_stage: OnStage = lambda stage, done, total: None
) -> Page:
    """Clean a page, find its lines, lay them out and transcribe them, as many at a time as the reader likes."""
    height, width = image.pixels.shape[:2]
    on_stage("clean", 0, 0)
    clean = clean_page(image.pixels, stands=image.stands)
    on_stage("lines", 0, 0)
    layout = lay_out(clean, find_lines(clean))
    strokes = find_strokes(clean, [laid.line for laid in layout.lines])
    readings = _transcribe(clean, layout, engine, on_stage)
    lines = tuple(
        Line(
            id=f"p{index}l{number}",
            polygon=_on_page(clean, _without_needless_points(laid.line.polygon), width, height),
            baseline=_on_page(clean, laid.line.baseline, width, height),
            kind=laid.kind,
            paragraph=laid.paragraph,
            transcription=reading,
        )
        for number, (laid, reading) in enumerate(zip(layout.lines, readings, strict=True))
    )
    lines = with_levels(refine_kinds(lines), [laid.line for laid in layout.lines])
    # The bars of fractions and roots underline nothing.
    lines = tuple(
        line if line.kind == "formula" else replace(line, transcription=with_strokes(line.transcription, found))
        for line, found in zip(lines, strokes, strict=True)
    )
    figures = tuple(Figure(_box_on_page(clean, box, width, height)) for box in layout.figures)
    return Page(index, width, height, image.dpi, clean.skew_degrees, lines, figures)


def _transcribe(clean: CleanPage, layout: Layout, engine: Engine, on_stage: OnStage) -> list[Transcription]:
    readings: list[Transcription] = []
    total = len(layout.lines)
    on_stage("transcribe", 0, total)
    at_once = lines_at_once(engine)
    for start in range(0, total, at_once):
        crops = [crop_line(clean, laid.line) for laid in layout.lines[start : start + at_once]]
        readings += engine.transcribe(crops)
        on_stage("transcribe", len(readings), total)
    # A line in which nothing was read stays a line, and is the first that wants a look.
    return [reading if reading.text.strip() else replace(reading, confidence=0.0) for reading in readings]


def _on_page(clean: CleanPage, points: np.ndarray, width: int, height: int) -> tuple[Point, ...]:
    """(N, 2) clean-page points as points of the page as it came in, inside its edges."""
    moved = clean.source_points(np.asarray(points, float)).clip(0, (width, height))
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in moved)


def _without_needless_points(polygon: np.ndarray) -> np.ndarray:
    """(N, 2) outline with those points left out that move it by less than a pixel: a third of them is enough."""
    kept = cv2.approxPolyDP(np.asarray(polygon, np.float32)[:, None], OUTLINE_PIXELS, True)[:, 0]
    return kept if len(kept) > 2 else polygon


def _box_on_page(clean: CleanPage, box: Box, width: int, height: int) -> Box:
    """The upright box around a clean-page box's corners on the page as it came in."""
    x0, y0, x1, y1 = box
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float)
    moved = clean.source_points(corners).clip(0, (width, height))
    (left, top), (right, bottom) = moved.min(0), moved.max(0)
    return int(left), int(top), int(np.ceil(right)), int(np.ceil(bottom))

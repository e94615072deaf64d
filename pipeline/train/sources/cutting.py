"""Lines cut out of page pictures, as `digitize` cuts those it finds itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.clean import CleanPage, clean_page
from pipeline.errors import InklineError
from pipeline.ingest import open_source
from pipeline.settings import read_settings
from pipeline.train.sources.pictures import pack
from pipeline.train.sources.sample import BadRow, Read, Sample, clean_text
from pipeline.upright import as_written, cut_line

Points = NDArray[np.float64]
# Where the baseline runs in an outline that comes without one, from its top (0) to its bottom (1).
BASELINE_AT = 0.76
SMALLEST = 4


@dataclass(frozen=True, slots=True)
class TrueLine:
    """A line or word with what it says. outline: (N, 2), baseline: (M, 2) or None, in the unit of its page.

    `kind` is what the data calls its sort of line ("text", "math"), where it tells sorts apart.
    """

    name: str
    text: str
    outline: Points
    baseline: Points | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class TruePage:
    """A page whose lines are known. `size` is its (width, height) in the unit of its lines, None: pixels."""

    file: Path | str
    picture: Path
    group: str
    writer: str
    lines: Sequence[TrueLine]
    size: tuple[float, float] | None = None
    dots_per_unit: float | None = None  # for a page without size, times the picture's dpi


def box(x: float, y: float, width: float, height: float) -> Points:
    """The four corners of a box."""
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float64)


def cut_page(page: TruePage) -> Read:
    """The page's lines as samples, each levelled on its baseline, what is outside its outline painted as paper."""
    read = Read([], [])
    try:
        image = open_source(page.picture, read_settings(), name=page.picture.name).read(0)
        scale = _scale(page, image.pixels.shape[1], image.pixels.shape[0], image.dpi)
    except (InklineError, ValueError) as error:
        read.bad.extend(BadRow(page.file, line.name, str(error).rstrip(".")) for line in page.lines)
        return read
    lines = [_scaled(line, scale) for line in page.lines]
    clean = as_written(clean_page(image.pixels), [line.outline for line in lines], [line.baseline for line in lines])
    for line in lines:
        crop = _crop(line, clean, image.pixels.shape[:2])
        if isinstance(crop, str):
            read.bad.append(BadRow(page.file, line.name, crop))
        else:
            where = f"{page.picture.name} {line.name}"
            read.samples.append(Sample(clean_text(line.text), page.writer, page.group, pack(crop), where, line.kind))
    return read


def _scale(page: TruePage, width: int, height: int, dpi: int) -> tuple[float, float]:
    """Pixels of the picture a unit of the page. Raises ValueError where both can't be the same page."""
    if page.size is None:
        return (1.0, 1.0) if page.dots_per_unit is None else (dpi * page.dots_per_unit,) * 2
    scale = width / page.size[0], height / page.size[1]
    if abs(scale[0] / scale[1] - 1) > 0.02:
        declared = f"{page.size[0]:g} x {page.size[1]:g}"
        raise ValueError(f"the page is {declared}, but its picture {page.picture.name} is {width} x {height} pixels")
    return scale


def _scaled(line: TrueLine, scale: tuple[float, float]) -> TrueLine:
    baseline = line.baseline if line.baseline is None else line.baseline * scale
    return replace(line, outline=line.outline * scale, baseline=baseline)


def _crop(line: TrueLine, clean: CleanPage, size: tuple[int, int]) -> np.ndarray | str:
    """The line's grey crop (H, W), or why there is none. size: the picture's (height, width)."""
    if not clean_text(line.text):
        return "its text is empty"
    if len(line.outline) < 3:
        return "it has no outline"
    (left, top), (right, bottom) = line.outline.min(axis=0), line.outline.max(axis=0)
    if right - left < SMALLEST or bottom - top < SMALLEST:
        return f"its outline is smaller than {SMALLEST} x {SMALLEST} pixels"
    kept = max(min(right, size[1]) - max(left, 0), 0) * max(min(bottom, size[0]) - max(top, 0), 0)
    if 2 * kept < (right - left) * (bottom - top):
        return "its outline is outside the page"
    edge = clean.grey.shape[1] - 1, clean.grey.shape[0] - 1
    outline = clean.clean_points(line.outline.clip(0, (size[1] - 1, size[0] - 1))).clip(0, edge)
    baseline = _guess_baseline(outline) if line.baseline is None else clean.clean_points(line.baseline)
    run = np.abs(np.ptp(baseline, axis=0))
    if run[1] > max(run[0], 0.5 * float(np.ptp(outline[:, 0]))):
        return "it runs more up or down than across the page"
    crop = cut_line(clean, outline, baseline)
    return crop if (crop < 230).any() else "there is no ink inside its outline"


def _guess_baseline(outline: Points) -> Points:
    """Two points of a straight baseline in an outline that comes without one."""
    (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
    long = right - left > 2 * (bottom - top)
    slope = float(np.polyfit(outline[:, 0], outline[:, 1], 1)[0]) if long else 0.0
    level = outline[:, 1] - slope * (outline[:, 0] - left)
    start = level.min() + BASELINE_AT * np.ptp(level)
    return np.array([(left, start), (right, start + slope * (right - left))])

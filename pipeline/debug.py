"""A picture of each stage of a page, for people who report a bad one."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.clean import CleanPage, clean_page
from pipeline.errors import ExportError
from pipeline.layout import Layout, lay_out
from pipeline.lines import find_courses, find_lines

LONGEST = 2000  # pixels of a picture's longer side
# BGR
KIND_COLOURS = {"text": (60, 140, 0), "heading": (200, 0, 160), "list_item": (200, 110, 0), "formula": (0, 110, 220)}
RED, GREY = (30, 30, 220), (150, 150, 150)


def write_stages(pixels: NDArray[Any], stem: Path) -> list[Path]:
    """Writes `stem`-1-source.jpg and so on, one a stage of an (H, W, 3) BGR page. Raises ExportError."""
    clean = clean_page(pixels)
    lines = find_lines(clean)
    layout = lay_out(clean, lines)
    stages = {
        "1-source": pixels,
        "2-cleaned": cv2.cvtColor(clean.grey, cv2.COLOR_GRAY2BGR),
        "3-ink": _ink(clean),
        "4-ridges": _with_ridges(clean),
        "5-lines": _with_lines(clean, layout),
        "6-kinds": _with_kinds(clean, layout),
    }
    written = []
    for name, picture in stages.items():
        path = stem.with_name(f"{stem.name}-{name}.jpg")
        scale = min(1.0, LONGEST / max(picture.shape))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
        try:
            path.write_bytes(cv2.imencode(".jpg", small)[1].tobytes())
        except OSError as error:
            raise ExportError(f"{path} can't be written: {error.strerror}.") from error
        written.append(path)
    return written


def _ink(clean: CleanPage) -> NDArray[np.uint8]:
    """Ink black on white."""
    return cv2.cvtColor((~clean.ink).view(np.uint8) * np.uint8(255), cv2.COLOR_GRAY2BGR).astype(np.uint8)


def _pale(clean: CleanPage) -> NDArray[np.uint8]:
    """The page in pale grey, to draw upon."""
    return cv2.cvtColor(cv2.convertScaleAbs(clean.grey, alpha=0.5, beta=127), cv2.COLOR_GRAY2BGR).astype(np.uint8)


def _pen(clean: CleanPage) -> int:
    return max(2, max(clean.grey.shape) // 900)


def _with_ridges(clean: CleanPage) -> NDArray[np.uint8]:
    picture = _pale(clean)
    for course in find_courses(clean):
        cv2.polylines(picture, [np.round(course).astype(np.int32)], False, RED, _pen(clean))
    return picture


def _with_lines(clean: CleanPage, layout: Layout) -> NDArray[np.uint8]:
    """Outlines, baselines, and the place of each line in the reading order."""
    picture, pen = _pale(clean), _pen(clean)
    for number, laid in enumerate(layout.lines, start=1):
        cv2.polylines(picture, [np.round(laid.line.polygon).astype(np.int32)], True, KIND_COLOURS["text"], pen)
        cv2.polylines(picture, [np.round(laid.line.baseline).astype(np.int32)], False, RED, pen)
        _label(picture, str(number), laid.line.polygon, pen)
    return picture


def _with_kinds(clean: CleanPage, layout: Layout) -> NDArray[np.uint8]:
    """What each line is, figures in red, and noise in grey."""
    picture, pen = _pale(clean), _pen(clean)
    for laid in layout.lines:
        colour = KIND_COLOURS[laid.kind]
        cv2.polylines(picture, [np.round(laid.line.polygon).astype(np.int32)], True, colour, pen)
        _label(picture, f"{laid.kind} {laid.paragraph + 1}", laid.line.polygon, pen, colour)
    for boxes, colour in ((layout.figures, RED), (layout.noise, GREY)):
        for x0, y0, x1, y1 in boxes:
            cv2.rectangle(picture, (x0, y0), (x1, y1), colour, 2 * pen)
    return picture


def _label(
    picture: NDArray[np.uint8], text: str, polygon: NDArray[np.float64], pen: int, colour: tuple[int, int, int] = RED
) -> None:
    x, y = (int(value) for value in polygon.min(axis=0))
    at = (max(x, 0), max(y - pen, 12 * pen))
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.3 * pen, colour, max(1, pen // 2), cv2.LINE_AA)

"""Folders of page pictures, each with a `.json` of its stem: a list of lines with polygon or bbox, text and type."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.train.sources.cutting import Points, TrueLine, TruePage, box, cut_page
from pipeline.train.sources.pages import find_picture
from pipeline.train.sources.sample import BadRow, Mode, Read


def is_page_json(folder: Path) -> bool:
    return any(find_picture(file, "") for file in folder.rglob("*.json"))


def read_page_json(folder: Path, mode: Mode) -> Read:
    """Every line of every page in the folder or below it; the page counts as the writer."""
    read = Read([], [])
    for file in sorted(folder.rglob("*.json")):
        part = _read_page(file, folder)
        read.samples.extend(part.samples)
        read.bad.extend(part.bad)
    return read


def _read_page(file: Path, folder: Path) -> Read:
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        return Read([], [BadRow(file, "", f"it is not JSON ({error})")])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return Read([], [BadRow(file, "", "it is not a list of lines")])
    lines = [_line(row, place) for place, row in enumerate(rows, 1)]
    picture = find_picture(file, "")
    if picture is None:
        missing = f"its picture {file.stem}.* is not there"
        return Read([], [BadRow(file, line.name, missing) for line in lines])
    return cut_page(TruePage(file, picture, folder.resolve().name, file.stem, lines))


def _line(row: dict[str, Any], place: int) -> TrueLine:
    """What can't be understood of a line is left empty, and named when it is cut."""
    corners = _points(row.get("bbox"), (4,))
    outline = _points(row.get("polygon"), (-1, 2))
    if not len(outline) and len(corners):
        x0, y0, x1, y1 = corners
        outline = box(x0, y0, x1 - x0, y1 - y0)
    baseline = _points(row.get("baseline"), (-1, 2))
    text, kind = row.get("text"), row.get("type")
    return TrueLine(
        f"line {row.get('id', place)}",
        text if isinstance(text, str) else "",
        outline,
        baseline if len(baseline) > 1 else None,
        kind if isinstance(kind, str) else "",
    )


def _points(given: Any, shape: tuple[int, ...]) -> Points:
    """Finite numbers in this shape; none where they are not."""
    try:
        points = np.array(given or [], np.float64).reshape(shape)
    except (TypeError, ValueError):
        return np.empty((0, 2))
    return points if np.isfinite(points).all() and np.abs(points).max(initial=0) < 1e7 else np.empty((0, 2))

"""The known lines of a page, moved along into a photo of it."""

from typing import Any

import numpy as np

from pipeline.photos.making import Photo


def outline_points(truth: list[dict[str, Any]]) -> np.ndarray:
    """(N, 2) all points of the lines' outlines."""
    return np.array([point for line in truth for point in _outline(line)], np.float64).reshape(-1, 2)


def moved_truth(truth: list[dict[str, Any]], photo: Photo) -> list[dict[str, Any]]:
    """The same lines with polygon and baseline in the photo; boxes become polygons, for they no longer are upright."""
    moved = []
    for line in truth:
        new = {key: value for key, value in line.items() if key != "bbox"}
        new["polygon"] = photo.photo_points(np.array(_dense(_outline(line)), np.float64)).round(1).tolist()
        if line.get("baseline"):
            new["baseline"] = photo.photo_points(np.array(line["baseline"], np.float64)).round(1).tolist()
        moved.append(new)
    return moved


def _outline(line: dict[str, Any]) -> list[Any]:
    if line.get("polygon"):
        return list(line["polygon"])
    x0, y0, x1, y1 = line["bbox"]
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _dense(polygon: list[Any], step: float = 40.0) -> list[Any]:
    """The outline with a point at least every `step` pixels, so that it can bend."""
    ring = np.array(polygon, np.float64)
    points = []
    for start, end in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        count = max(1, int(np.ceil(np.linalg.norm(end - start) / step)))
        points += [start + (end - start) * share for share in np.arange(count) / count]
    return points

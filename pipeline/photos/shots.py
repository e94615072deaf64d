"""Labelled pages photographed, for measuring and for looking at."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.clean import CleanPage
from pipeline.errors import ExportError
from pipeline.layout import Layout
from pipeline.photos.levels import Level
from pipeline.photos.making import Photo, photograph
from pipeline.photos.truth import moved_truth, outline_points

Polygon = NDArray[np.float64]
QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 90)


@dataclass(frozen=True, slots=True)
class Shots:
    """How pages are photographed: each with a seed of its own, so that a page's photo does not depend on the others."""

    level: Level
    seed: int

    def take(self, name: str, pixels: NDArray[Any], truth: list[dict[str, Any]]) -> Photo:
        """The photo of a page with all of its true lines on it."""
        return photograph(pixels, self.level, (self.seed, *name.encode()), outline_points(truth))


def on_page(photo: Photo, polygons: list[Polygon], pixels: NDArray[Any]) -> list[Polygon]:
    """Outlines in a photo as outlines on the flat (H, W, 3) page it was made of, inside its edges."""
    edge = pixels.shape[1] - 1, pixels.shape[0] - 1
    return [photo.page_points(polygon).clip(0, edge) for polygon in polygons]


def keep(folder: Path, name: str, photo: Photo, truth: list[dict[str, Any]], clean: CleanPage, layout: Layout) -> None:
    """Writes the photo with its true lines beside it, as `evaluate` takes them, and the flat page with the lines found.

    Raises ExportError where that can't be written.
    """
    flat = cv2.cvtColor(clean.grey, cv2.COLOR_GRAY2BGR)
    for laid in layout.lines:
        cv2.polylines(flat, [np.round(laid.line.polygon).astype(np.int32)], True, (0, 0, 255), 2)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lines = json.dumps(moved_truth(truth, photo), ensure_ascii=False)
        (folder / f"{name}.json").write_text(lines, encoding="utf-8")
        for file, picture in ((f"{name}.jpg", photo.pixels), (f"{name}_found.jpg", flat)):
            _, packed = cv2.imencode(".jpg", picture, QUALITY)
            (folder / file).write_bytes(packed.tobytes())
    except OSError as error:
        raise ExportError(f"The photos can't be written to {folder}: {error.strerror}.") from error

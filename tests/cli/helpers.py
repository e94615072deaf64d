"""A reader that needs no model, and pages and lines for the commands to read."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from pipeline.cli import main
from pipeline.document import Transcription


class FakeEngine:
    """Reads every line as the same words, with a tab and a line break that must not break a row."""

    name = "fake"

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        assert all(crop.ndim == 2 for crop in crops)
        return [Transcription("some\twords\nread", 0.87654, self.name) for _ in crops]


def page_image(lines: int = 2) -> Image.Image:
    pixels = np.full((100 + 60 * lines, 600, 3), 255, np.uint8)
    for number in range(lines):
        cv2.putText(
            pixels, "handwriting", (60, 80 + 60 * number), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.2, (60, 30, 30), 2
        )
    return Image.fromarray(pixels)


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def digitize(*arguments: object) -> int:
    return main(["digitize", *map(str, arguments)])

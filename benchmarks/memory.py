"""Peak memory of `digitize` on a 100-page PDF against a 10-page one: python -m benchmarks.memory [DPI]

Each runs in a process of its own, with all exports and a reader that costs nothing, so that pages count, not weights.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from PIL import Image

from pipeline import engines
from pipeline.cli import main
from pipeline.document import Transcription

LIMIT = 1.3
SHORT, LONG = 10, 100
A4_INCHES = (8.27, 11.69)


class CheapReader:
    """Reads every line as the same words."""

    name = "cheap"

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        return [Transcription("a line of the same words", 0.5, self.name) for _ in crops]


def pages(count: int, dpi: int) -> Iterator[Image.Image]:
    """A4 pages of twenty lines and a drawing, each a little different."""
    width, height = (round(inches * dpi) for inches in A4_INCHES)
    step = height // 26
    for page in range(count):
        pixels = np.full((height, width, 3), (235, 245, 250), np.uint8)
        for line in range(20):
            place = (width // 10 + page % 7, step * (line + 2))
            text = f"page {page} line {line} of lecture notes"
            cv2.putText(
                pixels, text, place, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, dpi / 150, (40, 30, 30), max(1, dpi // 75)
            )
        cv2.ellipse(pixels, (width // 2, step * 24), (width // 5, step), 0, 0, 360, (120, 40, 40), max(1, dpi // 75))
        yield Image.fromarray(pixels)


def measure(pdf: Path, dpi: int, out: Path) -> None:
    """Digitize in this process, and print its peak memory in MB. Poppler is a new process for each page."""
    engines.ENGINES["cheap"] = lambda settings: CheapReader()
    code = main(["digitize", str(pdf), "--out", str(out), "--engine", "cheap", "--dpi", str(dpi)])
    print(json.dumps({"code": code, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def compare(dpi: int) -> bool:
    """Whether the long PDF stays within the limit; prints the figures."""
    peaks = {}
    with TemporaryDirectory() as folder:
        for count in (SHORT, LONG):
            pdf = Path(folder) / f"{count}.pdf"
            for page in pages(count, dpi):
                page.save(pdf, append=pdf.exists(), resolution=dpi)
            command = [sys.executable, "-m", "benchmarks.memory", str(dpi), str(pdf), folder]
            done = subprocess.run(command, capture_output=True, text=True)
            result = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {"code": "none"}
            if result["code"] != 0:
                sys.exit(f"Digitizing {count} pages failed:\n{done.stderr}")
            peaks[count] = result["peak"]
            print(f"{count:4} pages: {peaks[count]:5.0f} MB", flush=True)
    ratio = peaks[LONG] / peaks[SHORT]
    print(f"ratio {ratio:.2f} (limit {LIMIT}), A4 pages at {dpi} dpi")
    return ratio <= LIMIT


if __name__ == "__main__":
    resolution = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    if len(sys.argv) > 2:
        measure(Path(sys.argv[2]), resolution, Path(sys.argv[3]))
    else:
        sys.exit(0 if compare(resolution) else 1)

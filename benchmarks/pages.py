"""Time to clean an A4 page at 300 dpi, find its lines and cut them out, over pdf2image's time to rasterise that page.

Once as the scan, once as a hard photo of it: tilted, bent, in shadow, on a desk.

    python -m benchmarks.pages

Both take turns on one core, so that whatever else the machine does slows them alike; the quickest round of each counts.
Ends with 1 where a ratio is above 1.5.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from pdf2image import convert_from_path
from PIL import Image

from pipeline.clean import clean_page
from pipeline.lines import crop_line, find_lines
from pipeline.photos import LEVELS, photograph

ROUNDS = 9
MOST = 1.5
SENTENCES = (
    "The integral of a sum is the sum of the",
    "integrals, if both exist. We shall prove this",
    "for step functions first. Recall that a step",
    "function takes only finitely many values, each",
    "on an interval, so its integral is a sum.",
)


def scanned_page() -> Image.Image:
    """An A4 page at 300 dpi: 25 lines of script on ruled paper, not quite level, with a scanner's grain."""
    paper = np.full((3508, 2480, 3), 246, np.uint8)
    for y in range(240, 3400, 120):
        cv2.line(paper, (0, y), (2480, y), (225, 200, 190), 3)
    for row in range(25):
        at = (260, 350 + 120 * row)
        cv2.putText(paper, SENTENCES[row % 5], at, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 2.6, (110, 50, 30), 5, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((1240, 1754), 0.8, 1.0)
    paper = cv2.warpAffine(paper, turn, (2480, 3508), borderValue=(246, 246, 246)).astype(np.uint8)
    grain = np.random.default_rng(1).normal(0, 3, paper.shape)
    return Image.fromarray(np.clip(paper + grain, 0, 255).astype(np.uint8)[:, :, ::-1])


def measure(scan: Path, pixels: np.ndarray) -> float:
    """Prints how long each step takes on a page, in turns with pdf2image on a scanned PDF; returns the ratio."""
    rasterise, clean, find, crop = [], [], [], []
    for _ in range(ROUNDS):
        clock = time.perf_counter()
        convert_from_path(scan, dpi=300)
        rasterise.append(time.perf_counter() - clock)
        steps = [time.perf_counter()]
        page = clean_page(pixels)
        steps.append(time.perf_counter())
        lines = find_lines(page)
        steps.append(time.perf_counter())
        crops = [crop_line(page, line) for line in lines]
        steps.append(time.perf_counter())
        for times, took in zip((clean, find, crop), np.diff(steps), strict=True):
            times.append(float(took))
    whole = min(sum(times) for times in zip(clean, find, crop, strict=True))
    ratio = whole / min(rasterise)
    print(f"pdf2image, 300 dpi          {1000 * min(rasterise):6.0f} ms")
    for name, times in (("clean", clean), ("find lines", find), (f"cut out {len(crops)} lines", crop)):
        print(f"{name:27} {1000 * min(times):6.0f} ms")
    print(f"clean + find + cut out      {1000 * whole:6.0f} ms, {ratio:.2f} times pdf2image")
    return ratio


def main() -> int:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        scan = Path(folder) / "scan.pdf"
        scanned_page().save(scan, resolution=300, quality=90)
        pixels = cv2.cvtColor(np.asarray(convert_from_path(scan, dpi=300)[0]), cv2.COLOR_RGB2BGR)
        ratios = []
        for name, page in (("scan", pixels), ("photo", photograph(pixels, LEVELS["hard"], 2).pixels)):
            print(f"{name}, {page.shape[1]} x {page.shape[0]} pixels")
            ratios.append(measure(scan, page))
    return int(max(ratios) > MOST)


if __name__ == "__main__":
    sys.exit(main())

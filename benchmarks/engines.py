"""How much faster readers are than TrOCR-small as usually run: one line at a time, single precision, no KV cache.

    python -m benchmarks.engines

All take turns in one process on two cores, so that whatever else the machine does slows them alike. TrOCR-small has its
real size with random weights and writes 16 tokens a line, which takes as long as with Microsoft's weights.
"""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

# torch and ONNX Runtime count the cores when they are imported.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from transformers import DeiTImageProcessorPil

from pipeline.engines import load_engine
from pipeline.settings import read_settings
from tests.engines.trocrs import random_trocr

ROUNDS = 5
TOKENS = 16
SENTENCES = (
    "The integral of a sum is the sum of the integrals, if",
    "both exist. We shall prove this for step functions first.",
    "Recall that a step function takes only finitely many",
    "values, each on an interval, so its integral is a sum.",
)


def draw_line(text: str) -> np.ndarray:
    """A line crop of 64 x 900 pixels, (H, W) grey uint8."""
    image = Image.new("L", (900, 64), 245)
    ImageDraw.Draw(image).text((12, 10), text, fill=40, font=ImageFont.load_default(size=33))
    return np.asarray(image)


def seconds_a_line(read: Callable[[list[np.ndarray]], object], lines: list[np.ndarray]) -> float:
    started = time.perf_counter()
    read(lines)
    return (time.perf_counter() - started) / len(lines)


def main() -> None:
    torch.set_num_threads(2)
    model = random_trocr("small")
    processor = DeiTImageProcessorPil(size={"height": 384, "width": 384}, do_center_crop=False)
    settings = read_settings()
    crnn, greedy = (load_engine("crnn", replace(settings, language=language)) for language in ("auto", "none"))

    @torch.inference_mode()
    def generate(crops: list[np.ndarray], use_cache: bool) -> None:
        images = [np.stack([crop] * 3, axis=-1) for crop in crops]
        pixels = processor(images=images, return_tensors="pt").pixel_values
        model.generate(pixels, use_cache=use_cache, min_new_tokens=TOKENS, max_new_tokens=TOKENS)

    def one_by_one(crops: list[np.ndarray]) -> None:
        for crop in crops:
            generate([crop], use_cache=False)

    lines = [draw_line(text) for text in SENTENCES]
    readers: dict[str, tuple[Callable[[list[np.ndarray]], object], list[np.ndarray]]] = {
        "TrOCR-small, the usual loop": (one_by_one, lines[:2]),
        "TrOCR-small, batch 8, KV cache": (lambda crops: generate(crops, use_cache=True), lines * 2),
        "CRNN, greedy": (greedy.transcribe, lines * 8),
        "CRNN, with language model": (crnn.transcribe, lines * 8),
    }
    for read, crops in readers.values():  # the first run of each allocates and compiles
        read(crops[:1])
    times: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(ROUNDS):
        for name, (read, crops) in readers.items():
            times[name].append(seconds_a_line(read, crops))
    print(f"{sum(weight.numel() for weight in model.parameters()) / 1e6:.1f} M parameters in TrOCR-small,", end=" ")
    print(f"{ROUNDS} rounds, lines of 64 x 900 pixels\n")
    print(f"{'reader':<32}{'ms a line (median)':>20}{'times faster':>14}{'in the worst round':>20}")
    usual = times["TrOCR-small, the usual loop"]
    for name, taken in times.items():
        ratios = [before / after for before, after in zip(usual, taken, strict=True)]
        typical = 1000 * statistics.median(taken)
        print(f"{name:<32}{typical:>20.1f}{statistics.median(ratios):>14.1f}{min(ratios):>20.1f}")


if __name__ == "__main__":
    main()

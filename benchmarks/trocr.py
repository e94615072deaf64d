"""How much faster our TrOCR reads than the usual loop, and whether it writes the same tokens.

    python -m benchmarks.trocr small base [--int8]
    python -m benchmarks.trocr small base large --device cuda --batch 64 128 --lines 256

The usual loop is processor -> generate -> batch_decode, a line at a time, single precision, no KV cache. All readers
take turns in one process. Networks have Microsoft's sizes with random weights and write 16 tokens a line, which takes
as long as with Microsoft's weights. `--int8` adds the encoder in eight bits. On a machine that others use, too,
`--processor-time` counts what a reader computed (on one thread) instead of how long that took.
"""

import argparse
import copy
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from transformers import DeiTImageProcessorPil

from pipeline.engines.precision import has_bfloat16
from pipeline.engines.trocr.eight_bits import export_encoder, load_encoder
from pipeline.engines.trocr.greedy import Written
from pipeline.engines.trocr.images import Images
from pipeline.engines.trocr.writers import GreedyWriter
from tests.engines.trocrs import SIZES, random_trocr

TOKENS = 16
ROOFLINES = {"base": 3500, "large": 1560}  # lines/s at batch 128 that an H200 could do at best
Tokens = list[list[int]]
Read = Callable[[Sequence[np.ndarray]], Tokens]


def draw_lines(count: int) -> list[np.ndarray]:
    """Line crops of 64 x 900 pixels, (H, W) grey uint8, each with other words."""
    rng, font = np.random.default_rng(1), ImageFont.load_default(size=33)
    lines = []
    for _ in range(count):
        text = " ".join("".join(rng.choice(list("aeinorstuld"), rng.integers(2, 9))) for _ in range(9))
        image = Image.new("L", (900, 64), 245)
        ImageDraw.Draw(image).text((12, 10), text, fill=40, font=font)
        lines.append(np.asarray(image))
    return lines


def readers(model: Any, device: torch.device, batches: Sequence[int], *, int8: bool) -> dict[str, Read]:
    """The usual loop first. Models that read in half precision are copies."""
    processor = DeiTImageProcessorPil(size={"height": 384, "width": 384}, do_center_crop=False)
    images = Images(processor, device)

    def usual(network: Any, crops: Sequence[np.ndarray], *, use_cache: bool) -> Tokens:
        rgb = [np.stack([crop] * 3, axis=-1) for crop in crops]
        pixels = processor(images=rgb, return_tensors="pt").pixel_values.to(device, network.dtype)
        with torch.inference_mode():
            tokens = network.generate(pixels, num_beams=1, use_cache=use_cache, max_new_tokens=TOKENS)
        return tokens[:, 1:].tolist()  # type: ignore[no-any-return]

    def in_parts(read: Read, size: int) -> Read:
        return lambda crops: [row for at in range(0, len(crops), size) for row in read(crops[at : at + size])]

    def ours(write: Callable[[torch.Tensor], list[Written]]) -> Read:
        return lambda crops: [line.tokens for line in write(images(crops))]

    half = copy.deepcopy(model).to(torch.bfloat16) if device.type == "cuda" else model
    found: dict[str, Read] = {"usual loop": in_parts(lambda crops: usual(model, crops, use_cache=False), 1)}
    quick, exact = GreedyWriter(half), GreedyWriter(model, exact=True)
    for size in batches:
        found |= {
            f"generate, KV cache, batch {size}": in_parts(lambda crops: usual(half, crops, use_cache=True), size),
            f"ours, single precision, batch {size}": in_parts(ours(exact), size),
        }
        if has_bfloat16(device.type):
            found[f"ours, batch {size}"] = in_parts(ours(quick), size)
        if int8:
            found[f"ours, encoder in int8, batch {size}"] = in_parts(ours(eight_bits(model)), size)
    return found


def eight_bits(model: Any) -> GreedyWriter:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "encoder.onnx"
        export_encoder(model.encoder, file)
        return GreedyWriter(model, encoder=load_encoder(file))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="+", choices=SIZES)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, nargs="+", default=[16])
    parser.add_argument("--lines", type=int, default=16, help="a round, for all but the usual loop")
    parser.add_argument("--usual-lines", type=int, default=2, help="a round, for the usual loop")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--processor-time", action="store_true")
    arguments = parser.parse_args()
    if arguments.processor_time:
        torch.set_num_threads(1)
    device = torch.device(arguments.device)
    for size in arguments.sizes:
        model = random_trocr(size).to(device)
        # Every line takes all 16 tokens.
        model.generation_config.eos_token_id = None
        model.generation_config.max_new_tokens = TOKENS
        compare(size, readers(model, device, arguments.batch, int8=arguments.int8), arguments, device)


def compare(size: str, found: dict[str, Read], arguments: argparse.Namespace, device: torch.device) -> None:
    """Let the readers take turns, and print a table."""
    lines = draw_lines(max(arguments.lines, arguments.usual_lines))
    crops = {name: lines[: arguments.usual_lines if name == "usual loop" else arguments.lines] for name in found}
    clock = time.process_time if arguments.processor_time else time.perf_counter
    # The first run of each allocates and compiles; the last batch may be another size.
    written = {name: read(crops[name]) for name, read in found.items()}
    taken: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(arguments.rounds):
        for name, read in found.items():
            started = clock()
            read(crops[name])
            if device.type == "cuda":
                torch.cuda.synchronize()
            taken[name].append((clock() - started) / len(crops[name]))
    usual, expected = taken["usual loop"], next(iter(written.values()))
    print(f"\nTrOCR-{size}, {device}, {arguments.rounds} rounds, {TOKENS} tokens a line")
    print(f"{'reader':<38}{'ms a line':>10}{'lines/s':>9}{'times faster':>13}{'worst round':>12}  same tokens")
    for name, seconds in taken.items():
        ratios = [before / after for before, after in zip(usual, seconds, strict=True)]
        typical = statistics.median(seconds)
        same = sum(row == other for row, other in zip(written[name], expected, strict=False))
        count = min(len(written[name]), len(expected))
        print(
            f"{name:<38}{1000 * typical:>10.1f}{1 / typical:>9.1f}{statistics.median(ratios):>13.1f}"
            f"{min(ratios):>12.1f}  {same} of {count}"
        )
        if device.type == "cuda" and size in ROOFLINES:
            print(f"{'':<38}{1 / typical / ROOFLINES[size]:>9.1%} of an H200's roofline")


if __name__ == "__main__":
    main()

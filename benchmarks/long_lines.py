"""How much cutting long lines helps a TrOCR, on composed lines.

    python -m benchmarks.long_lines [--model FOLDER]

Trains a tiny TrOCR on lines of one or two words, as wide as a TrOCR of its shape is thought to reach, and lets it read
longer and longer lines of words it never saw: squeezed whole into its image, and cut. Needs no data and no network.
With --model the trained one is kept in that folder, and used again.
"""

import argparse
import math
import tempfile
from pathlib import Path

import numpy as np
import torch

from pipeline.engines.trocr import TrOCREngine
from pipeline.engines.trocr.pieces import cut, reach
from pipeline.train.metrics import error_rate
from pipeline.train.tiny_trocr import Recipe, render, train

UNSEEN = (
    "tea", "ant", "sit", "toe", "rain", "nest", "iron", "sort", "east", "note", "star", "seat", "tins", "rest", "oars",
    "aeon",
)  # fmt: skip
RECIPE = Recipe(
    letters="aeinorst", longest=4, words=2, paper=(78, 156), unseen=UNSEEN, width=64, column=4, steps=3000
)  # fmt: skip
LINES = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="folder of the trained model")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        model: Path = arguments.model or Path(folder)
        if not (model / "config.json").exists():
            train(model, RECIPE, lambda line: print(line, flush=True))
        compare(model)


def compare(model: Path) -> None:
    """Print a row for each number of words."""
    engine, own_reach, rng = TrOCREngine(model), reach(RECIPE.height, RECIPE.width), np.random.default_rng(1)
    print(f"{'words':>5}{'width / height':>16}{'pieces':>8}{'CER whole':>11}{'CER cut':>9}")
    for count in (1, 2, 3, 4, 6, 8, 12):
        texts = [" ".join(rng.choice(UNSEEN, count)) for _ in range(LINES)]
        crops = [render(text, rng, RECIPE.paper[0]) for text in texts]
        rates = []
        for engine._reach in (math.inf, own_reach):
            read = engine.transcribe(crops)
            rates.append(error_rate(zip(texts, (line.text for line in read), strict=True)))
        shape = np.mean([crop.shape[1] / crop.shape[0] for crop in crops])
        pieces = np.mean([len(cut(crop, own_reach)) for crop in crops])
        print(f"{count:>5}{shape:>16.1f}{pieces:>8.1f}{rates[0]:>11.1%}{rates[1]:>9.1%}")


if __name__ == "__main__":
    main()

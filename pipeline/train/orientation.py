"""Learns which small shapes of strokes are seen on upright pages and which on overturned ones, from upright lines.

    python -m pipeline.train.orientation LINES_DIR... [--out assets/orientation/weights.npy]

A logistic regression on the differences that a half turn makes (pipeline/orientation.py). Takes seconds.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.binarize import Mask
from pipeline.orientation import WEIGHTS, shape_balance
from pipeline.ridges import writing_unit
from pipeline.train.fonts import font_samples

# How far the height of letters may be taken wrong, as powers of e; on pages they are taken from the distance of lines.
LOWEST, HIGHEST = -0.4, 0.55
FONT_LINES, RIDGE, ROUNDS, SEED = 500, 3e-3, 9, 0


def line_balance(grey: NDArray[Any], rng: np.random.Generator) -> NDArray[np.float64] | None:
    """What one upright line tells, taken a little too small or too large; None where nothing is written."""
    _, dark = cv2.threshold(cv2.GaussianBlur(grey, (3, 3), 0), 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    ink: Mask = dark.view(bool)
    _, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    unit = writing_unit(ink, stats[1:]) if len(stats) > 1 else 0.0
    return shape_balance(ink, unit * float(np.exp(rng.uniform(LOWEST, HIGHEST)))) if unit else None


def fit(balances: NDArray[np.float64]) -> NDArray[np.float64]:
    """(F,) weights under which most of (N, F) upright lines come out above 0: Newton's method, weights held small."""
    scale = balances.std(axis=0) + np.abs(balances.mean(axis=0)) + 1e-5
    scaled = balances / scale
    weights = np.zeros(scaled.shape[1])
    for _ in range(ROUNDS):
        wrong = 1 / (1 + np.exp(np.clip(scaled @ weights, -30, 30)))
        slope = RIDGE * weights - scaled.T @ wrong / len(scaled)
        bend = (scaled * (wrong * (1 - wrong))[:, None]).T @ scaled / len(scaled) + RIDGE * np.eye(len(weights))
        weights -= np.linalg.solve(bend, slope)
    return np.asarray(weights / scale, np.float64)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, help="folders of upright line images, sought in all of them")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="file to write the weights to")
    args = parser.parse_args(argv)
    rng = np.random.default_rng(SEED)
    pictures = [path for folder in args.folders for path in sorted(folder.rglob("*.png"))]
    greys = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in pictures]
    greys += [line.image(rng) for line in font_samples(FONT_LINES, SEED)]
    told = [line_balance(grey, rng) for grey in greys if grey is not None]
    balances = np.array([balance for balance in told if balance is not None])
    weights = fit(balances)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    np.save(args.out, weights.astype(np.float32))
    print(f"{len(balances)} lines, {100 * (balances @ weights > 0).mean():.1f} % of them taken for upright")
    return 0


if __name__ == "__main__":
    sys.exit(main())

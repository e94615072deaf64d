"""How much each weight matters to reading in general, so that learning a hand moves those that matter less.

    python -m pipeline.train.importance assets/models/crnn --data iam_forms_en/train copiste_fr/train

writes `importance.safetensors` beside the weights: the mean square of the loss's gradient over lines of many hands (the
diagonal of the Fisher information, Kirkpatrick et al. 2017). Lines of other hands need not come with Inkline then.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.utils.data import DataLoader

from pipeline.train.crnn import Charset, CRNNLearner, load, shape_of
from pipeline.train.data import Labelled, Lines, collate
from pipeline.train.network import CRNN, Shape
from pipeline.train.sources import read_lines

FILE = "importance.safetensors"
LINES, BATCH, SEED = 400, 2, 7
MOST = 50.0  # times the mean: single weights that matter more would forbid every step


def importance(model: CRNN, charset: Charset, shape: Shape, lines: Sequence[Labelled]) -> dict[str, Tensor]:
    """Each weight's importance for reading these lines; the mean over all weights is about 1."""
    learner = CRNNLearner(model.eval(), charset, shape)
    sums = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
    for images, widths, texts in DataLoader(
        Lines(lines, CRNNLearner.prepare, seed=SEED), batch_size=BATCH, collate_fn=collate
    ):
        model.zero_grad(set_to_none=True)
        learner.loss(images, widths, texts).backward()
        for name, weight in model.named_parameters():
            if weight.grad is not None:
                sums[name] += weight.grad.square()
    model.zero_grad(set_to_none=True)
    mean = sum(float(part.sum()) for part in sums.values()) / sum(part.numel() for part in sums.values())
    return {name: (part / max(mean, 1e-30)).clamp(max=MOST) for name, part in sums.items()}


def load_importance(folder: Path) -> dict[str, Tensor]:
    """What `main` wrote beside a model's weights; empty where it did not."""
    path = folder / FILE
    return {name: part.float() for name, part in load_file(path).items()} if path.exists() else {}


def save_importance(folder: Path, weights: dict[str, Tensor]) -> None:
    save_file({name: part.half().contiguous() for name, part in weights.items()}, folder / FILE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="folder of the model")
    parser.add_argument("--data", nargs="+", required=True, help="labelled lines of many hands, as for train")
    args = parser.parse_args()
    lines = [line for data in args.data for line in read_lines(data).samples]
    random.Random(SEED).shuffle(lines)
    model, charset, about = load(args.model)
    save_importance(args.model, importance(model, charset, shape_of(about), lines[:LINES]))


if __name__ == "__main__":
    main()

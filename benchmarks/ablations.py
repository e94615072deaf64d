"""What each piece of the training brings: short trainings from nothing, equally long, each with one thing left out.

    python -m benchmarks.ablations ../shared/data/lines --lines 24000 --out runs/ablations

A training that was stopped goes on from its checkpoint, and a finished one is not done again. Short trainings tell what
helps early: strong augmentation and rare data pay later, too.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pipeline.train.augment import BENDING, EFFECTS
from pipeline.train.crnn import Charset, CRNNLearner, channels_last
from pipeline.train.data import Part, lines_an_epoch, made_up
from pipeline.train.loop import train
from pipeline.train.network import CRNN, SHAPES, Shape
from pipeline.train.sources import Sample, read_folder
from pipeline.train.trainer import Recipe

EPOCHS = 3
PAPER, STROKES = ("iam_forms_en/train", "copiste_fr/train"), "iam_ondb"
DEV = ("iam_forms_en/dev", "copiste_fr/dev")
STROKES_SHARE, FONTS, SCRIBBLES = 0.6, 0.06, 0.01  # to each line given


@dataclass(frozen=True, slots=True)
class Variant:
    """What is other than usual: pieces of the augmentation and sets left out, another size."""

    without: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    fonts: float = FONTS
    shape: Shape = SHAPES["crnn"]


INK = ("pen", "pressure", "grain", "fade", "underline", "strike")
SHEET = ("neighbour", "end bits", "bleed", "specks", "ruling", "margin")
LIGHT = ("dark paper", "shadow", "defocus", "shake", "low resolution", "noise", "jpeg", "binarize")
VARIANTS = {
    "all of it": Variant(),
    "no augmentation": Variant((*BENDING, *EFFECTS)),
    "no bending": Variant(tuple(BENDING)),
    "no other ink": Variant(INK),
    "no other paper": Variant(SHEET),
    "no other light": Variant(LIGHT),
    "no line plain": Variant(("plain",)),
    "no pen strokes": Variant(left_out=(STROKES,)),
    "no IAM forms": Variant(left_out=(PAPER[0],)),
    "no Copiste": Variant(left_out=(PAPER[1],)),
    "no fonts": Variant(fonts=0.0),
    "half as wide": Variant(shape=Shape((16, 32, 64), (1, 3, 3), 96, 2)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with iam_forms_en/, copiste_fr/ and iam_ondb/")
    parser.add_argument("--out", type=Path, required=True, help="folder for the trainings")
    parser.add_argument("--lines", type=int, default=24_000, help="how many lines each training sees")
    parser.add_argument("--only", nargs="*", default=list(VARIANTS), choices=VARIANTS, metavar="NAME")
    args = parser.parse_args()
    sets = {name: read_folder(args.data / name) for name in (*PAPER, STROKES, *DEV)}
    dev = {name: sets[name] for name in DEV}
    print("| | " + " | ".join(DEV) + " |\n|---|" + "---|" * len(DEV))
    for name in args.only:
        rates = result(args.out / name.replace(" ", "_"), VARIANTS[name], sets, dev, args.lines)
        print(f"| {name} | " + " | ".join(f"{rates[part]:.1%}" for part in DEV) + " |", flush=True)


def result(
    out: Path, variant: Variant, sets: Mapping[str, list[Sample]], dev: Mapping[str, list[Sample]], lines: int
) -> dict[str, float]:
    """Greedy CER on the dev sets after the last epoch."""
    characters = "".join(sorted({letter for part in sets.values() for sample in part for letter in sample.text}))
    recipe = Recipe(epochs=EPOCHS, without=variant.without)
    parts = parts_of(variant, sets, recipe.seed, lines / EPOCHS)
    train(partial(start, characters, variant.shape), parts, dev, out, recipe)
    last = json.loads((out / "curve.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    return dict(last["cer"])


def parts_of(variant: Variant, sets: Mapping[str, list[Sample]], seed: int, lines: float) -> list[Part]:
    """The usual mixture without what is left out, of each part so much that an epoch has that many lines."""
    shares = dict.fromkeys(PAPER, 1.0) | {STROKES: STROKES_SHARE}
    parts = [Part(sets[name], share) for name, share in shares.items() if name not in variant.left_out]
    count = lines_an_epoch(parts)
    parts += made_up(round(variant.fonts * count), round(SCRIBBLES * count), seed)
    share = lines / lines_an_epoch(parts)
    return [replace(part, share=part.share * share) for part in parts]


def start(characters: str, shape: Shape) -> CRNNLearner:
    charset = Charset(characters)
    return CRNNLearner(channels_last(CRNN(len(charset.characters) + 1, shape)), charset, shape)


if __name__ == "__main__":
    main()

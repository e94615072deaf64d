"""What each piece of the training brings: short trainings from nothing, equally long, each with one thing left out.

    python -m benchmarks.ablations ../shared/data/lines --lines 24000 --out runs/ablations

A training that was stopped goes on from its checkpoint, and a finished one is not done again. The network is half as
wide as the shipped one, and thus twice as quick. Measured on dev lines as they are, and as on other paper in other
light, for which augmentation is. Short trainings tell what helps early: augmentation and rare data pay later, too.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from pipeline.train.augment import BENDING, EFFECTS, augment
from pipeline.train.crnn import Charset, CRNNLearner, channels_last, load, shape_of
from pipeline.train.data import Labelled, Part, lines_an_epoch, made_up
from pipeline.train.loop import train
from pipeline.train.network import CRNN, SHAPES, Shape
from pipeline.train.sources import Sample, read_folder
from pipeline.train.trainer import Recipe, count_errors

EPOCHS = 3
PAPER, STROKES = ("iam_forms_en/train", "copiste_fr/train"), "iam_ondb"
DEV = ("iam_forms_en/dev", "copiste_fr/dev")
STROKES_SHARE, FONTS, SCRIBBLES = 0.6, 0.06, 0.01  # to each line given
NARROW = Shape((16, 32, 64), (1, 3, 3), 96, 2)


@dataclass(frozen=True, slots=True)
class Variant:
    """What is other than usual: pieces of the augmentation and sets left out, another size."""

    without: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    fonts: float = FONTS
    shape: Shape = NARROW


@dataclass(frozen=True, slots=True)
class Photographed:
    """A line with ruling, shadows, blur and the like, always the same ones."""

    line: Sample
    number: int

    @property
    def text(self) -> str:
        return self.line.text

    def image(self, rng: np.random.Generator) -> np.ndarray:
        rng = np.random.default_rng(self.number)
        return augment(self.line.image(rng), rng, without=frozenset((*BENDING, *INK, "plain")))


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
    "twice as wide, as shipped": Variant(shape=SHAPES["crnn"]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with iam_forms_en/, copiste_fr/ and iam_ondb/")
    parser.add_argument("--out", type=Path, required=True, help="folder for the trainings")
    parser.add_argument("--lines", type=int, default=24_000, help="how many lines each training sees")
    parser.add_argument("--only", nargs="*", default=list(VARIANTS), choices=VARIANTS, metavar="NAME")
    args = parser.parse_args()
    sets = {name: read_folder(args.data / name) for name in (*PAPER, STROKES, *DEV)}
    measured: dict[str, Sequence[Labelled]] = {name: sets[name] for name in DEV}
    measured |= {f"{name}, photographed": [Photographed(line, i) for i, line in enumerate(sets[name])] for name in DEV}
    print("| | " + " | ".join(measured) + " |\n|---|" + "---|" * len(measured))
    for name in args.only:
        out = args.out / name.replace(" ", "_")
        trained(out, VARIANTS[name], sets, args.lines)
        print(f"| {name} | " + " | ".join(f"{rate:.1%}" for rate in rates(out, measured)) + " |", flush=True)


def trained(out: Path, variant: Variant, sets: Mapping[str, list[Sample]], lines: int) -> None:
    """Train a network into `out`, unless it is there."""
    characters = "".join(sorted({letter for part in sets.values() for sample in part for letter in sample.text}))
    recipe = Recipe(epochs=EPOCHS, without=variant.without)
    parts = parts_of(variant, sets, recipe.seed, lines / EPOCHS)
    train(partial(start, characters, variant.shape), parts, {name: sets[name] for name in DEV}, out, recipe)


def rates(out: Path, measured: Mapping[str, Sequence[Labelled]]) -> list[float]:
    """Greedy CER of the network in `out` on each set."""
    model, charset, about = load(out)
    counts = [count_errors(CRNNLearner(model, charset, shape_of(about)), lines) for lines in measured.values()]
    return [edits / length for edits, length in counts]


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

"""`train`: labelled lines in, a model folder for `--engine` out."""

import argparse
import json
import math
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.common import say, whole_number
from pipeline.cli.digitize import make_folder, write_file
from pipeline.cli.labelled import read_sources
from pipeline.errors import EngineError, SourceError

if TYPE_CHECKING:
    from pipeline.cli.common import Commands
    from pipeline.train.data import Part
    from pipeline.train.sources import Sample
    from pipeline.train.trainer import Recipe

ARCHITECTURES = ("crnn", "crnn-large", "trocr")
LORA_RANK = 16
BEGUN = "begun.json"  # the options a training was begun with
# Pen strokes are many and all from one board: this share of them comes in each epoch.
STROKES_SHARE = 0.6
PREVIEW_SEED = 7


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("train", help="train a reader on labelled lines", description=__doc__)
    parser.add_argument(
        "--data", nargs="+", required=True, metavar="DIR",
        help="folders with labels.tsv and images/, strokes.npz, IAM or IAM-OnDB, PAGE XML or ALTO with page images; "
        "or 'store' or 'store:DOCUMENT_ID' for lines a person has confirmed",
    )  # fmt: skip
    parser.add_argument("--dev", nargs="+", default=[], metavar="DIR", help="to choose the best epoch by")
    parser.add_argument("--mode", choices=("line", "word"), default="line", help="what to train on (default: line)")
    parser.add_argument(
        "--lmdb", action="store_true", help="read the lines once into MODEL_DIR/lines.lmdb, then from there"
    )
    goal = parser.add_mutually_exclusive_group(required=True)
    goal.add_argument("--out", type=Path, metavar="MODEL_DIR", help="folder for the model")
    goal.add_argument("--preview", type=Path, metavar="SHEET.png", help="draw augmented lines, and train nothing")
    parser.add_argument(
        "--architecture",
        choices=ARCHITECTURES,
        default="crnn",
        help="which network (default: crnn; with --init, its own)",
    )
    parser.add_argument("--init", default="", metavar="MODEL", help="model folder, or TrOCR on the hub, to go on from")
    parser.add_argument(
        "--lora", nargs="?", type=whole_number(1, 1024), const=LORA_RANK, metavar="RANK",
        help=f"for TrOCR: train small matrices of this rank (default: {LORA_RANK}) instead of all weights",
    )  # fmt: skip
    parser.add_argument("--resume", action="store_true", help="go on with the training that was stopped in MODEL_DIR")
    parser.add_argument("--epochs", type=whole_number(1, 10_000), help="passes over the lines (default: 40; TrOCR: 10)")
    parser.add_argument(
        "--patience",
        type=whole_number(0, 10_000),
        help="stop after so many epochs without progress (default: 0, never)",
    )
    parser.add_argument("--batch-size", type=whole_number(1, 4096), help="lines a step (default: 16; TrOCR: 8)")
    parser.add_argument(
        "--learning-rate",
        type=learning_rate,
        help="at its highest (default: 0.003; TrOCR: 0.00005; with --lora: 0.0005)",
    )
    parser.add_argument(
        "--fonts", type=share, default=0.1, help="lines in handwriting fonts to each given one (default: 0.1)"
    )
    parser.add_argument(
        "--scribbles", type=share, default=0.01, help="drawings to be read as nothing, to each line (default: 0.01)"
    )
    parser.add_argument("--seed", type=whole_number(0, 2**32 - 1), help="the same seed gives the same run (default: 7)")
    parser.set_defaults(run=run, when_stopped="The same command with --resume goes on from the last checkpoint.")


def learning_rate(value: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        rate = math.nan
    if not 0 < rate <= 1:
        raise argparse.ArgumentTypeError(f"{value!r} is not a number above 0 and up to 1.")
    return rate


def share(value: str) -> float:
    try:
        part = float(value)
    except ValueError:
        part = math.nan
    if not 0 <= part <= 10:
        raise argparse.ArgumentTypeError(f"{value!r} is not a number from 0 to 10.")
    return part


def run(args: argparse.Namespace) -> int:
    return preview(args) if args.preview else train_model(args)


def preview(args: argparse.Namespace) -> int:
    """Draw the sheet. Raises SourceError and ExportError."""
    from pipeline.train.preview import sheet

    samples = [sample for read in read_sources(args.data, args.mode) for sample in read.samples]
    try:
        picture = sheet(samples, PREVIEW_SEED if args.seed is None else args.seed)
    except OSError as error:
        raise SourceError(f"The sheet can't be drawn: {error}.") from error
    make_folder(args.preview.parent)
    write_file(args.preview, picture)
    print(
        f"{args.preview} shows lines as they are, three augmented versions of each, and what the network sees of them."
    )
    return 0


def train_model(args: argparse.Namespace) -> int:
    from pipeline.train.finish import finish
    from pipeline.train.loop import train
    from pipeline.train.start import learner

    check(args)
    recipe = recipe_of(args)
    make_folder(args.out)
    keep_options(args, recipe)
    reads = read_sources([*args.data, *args.dev], args.mode, args.out, lmdb=args.lmdb)
    samples = [sample for read in reads[: len(args.data)] for sample in read.samples]
    dev = {name: read.samples for name, read in zip(args.dev, reads[len(args.data) :], strict=True)}
    parts = parts_of(args, samples, recipe.seed)
    characters = "".join(sorted({character for part in parts for line in part.samples for character in line.text}))
    start = partial(learner, args.architecture, characters, args.init, args.lora or 0)
    if args.init:
        start()  # what is wrong with it is better said here than by a process of the training
    train(start, parts, dev, args.out, recipe)
    if args.architecture != "trocr":
        print(finish(args.out, samples, dev))
    print(f"The model is in {args.out}. Read with it: python -m pipeline digitize FILE --out DIR --engine {args.out}")
    return 0


def check(args: argparse.Namespace) -> None:
    """Say what does not go together before hours are spent. Raises SourceError, EngineError."""
    from pipeline.train.trainer import CHECKPOINT

    begun = (args.out / CHECKPOINT).exists()
    if begun and not args.resume:
        raise SourceError(f"{args.out} holds a training already. Add --resume to go on, or choose another folder.")
    if args.resume and not begun:
        say(f"{args.out} holds no checkpoint yet: the training begins anew.")
    if args.architecture == "trocr" and not args.init:
        raise EngineError("TrOCR goes on from a trained one. Name it: --init microsoft/trocr-small-handwritten.")
    if args.lora and args.architecture != "trocr":
        raise SourceError("--lora is for TrOCR. Add --architecture trocr, or leave it out.")


def keep_options(args: argparse.Namespace, recipe: "Recipe") -> None:
    """Note with which options a training begins; one that goes on must have the same. Raises SourceError.

    How long it shall last may change on the way, and so may the data as long as its characters are the same.
    """
    from pipeline.train.trainer import CHECKPOINT

    options = {name: getattr(args, name) for name in ("architecture", "mode", "init", "lora", "fonts", "scribbles")}
    options |= {name: getattr(recipe, name) for name in ("batch_size", "learning_rate", "seed")}
    noted = args.out / BEGUN
    if not (args.out / CHECKPOINT).exists():
        write_file(noted, (json.dumps(options, indent=1) + "\n").encode())
        return
    begun = _read_options(noted)
    other = [name for name, value in options.items() if name in begun and begun[name] != value]
    if other:
        before, now = (" and ".join(_as_option(name, given[name]) for name in other) for given in (begun, options))
        raise SourceError(
            f"The training in {args.out} was begun with {before}, but now there is {now}. "
            "Go on with the options it was begun with, or choose another folder."
        )


def _read_options(file: Path) -> dict[str, Any]:
    """Nothing where an older Inkline noted nothing."""
    try:
        options = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return options if isinstance(options, dict) else {}


def _as_option(name: str, value: object) -> str:
    option = f"--{name.replace('_', '-')}"
    return f"{option} {value}" if value not in ("", None) else f"no {option}"


def recipe_of(args: argparse.Namespace) -> "Recipe":
    from pipeline.train.trainer import RECIPES

    asked = {name: getattr(args, name) for name in ("epochs", "patience", "batch_size", "learning_rate", "seed")}
    return replace(
        RECIPES["trocr-lora" if args.lora else args.architecture],
        **{name: value for name, value in asked.items() if value is not None},
    )


def parts_of(args: argparse.Namespace, samples: "list[Sample]", seed: int) -> "list[Part]":
    """What an epoch is made of: the lines given, a share of the pen strokes, lines in fonts and scribbles."""
    from pipeline.train.data import Part, made_up

    paper, strokes = [s for s in samples if not s.strokes], [s for s in samples if s.strokes]
    parts = [Part(paper), Part(strokes, STROKES_SHARE)]
    count = sum(len(part.samples) * part.share for part in parts)
    parts += made_up(round(args.fonts * count), round(args.scribbles * count), seed)
    return [part for part in parts if part.samples]

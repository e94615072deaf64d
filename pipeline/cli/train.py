"""`train`: labelled lines in, a model folder for `--engine` out."""

import argparse
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.common import whole_number
from pipeline.cli.digitize import make_folder
from pipeline.cli.labelled import read_sources

if TYPE_CHECKING:
    from pipeline.cli.common import Commands


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("train", help="train the CRNN on labelled lines", description=__doc__)
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
    parser.add_argument("--out", type=Path, required=True, metavar="MODEL_DIR", help="folder for the model")
    parser.add_argument("--epochs", type=whole_number(1, 10_000), help="passes over the lines (default: 12)")
    parser.add_argument("--batch-size", type=whole_number(1, 4096), help="lines a step (default: 16)")
    parser.add_argument("--learning-rate", type=learning_rate, help="at its highest (default: 0.0015)")
    parser.add_argument("--seed", type=whole_number(0, 2**32 - 1), help="the same seed gives the same run (default: 7)")
    parser.set_defaults(run=run, when_stopped="The same command goes on after the last finished epoch.")


def learning_rate(value: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        rate = math.nan
    if not 0 < rate <= 1:
        raise argparse.ArgumentTypeError(f"{value!r} is not a number above 0 and up to 1.")
    return rate


def run(args: argparse.Namespace) -> int:
    from pipeline.engines.crnn import LANGUAGE
    from pipeline.engines.language import count_language
    from pipeline.train.crnn import Recipe, train
    from pipeline.train.export import export_model
    from pipeline.train.language import independent_texts

    asked = {name: getattr(args, name) for name in ("epochs", "batch_size", "learning_rate", "seed")}
    recipe = replace(Recipe(), **{name: value for name, value in asked.items() if value is not None})
    make_folder(args.out)
    reads = read_sources([*args.data, *args.dev], args.mode, args.out, lmdb=args.lmdb)
    samples = [sample for read in reads[: len(args.data)] for sample in read.samples]
    dev = {name: read.samples for name, read in zip(args.dev, reads[len(args.data) :], strict=True)}
    train(samples, dev, args.out, recipe)
    export_model(args.out, args.out)
    said_in_dev = [sample.text for part in dev.values() for sample in part]
    texts = independent_texts([sample.text for sample in samples], said_in_dev)
    count_language(texts).save(args.out / LANGUAGE)
    print(f"The model is in {args.out}. Read with it: python -m pipeline digitize FILE --out DIR --engine {args.out}")
    return 0

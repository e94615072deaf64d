"""`train`: labelled lines in, a model folder for `--engine` out."""

import argparse
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.common import whole_number
from pipeline.cli.digitize import make_folder
from pipeline.errors import SourceError

if TYPE_CHECKING:
    from pipeline.cli.common import Commands
    from pipeline.train.data import Sample


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("train", help="train the CRNN on labelled lines", description=__doc__)
    parser.add_argument(
        "--data", nargs="+", type=Path, required=True, metavar="DIR",
        help="folder with labels.tsv (file TAB writer TAB text) and images/, or with strokes.npz",
    )  # fmt: skip
    parser.add_argument("--dev", nargs="+", type=Path, default=[], metavar="DIR", help="to choose the best epoch by")
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
    samples = [sample for folder in args.data for sample in read_lines(folder)]
    make_folder(args.out)
    dev = {str(folder): read_lines(folder) for folder in args.dev}
    train(samples, dev, args.out, recipe)
    export_model(args.out, args.out)
    said_in_dev = [sample.text for part in dev.values() for sample in part]
    texts = independent_texts([sample.text for sample in samples], said_in_dev)
    count_language(texts).save(args.out / LANGUAGE)
    print(f"The model is in {args.out}. Read with it: python -m pipeline digitize FILE --out DIR --engine {args.out}")
    return 0


def read_lines(folder: Path) -> "list[Sample]":
    """The labelled lines of a folder, at least one. Raises SourceError."""
    from pipeline.train.data import read_folder

    try:
        samples = read_folder(folder)
        missing: Any = next((s.path for s in samples if s.path and not s.path.exists()), None)
    except FileNotFoundError as error:
        raise SourceError(f"{error}.") from error
    except (OSError, ValueError, KeyError) as error:
        raise SourceError(f"{folder} can't be read as labelled lines ({error}).") from error
    if missing:
        raise SourceError(f"{folder} names the image {missing}, which is not there.")
    if not samples:
        raise SourceError(f"{folder} holds no labelled lines.")
    return samples

"""`validate`: how many characters and words a reader gets wrong. `evaluate`: how well lines are found on pages."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from pipeline.cli.common import add_engine_option, chosen_engine
from pipeline.cli.train import read_lines
from pipeline.engines import Engine
from pipeline.errors import SourceError
from pipeline.evaluate import evaluate_folder, format_evaluation
from pipeline.settings import read_settings

if TYPE_CHECKING:
    from pipeline.cli.common import Commands

BATCH = 16
Pairs = list[tuple[str, str]]


def add_to(commands: "Commands") -> None:
    lines = commands.add_parser(
        "validate",
        help="measure a reader on labelled lines",
        description="Character and word error rates on labelled lines.",
    )
    lines.add_argument(
        "--data", nargs="+", type=Path, required=True, metavar="DIR",
        help="folder with labels.tsv (file TAB writer TAB text) and images/",
    )  # fmt: skip
    add_engine_option(lines)
    lines.set_defaults(run=run_validate, when_stopped="Nothing was measured to the end.")
    pages = commands.add_parser(
        "evaluate",
        help="measure how lines are found on pages",
        description="The share of true lines that is found, and of found lines that is true.",
    )
    pages.add_argument(
        "folders", nargs="+", type=Path, metavar="PAGES_DIR",
        help="folder with page images, each with a .json of its lines",
    )  # fmt: skip
    pages.set_defaults(run=run_evaluate, when_stopped="Nothing was measured to the end.")


def run_evaluate(args: argparse.Namespace) -> int:
    for folder in args.folders:
        if not folder.is_dir():
            raise SourceError(f"{folder} is not a folder.")
        if len(args.folders) > 1:
            print(folder)
        print(format_evaluation(evaluate_folder(folder)))
    return 0


def run_validate(args: argparse.Namespace) -> int:
    from pipeline.train.metrics import error_rate

    engine = chosen_engine(args.engine, read_settings())
    read = {str(folder): read_set(folder, engine) for folder in args.data}
    rows = [(name, len(pairs), error_rate(pairs), error_rate(pairs, words=True)) for name, pairs in read.items()]
    if len(rows) > 1:
        _, counts, cers, wers = zip(*rows, strict=True)
        rows.append(("mean", sum(counts), sum(cers) / len(rows), sum(wers) / len(rows)))
    print(format_rates(rows))
    return 0


def read_set(folder: Path, engine: Engine) -> Pairs:
    """(true text, text read) of every line of a folder. Raises SourceError."""
    import numpy as np

    samples = read_lines(folder)
    pairs: Pairs = []
    with tqdm(total=len(samples), desc=folder.name, unit="line", leave=False, disable=not sys.stderr.isatty()) as bar:
        for start in range(0, len(samples), BATCH):
            batch = samples[start : start + BATCH]
            try:
                crops = [sample.image(np.random.default_rng(start + i)) for i, sample in enumerate(batch)]
            except OSError as error:
                raise SourceError(f"{error}.") from error
            texts = [reading.text for reading in engine.transcribe(crops)]
            pairs += zip((sample.text for sample in batch), texts, strict=True)
            bar.update(len(batch))
    return pairs


def format_rates(rows: list[tuple[str, int, float, float]]) -> str:
    """A plain table: set, lines, CER and WER in per cent."""
    width = max(len("set"), *(len(row[0]) for row in rows))
    lines = [f"{'set':{width}}  {'lines':>6}  {'CER %':>6}  {'WER %':>6}"]
    lines += [f"{name:{width}}  {count:6}  {100 * cer:6.2f}  {100 * wer:6.2f}" for name, count, cer, wer in rows]
    return "\n".join(lines)

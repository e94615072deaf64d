"""`adapt`: a model learns one hand from known lines, and is kept only if it reads others of them better."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from pipeline.cli.common import say, whole_number
from pipeline.cli.labelled import read_sources
from pipeline.engines import choose_engine
from pipeline.errors import EngineError
from pipeline.settings import Settings, read_settings

if TYPE_CHECKING:
    from pipeline.cli.common import Commands
    from pipeline.train.fine_tune import Row

NOT_KEPT = 1


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("adapt", help="let a model learn one hand", description=__doc__)
    parser.add_argument(
        "--data", nargs="+", required=True, metavar="DIR|store[:DOCUMENT]",
        help="folders of labelled lines as for train, 'store' for all lines confirmed on the screens, "
        "or 'store:' and a document's id",
    )  # fmt: skip
    parser.add_argument(
        "--engine", default="crnn", metavar="MODEL", help="who learns: crnn, or the folder of a model (default: crnn)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="MODEL_DIR", help="a new folder for the new model")
    parser.add_argument("--title", default="", help="what to call the model on the screens (default: its folder)")
    parser.add_argument("--seconds", type=whole_number(1, 36_000), help="longest time to learn for (default: 110)")
    parser.set_defaults(run=run, when_stopped="The model it started from is as it was; no new one was made.")


def run(args: argparse.Namespace) -> int:
    from pipeline.train.adapt import adapt
    from pipeline.train.fine_tune import Plan

    source = folder_of(args.engine, read_settings())
    samples = [sample for read in read_sources(args.data, "line") for sample in read.samples]
    plan = Plan(seconds=args.seconds) if args.seconds else Plan()
    with tqdm(total=100, leave=False, disable=not sys.stderr.isatty(), bar_format="{l_bar}{bar}| {elapsed}") as bar:

        def show(stage: str, progress: float) -> None:
            bar.set_description(stage)
            bar.update(round(100 * progress) - bar.n)

        def say_row(row: "Row") -> None:
            say(
                f"{row.progress:4.0%}  loss {row.loss:.3f}, of held-back lines {row.held_back_loss:.3f}, "
                f"CER {row.held_back_cer:.1%}"
            )

        outcome = adapt(source, samples, args.out, title=args.title, plan=plan, on_progress=show, on_row=say_row)
    print(f"{outcome.reason} It took {outcome.seconds:.0f} s.")
    if outcome.new_letters:
        print(f"New letters: {outcome.new_letters}")
    if outcome.mistaken:
        print("These may have been confirmed wrongly; learning left them out:")
        print("\n".join(f"    {line.text}" for line in outcome.mistaken))
    if outcome.kept:
        print(f"The model is in {args.out}. Read with it: --engine {args.out}")
    return 0 if outcome.kept else NOT_KEPT


def folder_of(name: str, settings: Settings) -> Path:
    """Where the model that shall learn lies. Raises EngineError for one that has no folder."""
    name = choose_engine(name, settings).name
    if name == "crnn":
        return settings.models_dir / "crnn"
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise EngineError(f"{name} can't learn a hand here; crnn and folders of models trained here can.")
    return folder

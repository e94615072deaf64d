"""`validate`: how many characters and words a reader gets wrong."""

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from pipeline.cli.common import add_engine_option, chosen_engine, say
from pipeline.cli.digitize import make_folder, write_file
from pipeline.cli.labelled import read_sources
from pipeline.errors import ExportError, SourceError
from pipeline.settings import read_settings

if TYPE_CHECKING:
    from pipeline.cli.common import Commands
    from pipeline.train.report.measure import LineResult, SetResult
    from pipeline.train.report.summary import Rates
    from pipeline.train.sources import Read


def add_to(commands: "Commands") -> None:
    lines = commands.add_parser(
        "validate",
        help="measure a reader on labelled lines",
        description="Character and word error rates on labelled lines, with 95 % intervals.",
    )
    lines.add_argument(
        "--data", nargs="+", required=True, metavar="DIR",
        help="folders with labels.tsv (file TAB writer TAB text) and images/, or anything else that `train` takes",
    )  # fmt: skip
    add_engine_option(lines)
    lines.add_argument("--mode", choices=("line", "word"), default="line", help="measure on lines (default) or words")
    lines.add_argument(
        "--kinds", type=kinds, default=(), metavar="text,mixed",
        help="only these kinds of lines, where the data tells kinds apart (default: all)",
    )  # fmt: skip
    lines.add_argument("--report", type=Path, metavar="HTML", help="write a page to read, with the worst lines")
    lines.add_argument("--json", type=Path, metavar="FILE", help="write all figures and each line for programs")
    lines.set_defaults(run=run_validate, when_stopped="Nothing was measured to the end.")


def kinds(value: str) -> tuple[str, ...]:
    """The names in a list like "text,mixed"."""
    return tuple(name.strip() for name in value.split(",") if name.strip())


def only_kinds(name: str, read: "Read", wanted: tuple[str, ...]) -> "Read":
    """The lines of these kinds, or all for none. Raises SourceError where there is not one."""
    if not wanted:
        return read
    chosen = [sample for sample in read.samples if sample.kind in wanted]
    if not chosen:
        there = ", ".join(sorted({sample.kind for sample in read.samples} - {""})) or "no kind at all"
        raise SourceError(f"{name} holds no lines of the kind {' or '.join(wanted)}. Its lines are of: {there}.")
    return replace(read, samples=chosen)


def run_validate(args: argparse.Namespace) -> int:
    from pipeline.train.report.about import about
    from pipeline.train.report.measure import measure
    from pipeline.train.report.page import to_html
    from pipeline.train.report.record import to_json

    settings = read_settings()
    for path in filter(None, (args.report, args.json)):
        check_can_be_written(path)
    reads = read_sources(args.data, args.mode)
    data = [(name, only_kinds(name, read, args.kinds)) for name, read in zip(args.data, reads, strict=True)]
    engine = chosen_engine(args.engine, settings, args.language)
    sets: list[SetResult] = []
    total = sum(len(read.samples) for _, read in data)
    with tqdm(total=total, unit="line", leave=False, disable=not sys.stderr.isatty(), dynamic_ncols=True) as bar:
        watch = Watch(args, bar, total)
        for name, read in data:
            bar.set_description(Path(name).name)
            sets.append(measure(name, read.samples, engine, watch.after_batch, [str(row) for row in read.bad]))
            if not sets[-1].lines:
                raise SourceError(f"Not one line of {name} could be read.")
    print_results(sets)
    args.when_stopped = "The figures above are complete."
    made_with = about(engine, args.engine or settings.engine, args.data)
    if args.json:
        write_file(args.json, to_json(sets, made_with))
    if args.report:
        write_file(args.report, to_html(sets, made_with))
    return 0


def print_results(sets: "list[SetResult]") -> None:
    from pipeline.train.report.measure import speed
    from pipeline.train.report.summary import rates_of_all, rates_of_set

    rows = [rates_of_set(part) for part in sets]
    print(format_rates(rows if len(rows) == 1 else [*rows, rates_of_all(sets)]))
    if len(rows) > 1:
        cer, wer = sum(row.cer for row in rows) / len(rows), sum(row.wer for row in rows) / len(rows)
        print(f"mean of the sets: CER {100 * cer:.2f} %, WER {100 * wer:.2f} %")
    if bad := sum(len(part.bad) for part in sets):
        print(f"left out, because they can't be used: {bad}")
    quick = speed(sets)
    print(f"{quick.lines_per_second:.1f} lines/s, median {quick.median_ms:.1f} ms, 95 % under {quick.p95_ms:.1f} ms")


@dataclass(slots=True)
class Watch:
    """What is shown while lines are read, and said if they are not all read."""

    args: argparse.Namespace
    bar: "tqdm[None]"
    total: int
    edits: int = 0
    characters: int = 0
    done: int = 0

    def after_batch(self, lines: "list[LineResult]", bad: list[str]) -> None:
        for sentence in bad:
            say(sentence)
        self.edits += sum(line.edits for line in lines)
        self.characters += sum(len(line.truth) for line in lines)
        self.done += len(lines) + len(bad)
        cer = f"CER {100 * self.edits / max(self.characters, 1):.2f} %"
        self.bar.set_postfix_str(cer, refresh=False)
        self.bar.update(len(lines) + len(bad))
        self.args.when_stopped = f"{self.done} of {self.total} lines were read, {cer} so far. Nothing was written."


def check_can_be_written(path: Path) -> None:
    """Complain before hours of reading, not after. Raises ExportError."""
    make_folder(path.parent)
    if path.is_dir():
        raise ExportError(f"{path} is a folder. Name a file in it.")


def format_rates(rows: "list[Rates]") -> str:
    """A plain table: set, lines, writers, CER and WER in per cent with their 95 % intervals."""
    width = max(len("set"), *(len(row.name) for row in rows))
    lines = [f"{'set':{width}}  {'lines':>6}  {'writers':>7}  {'CER %':>6}  {'(95 %)':13}  {'WER %':>6}  (95 %)"]
    for row in rows:
        start = f"{row.name:{width}}  {row.lines:6}  {row.writers or '-':>7}"
        cer, wer = (f"{100 * low:.2f} - {100 * high:.2f}" for low, high in (row.cer_interval, row.wer_interval))
        lines.append(f"{start}  {100 * row.cer:6.2f}  {cer:13}  {100 * row.wer:6.2f}  {wer}")
    return "\n".join(lines)

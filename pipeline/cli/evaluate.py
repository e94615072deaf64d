"""`evaluate`: how well lines are found on pages, and how well whole pages are read."""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tqdm import tqdm

from pipeline.cli.common import add_engine_option, chosen_engine, whole_number
from pipeline.cli.digitize import write_file
from pipeline.engines import Engine
from pipeline.errors import SourceError
from pipeline.evaluate import Evaluation, Score, find_on, format_evaluation, found_polygons, labelled_pages, score_page
from pipeline.export.archive import free_name
from pipeline.page_reading import PageReading, format_readings, read_against_truth
from pipeline.photos import LEVELS
from pipeline.photos.shots import Shots, keep, on_page
from pipeline.photos.truth import moved_truth
from pipeline.settings import read_settings

if TYPE_CHECKING:
    from pipeline.cli.common import Commands


def add_to(commands: "Commands") -> None:
    pages = commands.add_parser(
        "evaluate",
        help="measure how lines are found on pages",
        description="The share of true lines that is found, and of found lines that is true. With --read also the "
        "error rate of whole pages in reading order, beside what the reader itself errs on true lines.",
    )
    pages.add_argument(
        "folders", nargs="+", type=Path, metavar="PAGES_DIR",
        help="folder with page images, each with a .json of its lines",
    )  # fmt: skip
    pages.add_argument("--read", action="store_true", help="read the pages too, and compare their text")
    pages.add_argument("--photos", choices=tuple(LEVELS), help="measure on photos made of the pages, so hard")
    pages.add_argument("--seed", type=whole_number(0, 2**31), default=1, metavar="N", help="other photos (default: 1)")
    pages.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="with --photos: write them there, and what was found on each; of several folders, each in its own",
    )
    pages.add_argument("--json", type=Path, metavar="FILE", help="write each folder's figures there, too")
    add_engine_option(pages)
    pages.set_defaults(run=partial(run, refuse=pages.error), when_stopped="Nothing was measured to the end.")


def run(args: argparse.Namespace, refuse: Callable[[str], NoReturn]) -> int:
    if args.keep and not args.photos:
        refuse("--keep keeps the photos that are made: say with --photos how hard they shall be.")
    for folder in args.folders:
        if not folder.is_dir():
            raise SourceError(f"{folder} is not a folder.")
    engine = chosen_engine(args.engine, read_settings(), args.language) if args.read else None
    taken: set[str] = set()
    figures = []
    for folder in args.folders:
        kept = args.keep
        if len(args.folders) > 1:
            print(folder)
            # Pages of different folders often have the same names.
            kept = kept and kept / free_name(folder.resolve().name, taken)
        found = _evaluate(folder, engine, Shots(LEVELS[args.photos], args.seed) if args.photos else None, kept)
        total = found.total
        figures.append({"set": folder.resolve().name, "photos": args.photos, "pages": len(found.pages),
                        "lines": total.true, "recall": round(total.recall, 4), "fm": round(total.fm, 4)})  # fmt: skip
    if args.json:
        write_file(args.json, (json.dumps(figures, indent=1) + "\n").encode())
    return 0


def _evaluate(folder: Path, engine: Engine | None, shots: Shots | None, kept: Path | None) -> Evaluation:
    scores: list[Score] = []
    readings: list[PageReading] = []
    for page in tqdm(labelled_pages(folder), unit="page", leave=False, disable=not sys.stderr.isatty()):
        photo = shots.take(page.name, page.pixels, page.truth) if shots else None
        clean, layout = find_on(photo.pixels if photo else page.pixels)
        polygons = found_polygons(clean, layout)
        if photo:
            polygons = on_page(photo, polygons, page.pixels)
            if kept:
                keep(kept, page.name, photo, page.truth, clean, layout)
        scores.append(score_page(page, polygons))
        if engine:
            seen = moved_truth(page.truth, photo) if photo else page.truth
            readings.append(read_against_truth(page, clean, layout, engine, polygons, seen))
    evaluation = Evaluation(tuple(scores))
    print(format_evaluation(evaluation))
    if readings:
        print(format_readings(readings))
    return evaluation

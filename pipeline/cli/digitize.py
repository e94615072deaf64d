"""`digitize`: files and addresses in, one document a file out."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import cv2
import numpy as np
from tqdm import tqdm

from pipeline.cli.common import Trouble, add_engine_option, chosen_engine, say, whole_number
from pipeline.digitize import Progress, digitize
from pipeline.document import Document, Figure, Page
from pipeline.engines import Engine
from pipeline.errors import ExportError, InklineError, PageError, PasswordError
from pipeline.export import FORMATS, write_document
from pipeline.ingest import Source, fetch, is_address, open_source
from pipeline.settings import Settings, read_settings

if TYPE_CHECKING:
    from pipeline.cli.common import Commands

log = logging.getLogger(__name__)

FAULT = 70


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("digitize", help="read files into documents", description=__doc__)
    parser.add_argument("inputs", nargs="+", metavar="FILE_OR_URL", help="PDF or picture, or its http(s) address")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the documents")
    parser.add_argument("--format", dest="formats", type=formats, default=list(FORMATS), metavar=",".join(FORMATS),
                        help="what to write, separated by commas (default: all)")  # fmt: skip
    add_engine_option(parser)
    parser.add_argument("--dpi", type=whole_number(50, 1200), default=300, help="rendering of PDFs (default: 300)")
    parser.add_argument("--password", default="", metavar="PW", help="opens encrypted PDFs")
    parser.set_defaults(run=run, when_stopped="Documents that were finished are kept.")


def formats(value: str) -> list[str]:
    """The names in a list like "docx,txt"."""
    names = list(dict.fromkeys(name.strip().lower().removeprefix(".") for name in value.split(",") if name.strip()))
    wrong = [name for name in names if name not in FORMATS]
    if wrong or not names:
        raise argparse.ArgumentTypeError(
            f"there is no format {', '.join(wrong) or repr(value)}. Choose among {', '.join(FORMATS)}."
        )
    return names


def run(args: argparse.Namespace) -> int:
    settings = read_settings()
    make_folder(args.out)
    engine = chosen_engine(args.engine, settings, args.language)
    trouble = Trouble()
    taken: set[str] = set()
    with TemporaryDirectory(prefix="inkline-") as downloads:
        for given in args.inputs:
            try:
                path = fetch(given, Path(downloads), settings, allow_private=True) if is_address(given) else Path(given)
                stem = free_stem(path.stem, taken)
                _digitize_file(path, given, args.out / stem, engine, settings, args, trouble)
            except PasswordError as error:
                trouble.add(f"{error} (--password)", error.exit_code)
            except InklineError as error:
                trouble.add(str(error), error.exit_code)
            except Exception as error:  # one bad file must not lose the others
                log.debug("digitizing %s", given, exc_info=True)
                trouble.add(f"{given} met a fault in Inkline ({type(error).__name__}: {error}).", FAULT)
    return trouble.exit_code


def _digitize_file(
    path: Path, given: str, target: Path, engine: Engine, settings: Settings, args: argparse.Namespace, trouble: Trouble
) -> None:
    """Read one file and write its documents; pages that can't be read are named, the others kept."""
    source = open_source(path, settings, password=args.password, dpi=args.dpi, name=given)
    pages = []
    with tqdm(
        total=source.page_count, desc=path.name, unit="page", leave=False, disable=not sys.stderr.isatty()
    ) as bar:
        for page in digitize(source, engine, _show_on(bar)):
            pages.append(page)
            bar.update()
            if page.error:
                trouble.add(page.error, PageError.exit_code)
    if all(page.error for page in pages):
        say(f"No page of {given} could be read, so nothing is written for it.")
        return
    document = Document(path.stem, tuple(pages))
    for name in args.formats:
        write_file(
            target.with_name(target.name + FORMATS[name].suffix), write_document(document, name, figure_cutter(source))
        )


def _show_on(bar: "tqdm[None]") -> Callable[[Progress], None]:
    def show(progress: Progress) -> None:
        lines = f" {progress.done}/{progress.total} lines" if progress.total else ""
        bar.set_postfix_str(f"page {progress.index + 1}: {progress.stage}{lines}")

    return show


def figure_cutter(source: Source) -> Callable[[Page, Figure], bytes]:
    """Cuts figures out of a source's pages as PNG; keeps the page it last looked at."""

    @lru_cache(maxsize=1)
    def pixels(index: int) -> np.ndarray:
        return source.read(index).pixels

    def cut(page: Page, figure: Figure) -> bytes:
        x0, y0, x1, y1 = figure.box
        return cv2.imencode(".png", pixels(page.index)[y0:y1, x0:x1])[1].tobytes()

    return cut


def free_stem(stem: str, taken: set[str]) -> str:
    """The stem, numbered if an input before had the same; adds it to those taken."""
    free, number = stem, 1
    while free.casefold() in taken:
        number += 1
        free = f"{stem}-{number}"
    taken.add(free.casefold())
    return free


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"The folder {folder} can't be made: {error.strerror}.") from error


def write_file(path: Path, data: bytes) -> None:
    """Replace a file at once, so that nobody meets half of it. Raises ExportError."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError as error:
        raise ExportError(f"{path} can't be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)

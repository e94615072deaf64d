"""`digitize`: files and addresses in, one document a file out."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

from tqdm import tqdm

from pipeline.cli.common import FAULT, Trouble, add_engine_option, chosen_engine, say, whole_number
from pipeline.debug import write_stages
from pipeline.digitize import Progress, digitize
from pipeline.document import Document, Page
from pipeline.engines import Engine
from pipeline.errors import ExportError, InklineError, PageError, PasswordError
from pipeline.export import FORMATS, USUAL, Pictures, write_document_to
from pipeline.export.archive import cut_name, free_name
from pipeline.ingest import PageImage, Source, fetch, is_address, open_pages
from pipeline.jobs.reading import encode
from pipeline.settings import Settings, read_settings

if TYPE_CHECKING:
    from pipeline.cli.common import Commands

log = logging.getLogger(__name__)


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("digitize", help="read files into documents", description=__doc__)
    parser.add_argument("inputs", nargs="+", metavar="FILE_OR_URL", help="PDF or picture, or its http(s) address")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the documents")
    parser.add_argument("--format", dest="formats", type=formats, default=list(USUAL), metavar=",".join(FORMATS),
                        help=f"what to write, separated by commas (default: {','.join(USUAL)})")  # fmt: skip
    add_engine_option(parser)
    parser.add_argument("--dpi", type=whole_number(50, 1200), default=300, help="rendering of PDFs (default: 300)")
    parser.add_argument("--password", default="", metavar="PW", help="opens encrypted PDFs")
    parser.add_argument("--debug", type=Path, nargs="?", const=True, metavar="DIR",
                        help="show tracebacks; with DIR, write a picture of each stage of each page there")  # fmt: skip
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
                stem = free_name(cut_name(path.stem) or "document", taken)
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
    source = open_pages(path, settings, password=args.password, dpi=args.dpi, name=given)
    if isinstance(args.debug, Path):
        _write_stages(source, args.debug / target.name, trouble)
    with TemporaryDirectory(prefix="inkline-") as folder:
        source, pictures = _kept(source, Path(folder))
        pages = _read_pages(source, path.name, engine, trouble)
        if all(page.error for page in pages):
            say(f"No page of {given} could be read, so nothing is written for it.")
            return
        document = Document(path.stem, tuple(pages))
        for name in args.formats:
            file = target.with_name(target.name + FORMATS[name].suffix)
            write_to(file, partial(write_document_to, document=document, format=name, pictures=pictures))


def _kept(source: Source, folder: Path) -> tuple[Source, Pictures]:
    """The source, and the pictures of those of its pages that have been read: PDFs take long to draw."""

    def read(index: int) -> PageImage:
        image = source.read(index)
        (folder / str(index)).write_bytes(encode(image.pixels))
        return image

    return replace(source, read=read), Pictures(lambda page: (folder / str(page.index)).read_bytes())


def _read_pages(source: Source, name: str, engine: Engine, trouble: Trouble) -> list[Page]:
    pages = []
    with tqdm(total=source.page_count, desc=name, unit="page", leave=False, disable=not sys.stderr.isatty()) as bar:
        for page in digitize(source, engine, _show_on(bar)):
            pages.append(page)
            bar.update()
            if page.error:
                trouble.add(page.error, PageError.exit_code)
    return pages


def _write_stages(source: Source, stem: Path, trouble: Trouble) -> None:
    """A picture of each stage of each page; a page that fails is named by the reading that follows."""
    make_folder(stem.parent)
    for index in range(source.page_count):
        try:
            write_stages(source.read(index).pixels, stem.with_name(f"{stem.name}-page{index + 1}"))
        except ExportError as error:
            trouble.add(str(error), error.exit_code)
        except InklineError as error:
            log.debug("stages of page %d: %s", index + 1, error)


def _show_on(bar: "tqdm[None]") -> Callable[[Progress], None]:
    def show(progress: Progress) -> None:
        lines = f" {progress.done}/{progress.total} lines" if progress.total else ""
        bar.set_postfix_str(f"page {progress.index + 1}: {progress.stage}{lines}")

    return show


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"The folder {folder} can't be made: {error.strerror}.") from error


def write_file(path: Path, data: bytes) -> None:
    """Replace a file at once, so that nobody meets half of it. Raises ExportError."""
    write_to(path, lambda file: file.write(data))


def write_to(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """The same for what is written piece by piece."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w+b") as file:
            write(file)
        os.replace(part, path)
    except OSError as error:
        raise ExportError(f"{path} can't be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):  # a name too long to be written is too long to be removed
            part.unlink(missing_ok=True)

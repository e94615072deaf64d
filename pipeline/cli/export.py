"""`export`: documents of the library as files, or as an archive that another library takes in."""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from pipeline.cli.common import Trouble, say
from pipeline.cli.digitize import formats, make_folder, write_to
from pipeline.errors import ExportError, InklineError, PageError, SourceError
from pipeline.exchange_library import write_library
from pipeline.export import FORMATS, write_document_to
from pipeline.export.archive import file_name, free_name
from pipeline.settings import read_settings
from pipeline.store import Store, open_store
from pipeline.store.pictures import pictures_of

if TYPE_CHECKING:
    from pipeline.cli.common import Commands


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("export", help="write documents of the library as files", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help="documents, by the ids that --list prints")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="every document that has pages")
    which.add_argument("--list", action="store_true", help="print id, date, pages and name of each document")
    parser.add_argument("--out", type=Path, metavar="DIR",
                        help="folder for the files (default: .); files that are there stay")  # fmt: skip
    parser.add_argument("--format", dest="formats", type=formats, metavar=",".join(FORMATS),
                        help="what to write, separated by commas (default: docx)")  # fmt: skip
    parser.add_argument("--archive", type=Path, metavar="FILE.zip",
                        help="write one file with all of them instead, for `import` elsewhere")  # fmt: skip
    parser.set_defaults(run=run, refuse=parser.error, when_stopped="Documents that were finished are kept.")


def run(args: argparse.Namespace) -> int:
    if args.archive and (args.formats or args.out):
        args.refuse("--archive is one file with all there is of each document: leave out --format and --out.")
    if args.all and args.ids:
        args.refuse("--all is every document: leave it out, or leave out the ids.")
    store = open_store(read_settings())
    documents = store.list_documents()
    if args.list:
        for summary in documents:
            print(summary.id, f"{summary.created:%Y-%m-%d}", summary.pages, summary.name, sep="\t")
        return 0
    ids = [summary.id for summary in documents if summary.pages] if args.all else args.ids
    if not ids:
        raise SourceError("There is nothing to export. Name documents by their ids (--list prints them), or use --all.")
    if args.archive:
        return _write_archive(store, ids, args.archive)
    folder = args.out or Path(".")
    make_folder(folder)
    return _write_tos(store, ids, folder, args.formats or ["docx"])


def _write_archive(store: Store, ids: list[str], path: Path) -> int:
    if path.exists():
        raise ExportError(f"{path} is there already. Choose another name, or take it away first.")
    make_folder(path.parent)
    trouble = Trouble()
    lost: list[str] = []
    write_to(path, lambda file: lost.extend(write_library(file, store, ids)))
    for sentence in lost:
        trouble.add(sentence, PageError.exit_code)
    print(path)
    return trouble.exit_code


def _write_tos(store: Store, ids: list[str], folder: Path, formats: list[str]) -> int:
    trouble, taken, pictures = Trouble(), set[str](), pictures_of(store)
    suffixes = [FORMATS[name].suffix for name in formats]

    def is_there(stem: str) -> bool:
        return any((folder / f"{stem}{suffix}").exists() for suffix in suffixes)

    for document_id in tqdm(ids, unit="document", leave=False, disable=not sys.stderr.isatty()):
        try:
            document = store.get_document(document_id)
            wanted = file_name(document.name)
            was_there = is_there(wanted)
            stem = free_name(wanted, taken, is_there)
            if was_there and stem != wanted:
                say(f"{folder / wanted} is there already and stays: this one is called {stem}.")
            for name in formats:
                path = folder / f"{stem}{FORMATS[name].suffix}"
                write_to(path, partial(write_document_to, document=document, format=name, pictures=pictures))
                print(path)
        except InklineError as error:
            trouble.add(f"{document_id}: {error}", error.exit_code)
    return trouble.exit_code

"""`export`: documents of the store as files."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from pipeline.cli.common import Trouble
from pipeline.cli.digitize import formats, make_folder, write_file
from pipeline.errors import InklineError, SourceError
from pipeline.export import FORMATS, write_document
from pipeline.export.archive import file_name, free_name
from pipeline.settings import read_settings
from pipeline.store import open_store
from pipeline.store.pictures import pictures_of

if TYPE_CHECKING:
    from pipeline.cli.common import Commands


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("export", help="write documents of the library as files", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help="documents, by the ids that --list prints")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="every document that has pages")
    which.add_argument("--list", action="store_true", help="print id, date, pages and name of each document")
    parser.add_argument("--out", type=Path, default=Path("."), metavar="DIR", help="folder for the files (default: .)")
    parser.add_argument("--format", dest="formats", type=formats, default=["docx"], metavar=",".join(FORMATS),
                        help="what to write, separated by commas (default: docx)")  # fmt: skip
    parser.set_defaults(run=run, when_stopped="Documents that were finished are kept.")


def run(args: argparse.Namespace) -> int:
    store = open_store(read_settings())
    documents = store.list_documents()
    if args.list:
        for summary in documents:
            print(summary.id, f"{summary.created:%Y-%m-%d}", summary.pages, summary.name, sep="\t")
        return 0
    ids = [summary.id for summary in documents if summary.pages] if args.all else args.ids
    if not ids:
        raise SourceError("There is nothing to export. Name documents by their ids (--list prints them), or use --all.")
    make_folder(args.out)
    trouble, taken, pictures = Trouble(), set[str](), pictures_of(store)
    for document_id in tqdm(ids, unit="document", leave=False, disable=not sys.stderr.isatty()):
        try:
            document = store.get_document(document_id)
            stem = free_name(file_name(document.name), taken)
            for name in args.formats:
                path = args.out / f"{stem}{FORMATS[name].suffix}"
                write_file(path, write_document(document, name, pictures))
                print(path)
        except InklineError as error:
            trouble.add(f"{document_id}: {error}", error.exit_code)
    return trouble.exit_code

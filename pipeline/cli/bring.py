"""`import`: PAGE XML or ALTO with the pictures of their pages, as documents of the store."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.common import Trouble, say
from pipeline.errors import InklineError, PageError
from pipeline.exchange import import_transcribed
from pipeline.settings import read_settings
from pipeline.store import open_store

if TYPE_CHECKING:
    from pipeline.cli.common import Commands


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("import", help="take in PAGE XML or ALTO with pictures", description=__doc__)
    parser.add_argument("inputs", nargs="+", type=Path, metavar="PATH",
                        help="a zip, a folder, or an XML file beside its picture; each becomes a document")  # fmt: skip
    parser.set_defaults(run=run, when_stopped="Documents that were finished are kept.")


def run(args: argparse.Namespace) -> int:
    """Prints id, pages and lines of each new document."""
    settings = read_settings()
    store = open_store(settings)
    trouble = Trouble()
    for path in args.inputs:
        try:
            imported = import_transcribed(path, store, settings)
        except InklineError as error:
            trouble.add(str(error), error.exit_code)
            continue
        for problem in imported.problems:
            trouble.add(problem, PageError.exit_code)
        print(imported.document_id, imported.pages, imported.lines, sep="\t")
        say(f"{path}: {imported.pages} pages with {imported.lines} lines.")
    return trouble.exit_code

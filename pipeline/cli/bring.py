"""`import`: the archive of a library, or PAGE XML or ALTO with the pictures of their pages, into the library."""

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.common import FAULT, Trouble, say
from pipeline.errors import InklineError, PageError
from pipeline.exchange import take_in
from pipeline.settings import read_settings
from pipeline.store import open_store

if TYPE_CHECKING:
    from pipeline.cli.common import Commands


log = logging.getLogger(__name__)


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("import", help="take in a library, PAGE XML or ALTO", description=__doc__)
    parser.add_argument("inputs", nargs="+", type=Path, metavar="PATH",
                        help="a zip, a folder, or an XML file beside its picture; each becomes a document, "
                        "and the archive of a library as many as are in it")  # fmt: skip
    parser.set_defaults(run=run, when_stopped="Documents that were finished are kept.")


def run(args: argparse.Namespace) -> int:
    """Prints id, pages and lines of each new document."""
    settings = read_settings()
    store = open_store(settings)
    trouble = Trouble()
    for path in args.inputs:
        try:
            taken = take_in(path, store, settings)
        except InklineError as error:
            trouble.add(str(error), error.exit_code)
            continue
        except Exception as error:  # one bad file must not lose the others
            log.debug("importing %s", path, exc_info=True)
            trouble.add(f"{path} met a fault in Inkline ({type(error).__name__}: {error}).", FAULT)
            continue
        for imported in taken:
            for problem in imported.problems:
                trouble.add(problem, PageError.exit_code)
            print(imported.document_id, imported.pages, imported.lines, sep="\t")
            pages = f"{imported.pages} page{'s' * (imported.pages != 1)}"
            say(f"{imported.name}: {pages} with {imported.lines} line{'s' * (imported.lines != 1)}.")
    return trouble.exit_code

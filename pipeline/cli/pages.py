"""`pages`: the pages of a document, listed, added, moved, turned and deleted."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.common import Trouble
from pipeline.errors import InklineError, NotFoundError, PasswordError
from pipeline.ingest import open_source
from pipeline.retouch import add_files, delete_page, move_page, turn_page
from pipeline.settings import Settings, read_settings
from pipeline.store import AUTHOR, Change, SourceFile, Store, open_store

if TYPE_CHECKING:
    from pipeline.cli.common import Commands

TURNS = {"right": 1, "over": 2, "left": 3}


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser(
        "pages", help="list, add, move, turn and delete the pages of a document", description=__doc__
    )
    parser.add_argument("id", metavar="ID", help="a document, by the id that `export --list` prints")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--move", nargs=2, type=int, metavar=("PAGE", "PLACE"), help="put a page at another place")
    what.add_argument("--turn", nargs=2, metavar=("PAGE", "left|right|over"),
                      help="turn a page; one that was read otherwise the server reads again")  # fmt: skip
    what.add_argument("--delete", type=int, metavar="PAGE", help="take a page with its lines out of the document")
    what.add_argument("--add", nargs="+", type=Path, metavar="FILE",
                      help="add the pages of PDFs and pictures; the server reads them")  # fmt: skip
    what.add_argument("--undo", action="store_true", help="take back the last step made in the document")
    parser.add_argument("--before", type=int, metavar="PAGE", help="where to add pages; without it they come last")
    parser.add_argument("--password", default="", metavar="PW", help="opens encrypted PDFs that are added")
    parser.set_defaults(run=run, refuse=parser.error, when_stopped="")


def run(args: argparse.Namespace) -> int:
    """Does what was asked for, then prints number, lines, confirmed lines and trouble of each page."""
    settings = read_settings()
    store = open_store(settings)
    store.get_summary(args.id)
    if args.before is not None and not args.add:
        args.refuse("--before says where the pages of --add come.")
    before = "" if args.before is None else _id_of(store, args.id, args.before)
    where = f"before page {args.before}" if before else "behind those that are there"
    trouble = Trouble()
    for path in args.add or ():
        try:
            pages = _add(store, args.id, path, settings, args.password, before)
            print(f"{path.name}: {pages} page{'s' * (pages != 1)} to be read, {where}")
        except InklineError as error:  # one bad file must not lose the others
            hint = " (--password)" if isinstance(error, PasswordError) else ""
            trouble.add(f"{error}{hint}", error.exit_code)
    change = _change(store, args)
    if change:
        print(f"{change.summary}. {change.note}" if change.note else change.summary)
    for page in store.list_pages(args.id):
        print(page.index + 1, page.lines, page.checked, page.error, sep="\t")
    return trouble.exit_code


def _add(store: Store, document_id: str, path: Path, settings: Settings, password: str, before: str) -> int:
    # Asked before it is copied, for what is no file or too large.
    open_source(path, settings, password=password)
    with path.open("rb") as file:
        source = SourceFile(store.put_blob_stream(file, path.suffix), path.name)
    return add_files(store, document_id, [source], settings, password=password, before=before)


def _change(store: Store, args: argparse.Namespace) -> Change | None:
    if args.move:
        page, place = args.move
        return move_page(store, _id_of(store, args.id, page), place - 1, author=AUTHOR)
    if args.turn:
        number, way = args.turn
        if way not in TURNS or not number.isdecimal():
            args.refuse("--turn takes the number of a page, and left, right or over.")
        return turn_page(store, _id_of(store, args.id, int(number)), TURNS[way], author=AUTHOR)
    if args.delete is not None:
        return delete_page(store, _id_of(store, args.id, args.delete), author=AUTHOR)
    return store.undo(args.id, author=AUTHOR) if args.undo else None


def _id_of(store: Store, document_id: str, number: int) -> str:
    """The id of a page that is called by its number, from 1."""
    pages = {page.index + 1: page.id for page in store.list_pages(document_id)}
    if number not in pages:
        raise NotFoundError(f"There is no page {number}; the document has {len(pages)}.")
    return pages[number]

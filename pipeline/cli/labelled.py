"""`--data` of several commands: labelled lines of any layout, with the rows that can't be used named."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.common import say
from pipeline.cli.digitize import write_file

if TYPE_CHECKING:
    from pipeline.train.sources import BadRow, Mode, Read

NAMED = 10
BAD_ROWS = "bad_rows.tsv"
CACHE = "lines.lmdb"


def read_sources(sources: Sequence[str], mode: "Mode", out: Path | None = None, *, lmdb: bool = False) -> "list[Read]":
    """What each source holds; bad rows are named on stderr and, with `out`, listed in OUT/bad_rows.tsv.

    `lmdb` reads from a cache in `out`, made where needed. Raises SourceError and ExportError.
    """
    from pipeline.train.sources import read_lines

    if lmdb and out:
        from pipeline.train.cache import cached_lines

        reads = cached_lines(sources, mode, out / CACHE)
    else:
        reads = [read_lines(source, mode) for source in sources]
    bad = [row for read in reads for row in read.bad]
    if out:
        write_bad_rows(out, bad)
    for sentence in bad_rows_named(bad, out):
        say(sentence)
    return reads


def bad_rows_named(bad: "Sequence[BadRow]", out: Path | None = None) -> list[str]:
    """A sentence for each of the first ten, and how many more there are."""
    if not bad:
        return []
    many = f"{len(bad)} rows can't be used and are left out:"
    head = many if len(bad) > 1 else "1 row can't be used and is left out:"
    more = len(bad) - NAMED
    tail = [f"  and {more} more." + (f" All of them are in {out / BAD_ROWS}." if out else "")] if more > 0 else []
    return [head, *(f"  {row}" for row in bad[:NAMED]), *tail]


def write_bad_rows(out: Path, bad: "Sequence[BadRow]") -> None:
    """All of them as a table: file TAB row TAB reason. A list of an earlier run goes away when there is none."""
    if not bad:
        (out / BAD_ROWS).unlink(missing_ok=True)
        return
    rows = [("file", "row", "reason"), *((str(row.file), row.row, row.reason) for row in bad)]
    table = "".join("\t".join(map(_plain, row)) + "\n" for row in rows)
    write_file(out / BAD_ROWS, table.encode("utf-8", "backslashreplace"))


def _plain(cell: str) -> str:
    return " ".join(cell.split())

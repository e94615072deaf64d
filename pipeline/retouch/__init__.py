"""Lines put right by hand: deleted, merged, split, drawn, moved, ordered, marked, read again, found and replaced."""

from pipeline.retouch.edits import Seen
from pipeline.retouch.ink import Read, line_reader
from pipeline.retouch.operations import (
    add_figure,
    confirm_lines,
    decorate_words,
    delete_lines,
    insert_line,
    merge_lines,
    move_line,
    order_lines,
    remove_figure,
    set_kind,
    split_line,
)
from pipeline.retouch.pages import add_files, delete_page, move_page, order_pages, turn_page
from pipeline.retouch.rereading import propose_readings, reread_document
from pipeline.retouch.search import Found, Hit, Search, find, replace_all

__all__ = [
    "Found",
    "Hit",
    "Read",
    "Search",
    "Seen",
    "add_figure",
    "add_files",
    "confirm_lines",
    "decorate_words",
    "delete_lines",
    "delete_page",
    "find",
    "insert_line",
    "line_reader",
    "merge_lines",
    "move_line",
    "move_page",
    "order_lines",
    "order_pages",
    "propose_readings",
    "remove_figure",
    "replace_all",
    "reread_document",
    "set_kind",
    "split_line",
    "turn_page",
]

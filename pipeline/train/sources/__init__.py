"""Labelled lines as they lie about: every layout that `--data` takes, told apart by what is in the folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InklineError, SourceError
from pipeline.train.sources import confirmed, iam, labels, ondb, page_json, pages
from pipeline.train.sources.sample import BadRow, Mode, Read, Sample, decoded, first_readable, readable

__all__ = ["BadRow", "Mode", "Read", "Sample", "decoded", "first_readable", "read_folder", "read_lines", "readable"]


@dataclass(frozen=True, slots=True)
class Layout:
    """One way data lies about: what it is called, how it is told, how it is read, and whether it knows words."""

    name: str
    matches: Callable[[Path], bool]
    read: Callable[[Path, Mode], Read]
    has_words: bool


# The first that matches counts: signs that name a layout come before the plain presence of XML files.
LAYOUTS = (
    Layout("pen strokes in strokes.npz", ondb.is_npz, ondb.read_npz, False),
    Layout("a folder with labels.tsv", labels.is_labels, labels.read_labels, False),
    Layout("IAM-OnDB", ondb.is_ondb, ondb.read_ondb, False),
    Layout("IAM", iam.is_iam, iam.read_iam, True),
    Layout("PAGE XML or ALTO", pages.is_pages, pages.read_pages, True),
    Layout("pages with a .json of their lines", page_json.is_page_json, page_json.read_page_json, False),
)
KNOWN = (
    "labels.tsv, strokes.npz, IAM's lines.txt or words.txt or xml/, IAM-OnDB's lineStrokes/, "
    "PAGE XML, ALTO or .json files with their pictures"
)


def read_lines(source: Path | str, mode: Mode = "line") -> Read:
    """The lines, or words, of a folder or of our own store (`store`, `store:DOCUMENT_ID`).

    Raises SourceError where the source is none of the known layouts, has no words though words are asked for, or
    holds not one line that can be used.
    """
    name = str(source)
    if confirmed.is_store(name):
        return _usable(name, _read_store(name, mode), mode)
    folder = Path(source)
    layout = layout_of(folder)
    if mode == "word" and not layout.has_words:
        raise SourceError(f"{folder} is {layout.name}, which does not tell where words are. Use --mode line.")
    try:
        read = layout.read(folder, mode)
    except (OSError, ValueError, KeyError) as error:
        raise SourceError(f"{folder} can't be read as {layout.name} ({error}).") from error
    return _usable(name, read, mode)


def read_folder(folder: Path) -> list[Sample]:
    """The lines of a folder that can be used. Raises SourceError."""
    return read_lines(folder).samples


def layout_of(folder: Path) -> Layout:
    """Which layout a folder has. Raises SourceError."""
    if not folder.is_dir():
        raise SourceError(f"{folder} is {'a file; name the folder it lies in' if folder.exists() else 'not there'}.")
    try:
        layout = next((layout for layout in LAYOUTS if layout.matches(folder)), None)
    except OSError as error:
        raise SourceError(f"{folder} can't be opened ({error.strerror}).") from error
    if layout is None:
        raise SourceError(f"{folder} holds no labelled lines that Inkline knows: {KNOWN}.")
    return layout


def _read_store(source: str, mode: Mode) -> Read:
    if mode == "word":
        raise SourceError("The store keeps lines, and does not tell where words are. Use --mode line.")
    try:
        return confirmed.read_store(source, mode)
    except InklineError as error:
        raise SourceError(str(error)) from error


def _usable(name: str, read: Read, mode: Mode) -> Read:
    """The same, if there is a line to learn from."""
    if read.samples:
        return read
    if read.bad:
        first = f"The first of {len(read.bad)} bad rows" if len(read.bad) > 1 else "The only row"
        raise SourceError(f"{name} holds no {mode} that can be used. {first}: {read.bad[0]}")
    if confirmed.is_store(name):
        raise SourceError(f"Nobody has confirmed a line in {name} yet. Confirm lines on the screen Correct first.")
    tip = " If its lines are labelled, use --mode line." if mode == "word" else ""
    raise SourceError(f"{name} holds no labelled {mode}s.{tip}")

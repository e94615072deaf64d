"""Folders with `labels.tsv` (file TAB writer TAB text) beside `images/`."""

from pathlib import Path

from pipeline.train.sources.pictures import look_at
from pipeline.train.sources.sample import BadRow, Mode, Read, Sample, clean_text


def is_labels(folder: Path) -> bool:
    return (folder / "labels.tsv").is_file()


def read_labels(folder: Path, mode: Mode) -> Read:
    """The rows of labels.tsv, as UTF-8 without quoting; what stands in them may be lines or words alike."""
    read = Read([], [])
    labels = folder / "labels.tsv"
    group = f"{folder.resolve().parent.name}/{folder.resolve().name}"
    rows = labels.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number, row in enumerate(rows, 1):
        if not row.strip():
            continue
        outcome = _sample(folder, group, row)
        if isinstance(outcome, Sample):
            read.samples.append(outcome)
        else:
            read.bad.append(BadRow(labels, f"row {number}", outcome))
    return read


def _sample(folder: Path, group: str, row: bytes) -> Sample | str:
    """The sample of a row, or why it can't be used."""
    try:
        columns = row.decode("utf-8").rstrip("\r").split("\t")
    except UnicodeDecodeError:
        return "it is not UTF-8"
    if len(columns) != 3:
        found = "1 column" if len(columns) == 1 else f"{len(columns)} columns"
        return f"it has {found}; file, writer and text need 3"
    name, writer, text = columns
    text = clean_text(text)
    if not name.strip():
        return "it names no image"
    if not text:
        return f"the text of {name} is empty"
    picture = look_at(folder / "images" / name)
    return f"{picture}: {name}" if isinstance(picture, str) else Sample(text, writer, group, picture, name)

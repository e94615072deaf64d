"""Pen strokes: a `strokes.npz`, or IAM-OnDB's own layout.

lineStrokes/a01/a01-000/a01-000u-01.xml    the strokes of one line
ascii/a01/a01-000/a01-000u.txt             after "CSR:" the text of each line of the form
original-xml/a01/a01-000/strokesu.xml      optional: writer, and a more careful transcription
"""

import html
import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from pipeline.train.sources.sample import BadRow, Mode, Read, Sample, clean_text
from pipeline.train.sources.xml import XmlError, descendants, number, parse
from pipeline.train.strokes import PenStrokes

NPZ = "strokes.npz"
KEPT_FOR_MEASURING = "val1"
FEWEST_POINTS = 8
LINE = re.compile(r"(.+)-(\d+)")


def is_npz(folder: Path) -> bool:
    return (folder / NPZ).is_file()


def read_npz(folder: Path, mode: Mode) -> Read:
    """The lines of a strokes.npz without the part called val1, which is kept for measuring.

    The archive holds `ids`, `texts`, `writers`, `split`, `offsets` (N + 1), `dxy` (int16 steps),
    `pen_up` (1: the pen leaves the board after this point). Raises OSError, ValueError or KeyError.
    """
    read = Read([], [])
    file = folder / NPZ
    with np.load(file, allow_pickle=False) as archive:
        ids, texts, writers, split = (
            [str(value) for value in archive[n]] for n in ("ids", "texts", "writers", "split")
        )
        offsets, steps, pen_up = (archive[name] for name in ("offsets", "dxy", "pen_up"))
    for index, (id_, text, writer) in enumerate(zip(ids, texts, writers, strict=True)):
        if split[index] == KEPT_FOR_MEASURING:
            continue
        start, stop = offsets[index], offsets[index + 1]
        strokes = PenStrokes(steps[start:stop], pen_up[start:stop])
        _add(read, file, f"line {id_}", text, writer, folder, strokes)
    return read


def is_ondb(folder: Path) -> bool:
    return (folder / "lineStrokes").is_dir()


def read_ondb(folder: Path, mode: Mode) -> Read:
    """The lines in lineStrokes/, each with its text from original-xml/ or ascii/."""
    read = Read([], [])
    forms: defaultdict[Path, dict[int, Path]] = defaultdict(dict)
    for file in sorted((folder / "lineStrokes").rglob("*.xml")):
        match = LINE.fullmatch(file.stem)
        if match:
            forms[file.parent.relative_to(folder / "lineStrokes") / match[1]][int(match[2])] = file
        else:
            read.bad.append(BadRow(file, "", "its name does not end with the number of a line, as in a01-000u-01.xml"))
    for form, files in forms.items():
        texts, writer, trouble = _transcription(folder, form)
        for number_, file in files.items():
            if number_ not in texts:
                read.bad.append(BadRow(file, "", trouble or f"its form has a text for {len(texts)} lines only"))
                continue
            try:
                strokes = strokes_in(file)
            except XmlError as error:
                read.bad.append(BadRow(file, "", str(error)))
                continue
            _add(read, file, "", texts[number_], writer, folder, strokes)
    return read


def _add(read: Read, file: Path, row: str, text: str, writer: str, folder: Path, strokes: PenStrokes) -> None:
    text = clean_text(text)
    if not text:
        read.bad.append(BadRow(file, row, "its text is empty"))
    elif len(strokes.steps) < FEWEST_POINTS:
        read.bad.append(BadRow(file, row, f"it has {len(strokes.steps)} points of the pen, too few for a line"))
    else:
        read.samples.append(Sample(text, writer, folder.resolve().name, strokes, row or file.name))


def strokes_in(file: Path) -> PenStrokes:
    """The strokes of a lineStrokes file. Raises XmlError."""
    points: list[tuple[float, float]] = []
    ends: list[int] = []
    for stroke in descendants(parse(file), "Stroke"):
        for point in descendants(stroke, "Point"):
            x, y = number(point, "x"), number(point, "y")
            if x is None or y is None:
                raise XmlError("one of its points has no numbers for x and y")
            points.append((x, y))
        ends.append(len(points) - 1)
    places = np.array(points, np.float64).reshape(-1, 2)
    steps = np.diff(places, axis=0, prepend=places[:1])
    pen_up = np.zeros(len(points), np.uint8)
    pen_up[[end for end in ends if end >= 0]] = 1
    return PenStrokes(steps.clip(-32768, 32767).astype(np.int16), pen_up)


def _transcription(folder: Path, form: Path) -> tuple[dict[int, str], str, str]:
    """Text by line number, the writer, and what is wrong if there is no text. form: a01/a01-000/a01-000u."""
    texts, writer = _original(folder, form)
    if texts:
        return texts, writer, ""
    file = folder / "ascii" / form.with_name(form.name + ".txt")
    try:
        text = file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return {}, writer, f"its text {file.relative_to(folder)} is not there"
    _, found, section = text.partition("CSR:")
    if not found:
        return {}, writer, f"{file.relative_to(folder)} has no part that begins with CSR:"
    lines = [line for line in map(clean_text, section.splitlines()) if line]
    return dict(enumerate(lines, 1)), writer, ""


def _original(folder: Path, form: Path) -> tuple[dict[int, str], str]:
    """Texts and writer by original-xml; a01-000u stands in a01-000/strokesu.xml. Without it, the form is the writer."""
    file = folder / "original-xml" / form.parent / f"strokes{form.name.removeprefix(form.parent.name)}.xml"
    try:
        root = parse(file)
    except XmlError:
        return {}, form.name
    writer = next((element.get("writerID") for element in descendants(root, "Form") if element.get("writerID")), "")
    texts = {}
    for line in descendants(root, "TextLine"):
        match = LINE.fullmatch(line.get("id", ""))
        if match and match[1] == form.name:
            texts[int(match[2])] = clean_text(html.unescape(line.get("text", "")))
    return texts, writer or form.name

"""IAM's own layout: ascii/lines.txt, words.txt and forms.txt, lines/, words/, forms/ and xml/.

Line pictures are lines/a01/a01-000u/a01-000u-00.png, word pictures words/a01/a01-000u/a01-000u-00-00.png.
Where they are absent, lines and words are cut out of the forms.
"""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from pipeline.train.sources.cutting import Points, TrueLine, TruePage, box, cut_page
from pipeline.train.sources.pictures import look_at
from pipeline.train.sources.sample import BadRow, Mode, Read, Sample, clean_text
from pipeline.train.sources.xml import Element, XmlError, children, descendants, local, number, parse

# Columns before the text: id, status, grey level, components (lines only), x, y, width, height, tag (words only).
COLUMNS = 8
FORMS = ("forms", "formsA-D", "formsE-H", "formsI-Z", ".")
SPLIT = re.compile(r"(.*)-\d+")


def is_iam(folder: Path) -> bool:
    return table_of(folder, "lines") is not None or table_of(folder, "words") is not None or _has_forms(folder)


def _has_forms(folder: Path) -> bool:
    """Whether there are forms with IAM's own XML, told by the first file."""
    first = next(iter(sorted((folder / "xml").glob("*.xml"))), None)
    try:
        return first is not None and local(parse(first)) == "form"
    except XmlError:
        return False


def table_of(folder: Path, kind: str) -> Path | None:
    """ascii/lines.txt or lines.txt, and the like."""
    return next((path for path in (folder / "ascii" / f"{kind}.txt", folder / f"{kind}.txt") if path.is_file()), None)


def read_iam(folder: Path, mode: Mode) -> Read:
    """Lines or words by their table, or by the forms' XML where there is no table."""
    read = Read([], [])
    writers = writers_of(folder)
    table = table_of(folder, f"{mode}s")
    on_forms: defaultdict[str, list[TrueLine]] = defaultdict(list)
    if table is None:
        return _read_xml(folder, mode)
    pictures = folder / f"{mode}s"
    for number_, row in rows_of(table):
        parts = row.split(" ", COLUMNS)
        if len(parts) <= COLUMNS:
            bad = f"it has {len(parts)} columns; at least {COLUMNS + 1} are needed"
            read.bad.append(BadRow(table, f"row {number_}", bad))
            continue
        id_, status, text = parts[0], parts[1], parts[-1]
        form = form_of(id_, mode)
        writer = writers.get(form, form)
        text = join_tokens(text.split("|")) if mode == "line" else clean_text(text)
        place = f"row {number_} ({id_})"
        if not text or form == id_:
            read.bad.append(BadRow(table, place, "its text is empty" if not text else "its id names no form"))
        elif mode == "word" and status != "ok":
            # A line marked so is whole, only its words are cut wrongly.
            read.bad.append(BadRow(table, place, f"its segmentation is marked {status}"))
        elif pictures.is_dir():
            picture = look_at(pictures / form.split("-")[0] / form / f"{id_}.png")
            if isinstance(picture, str):
                read.bad.append(BadRow(table, place, picture))
            else:
                read.samples.append(Sample(text, writer, folder.resolve().name, picture, f"{id_}.png"))
        else:
            on_forms[form].append(TrueLine(place, text, _box_in(parts, mode)))
    for form, lines in on_forms.items():
        _cut_form(read, folder, table, form, writers.get(form, form), lines)
    return read


def rows_of(table: Path) -> Iterator[tuple[int, str]]:
    """Numbered rows without comments and empty ones."""
    text = table.read_bytes().decode("utf-8", "replace")
    for number_, row in enumerate(text.split("\n"), 1):
        if row.strip() and not row.startswith("#"):
            yield number_, row.strip()


def writers_of(folder: Path) -> dict[str, str]:
    """Form -> writer by forms.txt; empty where there is none."""
    table = table_of(folder, "forms")
    rows = [row.split() for _, row in rows_of(table)] if table else []
    return {row[0]: row[1] for row in rows if len(row) > 1}


def form_of(id_: str, mode: Mode) -> str:
    """a01-000u-00 or, of a word, a01-000u-00-00 -> a01-000u; the id itself if it isn't one."""
    for _ in range(1 if mode == "line" else 2):
        match = SPLIT.fullmatch(id_)
        id_ = match.group(1) if match else id_
    return id_


def join_tokens(tokens: Iterable[str]) -> str:
    """Words and marks as people write them: "he|'s|late|," is "he's late,"."""
    text, quoted, glue = "", False, True
    for token in tokens:
        closes = token == '"' and quoted
        clings = bool(re.fullmatch(r"[.,;:!?)\]]+|\.\.\.|'(s|d|m|ll|re|ve)|n't", token)) or closes
        text += token if glue or clings else f" {token}"
        glue = token in ("(", "[") or (token == '"' and not closes)
        quoted ^= token == '"'
    return clean_text(text)


def _box_in(parts: list[str], mode: Mode) -> Points:
    """The row's box; IAM writes -1 where there is none."""
    first = 4 if mode == "line" else 3
    try:
        x, y, width, height = (int(value) for value in parts[first : first + 4])
    except ValueError:
        return np.empty((0, 2))
    return box(x, y, width, height) if x >= 0 and y >= 0 else np.empty((0, 2))


def _read_xml(folder: Path, mode: Mode) -> Read:
    """Lines or words of forms by the boxes of their strokes in xml/."""
    read = Read([], [])
    for file in sorted((folder / "xml").glob("*.xml")):
        try:
            form = parse(file)
        except XmlError as error:
            read.bad.append(BadRow(file, "", str(error)))
            continue
        lines = [line for part in descendants(form, "handwritten-part") for line in descendants(part, "line")]
        writer = form.get("writer-id", file.stem)
        if mode == "line":
            found = [TrueLine(f"line {line.get('id')}", _text(line), _envelope(line)) for line in lines]
        else:
            words = [word for line in lines for word in children(line, "word")]
            found = [TrueLine(f"word {word.get('id')}", _text(word), _envelope(word)) for word in words]
        _cut_form(read, folder, file, form.get("id", file.stem), writer, found)
    return read


def _text(element: Element) -> str:
    # IAM escapes quotes twice.
    return clean_text(html.unescape(element.get("text", "")))


def _envelope(element: Element) -> Points:
    """An outline along the tops and bottoms of the boxes of the strokes (cmp) of each word, from left to right."""
    names = ("x", "y", "width", "height")
    words = list(descendants(element, "word")) or [element]
    boxes = []
    for word in words:
        edges = [[number(cmp, name) for name in names] for cmp in descendants(word, "cmp")]
        corners = np.array([edge for edge in edges if None not in edge], np.float64).reshape(-1, 4)
        if len(corners):
            x, y = corners[:, 0].min(), corners[:, 1].min()
            boxes.append((x, y, (corners[:, 0] + corners[:, 2]).max(), (corners[:, 1] + corners[:, 3]).max()))
    boxes.sort()
    above = [point for x0, y0, x1, _ in boxes for point in ((x0, y0), (x1, y0))]
    below = [point for x0, _, x1, y1 in reversed(boxes) for point in ((x1, y1), (x0, y1))]
    return np.array(above + below, np.float64).reshape(-1, 2)


def _cut_form(read: Read, folder: Path, file: Path, form: str, writer: str, lines: list[TrueLine]) -> None:
    places = (folder / place / f"{form}.png" for place in FORMS)
    picture = next((path for path in places if path.is_file()), None)
    if picture is None:
        read.bad.extend(
            BadRow(file, line.name, f"neither its picture nor the form {form}.png is there") for line in lines
        )
        return
    part = cut_page(TruePage(file, picture, folder.resolve().name, writer, lines))
    read.samples.extend(part.samples)
    read.bad.extend(part.bad)

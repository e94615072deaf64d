"""Lines -> reading order, paragraphs, headings, list items and figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.clean import CleanPage
from pipeline.document import Box, Kind, Line
from pipeline.figures import contains, find_figures
from pipeline.formulas import join_matrices, reads_as_formula
from pipeline.lines import TextLine
from pipeline.lists import levels, split_mark
from pipeline.noise import find_noise
from pipeline.reading import Paragraph, insert_beside, read, rows_of, with_insertions
from pipeline.shapes import box_of, find_owners, is_bare_stroke, keep_aligned_numbers, measure, unit_of, with_marks


@dataclass(frozen=True, slots=True)
class LaidLine:
    """A line with its part on the page; lines of one paragraph share its number."""

    line: TextLine
    kind: Kind
    paragraph: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Lines in reading order, and in clean-page pixels the boxes of figures and of noise.

    Noise is ink that belongs to no line and no figure: together the three hold every drop of ink.
    """

    lines: tuple[LaidLine, ...]
    figures: tuple[Box, ...]
    noise: tuple[Box, ...] = ()


def lay_out(page: CleanPage, lines: Sequence[TextLine]) -> Layout:
    """Put lines into reading order and say what each one is; find the figures. What is no writing is left out."""
    rows, formulas = join_matrices(page.ink, lines)
    lines = [*rows, *formulas]
    owners = find_owners(page, lines)
    shapes = measure(page, lines, owners)
    unit = unit_of(shapes)
    figures = find_figures(page.ink, owners, [box_of(shape) for shape in shapes], unit)
    formulaic = {id(line) for line in formulas}
    shapes = [
        with_marks(page, owners, place + 1, shape, unit)
        for place, shape in enumerate(shapes)
        if place not in figures.drawn and not is_bare_stroke(page, owners, place + 1, shape, unit)
    ]
    shapes = keep_aligned_numbers(shapes, unit)
    labels = {box: [s for s in shapes if contains(box, box_of(s))] for box in figures.boxes}
    in_figures = {id(s) for group in labels.values() for s in group}
    written = [s for s in shapes if id(s) not in in_figures]
    inserted = [s for s in written if s.line.inserted]
    paragraphs = read([s for s in written if not s.line.inserted], unit)
    kinds = _kinds(paragraphs, unit)
    kinds |= {id(s): "formula" for p in paragraphs for s in p if id(s.line) in formulaic}
    paragraphs = with_insertions(paragraphs, inserted)
    for box, group in labels.items():
        paragraphs = insert_beside(paragraphs, rows_of(group, unit), box)
    laid = [
        LaidLine(shape.line, kinds.get(id(shape), "text"), number)
        for number, paragraph in enumerate(paragraphs)
        for shape in paragraph
    ]
    return Layout(tuple(laid), figures.boxes, find_noise(page.ink, [line.line for line in laid], figures.boxes))


def _kinds(paragraphs: list[Paragraph], unit: float) -> dict[int, Kind]:
    """Kind of each shape, by its id()."""
    shapes = [s for p in paragraphs for s in p]
    if not shapes:
        return {}
    left, right = min(s.x0 for s in shapes), max(s.x1 for s in shapes)
    first = min(shapes, key=lambda s: s.base)
    body = float(np.median([s.size for s in shapes]))
    bases = sorted(s.base for s in shapes)
    usual_gap = float(np.median(np.diff(bases))) if len(bases) > 3 else 1.6 * unit
    underlined = sum(len(p) == 1 and p[0].underlined for p in paragraphs)
    kinds: dict[int, Kind] = {}
    for paragraph in paragraphs:
        lead = paragraph[0]
        width = lead.x1 - lead.x0
        if lead.marker:
            kinds[id(lead)] = "list_item"
            continue
        if len(paragraph) > 1 or len(shapes) < 3 or not 2 * unit < width < 0.8 * (right - left):
            continue
        above = min((lead.base - b for b in bases if b < lead.base - 0.5 * unit), default=np.inf)
        below = min((b - lead.base for b in bases if b > lead.base + 0.5 * unit), default=0.0)
        is_centred = abs((lead.x0 + lead.x1) - (left + right)) < 0.12 * (right - left) and lead.x0 > left + 2 * unit
        is_title = lead is first and (below > 1.3 * usual_gap or is_centred or lead.size > 1.15 * body)
        is_marked = lead.underlined and underlined <= max(len(paragraphs) / 3, 1)
        # A short line at the margin, larger than the rest, apart from what is above and close to what is below.
        stands_over = above > 1.3 * usual_gap and 0 < below < above and lead.x0 < left + 2 * unit
        if is_title or is_marked or (stands_over and lead.size > 1.06 * body and width < 0.6 * (right - left)):
            kinds[id(lead)] = "heading"
    return kinds


def refine_kinds(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines of a page once they are read: what their text starts with makes list items that ink alone did not show."""
    numbered = _counted(lines)
    refined: list[Line] = []
    shift = 0
    for place, line in enumerate(lines):
        opens = place == 0 or line.paragraph != lines[place - 1].paragraph
        mark = split_mark(line.text).mark
        if line.kind == "heading" and not _reads_as_words(line.text):
            line = replace(line, kind="text")
        if line.kind == "text" and reads_as_formula(line.text):
            line = replace(line, kind="formula")
        if line.kind == "text" and (place in numbered or (opens and mark == "bullet")):
            shift += not opens  # an item inside a paragraph opens a new one
            line = replace(line, kind="list_item")
        refined.append(replace(line, paragraph=line.paragraph + shift))
    return tuple(refined)


def with_levels(lines: Sequence[Line], found: Sequence[TextLine]) -> tuple[Line, ...]:
    """Lines of a page with the level of its list items, by where the same lines were found on the clean page."""
    in_items = {line.paragraph for line in lines if line.kind == "list_item"}
    # What goes on in an item's own paragraph does not end the list: its next lines, words written above it.
    places = [n for n, line in enumerate(lines) if line.kind == "list_item" or line.paragraph not in in_items]
    boxes = [(*found[place].polygon.min(axis=0), *found[place].polygon.max(axis=0)) for place in places]
    nested = levels(boxes, [lines[place].kind for place in places])
    level_at = dict(zip(places, nested, strict=True))
    return tuple(replace(line, level=level_at.get(place, 0)) for place, line in enumerate(lines))


def _counted(lines: Sequence[Line]) -> set[int]:
    """Places of lines that start with a number counting up from another one that stands in the same column."""
    counted: set[int] = set()
    earlier: list[tuple[int, int, Line]] = []
    for place, line in enumerate(lines):
        item = split_mark(line.text)
        if item.mark != "number":
            continue
        for before, number, other in earlier:
            aligned = abs(line.box[0] - other.box[0]) < 1.5 * (line.box[3] - line.box[1])
            if number + 1 == item.number and aligned:
                counted |= {before, place}
        earlier.append((place, item.number, line))
    return counted


def _reads_as_words(text: str) -> bool:
    """Whether a line is more words than formula; a line not read yet counts as words."""
    letters = sum(c.isalpha() for c in text)
    return "=" not in text and letters >= 0.6 * len(text.replace(" ", ""))

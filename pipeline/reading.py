"""Reading order and paragraphs, from the geometry of lines alone."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from pipeline.shapes import Shape

Paragraph = list[Shape]
Band = tuple[list[Shape], list[Shape], float]  # lines left of a gutter, right of it, and its width


def read(shapes: list[Shape], unit: float) -> list[Paragraph]:
    """Paragraphs in reading order: columns one after the other, side notes after what they stand beside."""
    if len(shapes) > 3:
        bands = _bands(shapes, unit)
        # A note in the margin first: with it out of the way, what stands beside it shows its columns.
        note = _side_note(shapes, bands, unit)
        if note:
            in_note = {id(s) for s in note}
            paragraphs = read([s for s in shapes if id(s) not in in_note], unit)
            box = (min(s.x0 for s in note), min(s.y0 for s in note), max(s.x1 for s in note), max(s.y1 for s in note))
            return insert_beside(paragraphs, _paragraphs(rows_of(note, unit), unit), box)
        columns = _columns(shapes, bands, unit)
        if columns:
            above, left, right, below = columns
            return [p for part in (above, left, right, below) for p in read(part, unit)]
    return _paragraphs(rows_of(shapes, unit), unit)


def _bands(shapes: list[Shape], unit: float) -> list[Band]:
    """Every way to part neighbouring lines by an upright gutter that none of them crosses."""
    found = []
    ordered = sorted(shapes, key=lambda s: s.base)
    edges = sorted(s.x1 for s in shapes)
    for edge in (a for a, b in pairwise(edges) if b - a > 0.2 * unit):
        crossing = [n for n, s in enumerate(ordered) if s.x0 < edge + unit and s.x1 > edge]
        for above, below in pairwise([-1, *crossing, len(ordered)]):
            inside = ordered[above + 1 : below]
            left, right = [s for s in inside if s.x1 <= edge], [s for s in inside if s.x0 > edge]
            if len(inside) > 3 and left and right:
                found.append((left, right, min(s.x0 for s in right) - max(s.x1 for s in left)))
    return found


def _columns(
    shapes: list[Shape], bands: list[Band], unit: float
) -> tuple[list[Shape], list[Shape], list[Shape], list[Shape]] | None:
    """Lines above, in the left column, in the right one, and below; None where the page has no two columns."""
    page_width = max(s.x1 for s in shapes) - min(s.x0 for s in shapes)
    best: tuple[list[Shape], list[Shape]] | None = None
    for left, right, gutter in bands:
        rows = min(len(rows_of(left, unit)), len(rows_of(right, unit)))
        widths = [max(s.x1 for s in side) - min(s.x0 for s in side) for side in (left, right)]
        beside = min(max(s.base for s in left), max(s.base for s in right)) - max(
            min(s.base for s in left), min(s.base for s in right)
        )
        edge = min(s.x0 for s in right)
        aligned = sum(s.x0 - edge < 1.5 * unit for s in right) >= len(right) / 2
        if rows < 3 or min(widths) < 0.25 * page_width or gutter < unit or beside < 2 * unit or not aligned:
            continue
        if best is None or len(left) + len(right) > len(best[0]) + len(best[1]):
            best = left, right
    if best is None:
        return None
    left, right = best
    inside = {id(s) for s in (*left, *right)}
    middle = float(np.mean([s.base for s in (*left, *right)]))
    others = [s for s in shapes if id(s) not in inside]
    return [s for s in others if s.base < middle], left, right, [s for s in others if s.base >= middle]


def _side_note(shapes: list[Shape], bands: list[Band], unit: float) -> list[Shape] | None:
    """Two or more lines close under one another in a margin, beside wider text."""
    for left, right, _ in sorted(bands, key=lambda band: -len(band[0]) - len(band[1])):
        for note, text in ((left, right), (right, left)):
            top, bottom = min(s.y0 for s in note), max(s.y1 for s in note)
            beside = [s for s in text if top < s.base < bottom]
            if len(note) < 2 or len(beside) < 2 or len(note) > len(shapes) / 2:
                continue
            note_width = max(s.x1 for s in note) - min(s.x0 for s in note)
            text_width = max(s.x1 for s in text) - min(s.x0 for s in text)
            bases = sorted(s.base for s in note)
            is_stack = max(b - a for a, b in pairwise(bases)) < 2.5 * unit
            starts = [s.x0 for s in note]
            if note_width < 0.35 * text_width and is_stack and max(starts) - min(starts) < 2 * unit:
                return note
    return None


def insert_beside(paragraphs: list[Paragraph], block: list[Paragraph], box: Sequence[float]) -> list[Paragraph]:
    """Paragraphs with a block of others after the last one that starts above its lower edge."""
    before = [n for n, p in enumerate(paragraphs) if min(s.base for s in p) < box[3]]
    place = max(before) + 1 if before else 0
    return [*paragraphs[:place], *block, *paragraphs[place:]]


def with_insertions(paragraphs: list[Paragraph], inserted: Sequence[Shape]) -> list[Paragraph]:
    """Paragraphs with the words written above a line right after that line, which may begin with the mark of a list."""
    over: dict[int, list[Shape]] = {}  # by the id() of the line
    alone = []
    for word in inserted:
        below = [s for paragraph in paragraphs for s in paragraph if _stands_over(word, s)]
        if below:
            over.setdefault(id(min(below, key=lambda s: s.base)), []).append(word)
        else:
            alone.append(word)
    grown = [
        [s for line in paragraph for s in (line, *sorted(over.get(id(line), []), key=lambda word: word.x0))]
        for paragraph in paragraphs
    ]
    for word in reversed(alone):
        grown = insert_beside(grown, [[word]], (word.x0, word.y0, word.x1, word.y1))
    return grown


def _stands_over(word: Shape, line: Shape) -> bool:
    middle = (word.x0 + word.x1) / 2
    return word.base < line.base and line.x0 < middle < line.x1


def rows_of(shapes: list[Shape], unit: float) -> list[list[Shape]]:
    """Lines on one height together, left to right; rows from the top."""
    rows: list[list[Shape]] = []
    for shape in sorted(shapes, key=lambda s: s.base):
        for row in rows[-3:]:
            apart = all(min(shape.x1, s.x1) - max(shape.x0, s.x0) < 0.4 * min(_width(shape), _width(s)) for s in row)
            nearest = min(row, key=lambda s: max(shape.x0 - s.x1, s.x0 - shape.x1))
            if apart and abs(_end_facing(nearest, shape) - _end_facing(shape, nearest)) < 0.55 * unit:
                row.append(shape)
                break
        else:
            rows.append([shape])
    return [sorted(row, key=lambda s: s.x0) for row in rows]


def _width(shape: Shape) -> float:
    return shape.x1 - shape.x0


def _end_facing(shape: Shape, other: Shape) -> float:
    """Height of the baseline at the end that is nearer to the other line."""
    return float(shape.line.baseline[-1 if other.x0 > shape.x0 else 0, 1])


def _paragraphs(rows: list[list[Shape]], unit: float) -> list[Paragraph]:
    if not rows:
        return []
    gaps = np.diff([_base(row) for row in rows])
    # Gaps between paragraphs are part of the list, so the usual one lies below its middle.
    usual_gap = float(np.percentile(gaps, 35)) if len(gaps) > 2 else 1.6 * unit
    left, right = np.percentile([_x0(row) for row in rows], 10), np.percentile([_x1(row) for row in rows], 90)
    full = float(left), float(right)
    paragraphs = [[rows[0]]]
    for number in range(1, len(rows)):
        paragraph, row = paragraphs[-1], rows[number]
        following = rows[number + 1] if number + 1 < len(rows) else None
        if gaps[number - 1] > 1.45 * usual_gap or _starts_new(paragraph, row, following, full, unit):
            paragraphs.append([row])
        else:
            paragraph.append(row)
    return [[shape for row in paragraph for shape in row] for paragraph in paragraphs]


def _starts_new(
    paragraph: list[list[Shape]],
    row: list[Shape],
    following: list[Shape] | None,
    full: tuple[float, float],
    unit: float,
) -> bool:
    last, step = paragraph[-1], _x0(row) - _x0(paragraph[-1])
    is_short = full[1] - _x1(last) > max(0.22 * (full[1] - full[0]), 3 * unit)
    if row[0].marker or (last[0].underlined and len(paragraph) == 1 and is_short):
        return True
    if not 0.7 < row[0].size / last[0].size < 1.45 and is_short:
        return True
    if paragraph[0][0].marker:
        hangs = _x0(row) - _x0(paragraph[0]) > 0.4 * unit
        return not hangs and (is_short or len(paragraph) > 1)
    if abs(step) < 0.8 * unit:
        return is_short
    if step < 0:  # after an indented first line the text goes back to the margin
        return len(paragraph) > 1 or is_short
    comes_back = following is None or _x0(row) - _x0(following) > 0.8 * unit
    return is_short or comes_back


def _x0(row: list[Shape]) -> float:
    return row[0].x0


def _x1(row: list[Shape]) -> float:
    return max(shape.x1 for shape in row)


def _base(row: list[Shape]) -> float:
    return float(np.mean([shape.base for shape in row]))

"""What lines are once their text is known: list items, their levels, formulas, headings."""

import pytest

from pipeline.document import Line, Transcription
from pipeline.layout import refine_kinds, with_levels
from tests.drawn import STEP, blank, column


def read_line(place: int, text: str, paragraph: int, kind: str = "text", x: int = 100) -> Line:
    y = 100 + STEP * place
    outline = ((x, y - 40), (x + 900, y - 40), (x + 900, y + 15), (x, y + 15))
    return Line(f"l{place}", outline, ((x, y), (x + 900, y)), kind, paragraph, Transcription(text, 0.9))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Intro", "- one", "- two"], ["text", "list_item", "list_item"]),
        (["• one", "– two"], ["list_item", "list_item"]),
        (["1. one", "2. two", "3) three"], ["list_item", "list_item", "list_item"]),
        (["1. one", "and on", "2. two"], ["list_item", "text", "list_item"]),
        (["3.14 is pi", "4.2 is not"], ["text", "text"]),
        (["12. was the number", "Nothing"], ["text", "text"]),
        (["well-known", "-5 degrees"], ["text", "text"]),
    ],
)
def test_text_makes_list_items(texts: list[str], expected: list[str]) -> None:
    lines = [read_line(place, text, paragraph=place) for place, text in enumerate(texts)]
    assert [line.kind for line in refine_kinds(lines)] == expected


def test_numbers_counting_up_inside_a_paragraph_part_it() -> None:
    texts = ["We need", "1. flour", "which is white", "2. water", "3. salt"]
    refined = refine_kinds([read_line(place, text, paragraph=0) for place, text in enumerate(texts)])
    assert [line.kind for line in refined] == ["text", "list_item", "text", "list_item", "list_item"]
    assert [line.paragraph for line in refined] == [0, 1, 1, 2, 3]


def test_a_dash_inside_a_paragraph_is_no_list_item() -> None:
    refined = refine_kinds([read_line(0, "He came", 0), read_line(1, "- as always - late", 0)])
    assert [line.kind for line in refined] == ["text", "text"]


def test_the_second_line_of_an_item_does_not_end_its_list_and_a_paragraph_at_its_margin_does() -> None:
    found = column(blank(), 200, 200, 600, 2) + column(blank(), 260, 340, 600, 1)
    lines = [read_line(0, "- one", 0, "list_item"), read_line(1, "and on", 0), read_line(2, "- two", 1, "list_item")]
    assert [line.level for line in with_levels(lines, found)] == [0, 0, 1]
    lines[1] = read_line(1, "Prose", 5)
    assert [line.level for line in with_levels(lines, found)] == [0, 0, 0]


def test_a_formula_is_no_heading_and_words_are() -> None:
    refined = refine_kinds([read_line(0, "E = m c2", 0, "heading"), read_line(1, "Energy", 1, "heading")])
    assert [line.kind for line in refined] == ["formula", "heading"]

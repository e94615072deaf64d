"""Underlined and struck-out words of a text, and what becomes of them when the text changes."""

import pytest

from pipeline.decorations import carried, decorated, whole_words
from pipeline.document import Decoration, DecorationKind
from tests.decorated import spans

TEXT = "so the first law holds"


@pytest.mark.parametrize(
    ("before", "start", "end", "kind", "on", "after"),
    [
        ("so the first law holds", 7, 12, "underline", True, "so the _first_ law holds"),
        ("so the first law holds", 9, 9, "strike", True, "so the ~first~ law holds"),
        ("so the first law holds", 8, 14, "underline", True, "so the _first law_ holds"),
        ("so the _first_ law holds", 13, 16, "underline", True, "so the _first law_ holds"),
        ("so the _first_ law holds", 7, 12, "strike", True, "so the ~_first_~ law holds"),
        ("so _the first law_ holds", 7, 12, "underline", False, "so _the_ first _law_ holds"),
        ("so _the first law_ holds", 0, 99, "underline", False, "so the first law holds"),
        ("so the first law holds", 0, 99, "strike", True, "~so the first law holds~"),
        ("so the first law holds", 99, 99, "strike", True, "so the first law holds"),
    ],
)
def test_words_are_marked_and_unmarked(
    before: str, start: int, end: int, kind: DecorationKind, on: bool, after: str
) -> None:
    text, decorations = spans(before)
    assert (text, decorated(text, decorations, start, end, kind, on=on)) == spans(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("so the _first_ law", "so the _first_ law"),
        ("so the _frist_ law", "so the _first_ law"),
        ("s the _first law_ holds", "so now the _first law_ holds"),
        ("_Frist_ the ~secnd~ third", "_First_ the ~second~ third"),
        ("_a b_ c", "_a new b_ c"),
        ("_a_ b c", "_a_ new b c"),
        ("so the ~firstlaw~ holds", "so the ~first law~ holds"),
        ("so ~the firstlaw~ holds", "so ~the first law~ holds"),
        ("so the ~first law~ holds", "so the holds"),
        ("a ~b~ _c_ d e", "_c_ d"),
        ("~all~", ""),
        ("~one _two_~ three", "~one  _two_~   three"),
    ],
)
def test_decorations_keep_to_their_words_when_the_text_changes(before: str, after: str) -> None:
    text, decorations = spans(before)
    wanted = spans(after)
    assert carried(text, decorations, wanted[0]) == wanted[1]


def test_spans_are_brought_to_whole_words_inside_the_text() -> None:
    wild = (Decoration(-5, 1, "underline"), Decoration(9, 9, "strike"), Decoration(18, 99, "underline"))
    assert whole_words(TEXT, wild) == spans("_so_ the first law _holds_")[1]
    assert whole_words("", wild) == ()

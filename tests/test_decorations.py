"""Underlined and struck-out words of a text, and what becomes of them when the text changes."""

from collections.abc import Callable
from dataclasses import replace
from time import process_time
from typing import TypeVar

import pytest

from pipeline.decorations import carried, decorated, redecorated, whole_words
from pipeline.document import Decoration, DecorationKind, Transcription
from tests.decorated import spans

T = TypeVar("T")
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
    ("before", "after", "wanted"),
    [
        ("so the first law", "so the _first_ law", "so the first law"),
        ("so the _first_ law", "so ~the~ first law", "so the _first_ law"),
        ("the first", "_so_ the first ~law~", "_so_ the first ~law~"),
        ("the _frist_ law", "the ~first~ law", "the ~_first_~ law"),
        ("", "the _first_ law", "the _first_ law"),
        ("the first law", "_heat flows on_", "_heat flows on_"),
        ("_the first law_", "", ""),
    ],
)
def test_read_anew_words_said_before_keep_theirs_and_others_take_what_their_ink_shows(
    before: str, after: str, wanted: str
) -> None:
    old, new = (Transcription(text, 0.9, decorations=decorations) for text, decorations in map(spans, (before, after)))
    assert redecorated(old, new) == replace(new, decorations=spans(wanted)[1])


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


def clock(work: Callable[[], T]) -> tuple[T, float]:
    """What it returns, and the seconds of the processor it took."""
    start = process_time()
    return work(), process_time() - start


@pytest.mark.parametrize("different", [1, 2, 40, 3000])
def test_marks_of_a_very_long_text_keep_to_their_words_at_once(different: int) -> None:
    words = [f"w{n * 7 % different}" for n in range(3000)]
    words[1000] = "_this_"
    before, after = spans(" ".join(words)), spans(" ".join([*words[:1500], "two", "more", *words[1501:]]))
    found, seconds = clock(lambda: carried(*before, after[0]))
    assert found == after[1]
    assert seconds < 0.4
    _, seconds = clock(lambda: carried(*before, " ".join(["new", *words[1:2000], "newer", *words[2000:-1], "newest"])))
    assert seconds < 0.4


def test_every_other_of_many_words_is_marked_at_once() -> None:
    text, decorations = spans(" ".join(["_a_ b"] * 1500))
    found, seconds = clock(lambda: decorated(text, decorations, 0, 1, "strike", on=True))
    assert found == (Decoration(0, 1, "strike"), *decorations)
    assert seconds < 0.4


def test_spans_are_brought_to_whole_words_inside_the_text() -> None:
    wild = (Decoration(-5, 1, "underline"), Decoration(9, 9, "strike"), Decoration(18, 99, "underline"))
    assert whole_words(TEXT, wild) == spans("_so_ the first law _holds_")[1]
    assert whole_words("", wild) == ()

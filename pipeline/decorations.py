"""Underlined and struck-out words of a text: from spans to words and back, and through changes of the text."""

import re
from collections.abc import Sequence, Set
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import groupby
from typing import get_args

from pipeline.document import Decoration, DecorationKind, Transcription

KINDS: tuple[DecorationKind, ...] = get_args(DecorationKind)
WORD = re.compile(r"\S+")
Kinds = frozenset[DecorationKind]
PLAIN: Kinds = frozenset()


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where each word of a text begins and ends."""
    return [match.span() for match in WORD.finditer(text)]


def kinds_of_words(text: str, decorations: Sequence[Decoration]) -> list[Kinds]:
    """How each word of a text is decorated; one letter of it is enough."""
    return [
        frozenset(one.kind for one in decorations if max(one.start, start) < min(one.end, end))
        for start, end in word_spans(text)
    ]


def from_words(text: str, kinds: Sequence[Set[DecorationKind]]) -> tuple[Decoration, ...]:
    """The inverse: `kinds` holds one set for each word. Words side by side share a span, with the space between."""
    spans = list(zip(word_spans(text), kinds, strict=True))
    found = []
    for kind in KINDS:
        for has_it, run in groupby(spans, key=lambda word: kind in word[1]):
            if has_it:
                words = [span for span, _ in run]
                found.append(Decoration(words[0][0], words[-1][1], kind))
    return tuple(sorted(found, key=lambda one: (one.start, one.end, one.kind)))


def whole_words(text: str, decorations: Sequence[Decoration]) -> tuple[Decoration, ...]:
    """Decorations in order, on whole words and inside the text, with neighbours joined."""
    return from_words(text, kinds_of_words(text, decorations)) if decorations else ()


def decorated(
    text: str, decorations: Sequence[Decoration], start: int, end: int, kind: DecorationKind, *, on: bool
) -> tuple[Decoration, ...]:
    """The words from `start` up to `end` with this decoration, or without it; an empty span is the word it touches."""
    touched = [
        start < last and first < end if start < end else first <= start <= last for first, last in word_spans(text)
    ]
    kinds = [
        (kinds | {kind} if on else kinds - {kind}) if is_touched else kinds
        for kinds, is_touched in zip(kinds_of_words(text, decorations), touched, strict=True)
    ]
    return from_words(text, kinds)


def carried(before: str, decorations: Sequence[Decoration], after: str) -> tuple[Decoration, ...]:
    """Decorations of the text `before` on the words that say the same in `after`, or stand in their place.

    Of words written in place of others each takes after its own if they are as many, else all take what all of those
    had; words put in take what both neighbours have.
    """
    if before == after or not decorations:
        return whole_words(after, decorations)
    old, new, kinds = WORD.findall(before), WORD.findall(after), kinds_of_words(before, decorations)
    matched: list[Kinds] = []
    for what, i0, i1, j0, j1 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if i1 - i0 == j1 - j0:
            matched += kinds[i0:i1]
        elif what == "replace":
            matched += [frozenset.intersection(*kinds[i0:i1])] * (j1 - j0)
        elif what == "insert":
            around = kinds[i0 - 1] & kinds[i0] if 0 < i0 < len(kinds) else PLAIN
            matched += [around] * (j1 - j0)
    return from_words(after, matched)


def keep_decorations(before: Transcription, after: Transcription) -> Transcription:
    """What a line says now, decorated as what it said before."""
    return replace(after, decorations=carried(before.text, before.decorations, after.text))

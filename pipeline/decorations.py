"""Underlined and struck-out words of a text: from spans to words and back, and through changes of the text."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import groupby
from typing import get_args

from pipeline.document import Decoration, DecorationKind, Transcription

KINDS: tuple[DecorationKind, ...] = get_args(DecorationKind)
WORD = re.compile(r"\S+")
Kinds = frozenset[DecorationKind]
PLAIN: Kinds = frozenset()
# Up to so many pairs of equal words are looked at one by one, which takes about 0.2 s.
MANY_PAIRS = 500_000


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where each word of a text begins and ends."""
    return [match.span() for match in WORD.finditer(text)]


def kinds_of_words(text: str, decorations: Sequence[Decoration]) -> list[Kinds]:
    """How each word of a text is decorated; one letter of it is enough."""
    spans = word_spans(text)
    kinds: list[set[DecorationKind]] = [set() for _ in spans]
    for one in decorations:
        if one.start < one.end:
            first = bisect_right(spans, one.start, key=lambda span: span[1])
            behind = bisect_left(spans, one.end, key=lambda span: span[0])
            for own in kinds[first:behind]:
                own.add(one.kind)
    return [frozenset(own) for own in kinds]


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
    kinds = kinds_of_words(before, decorations)
    matched: list[Kinds] = []
    for what, i0, i1, j0, j1 in _edits(WORD.findall(before), WORD.findall(after)):
        if i1 - i0 == j1 - j0:
            matched += kinds[i0:i1]
        elif what == "replace":
            matched += [frozenset.intersection(*kinds[i0:i1])] * (j1 - j0)
        elif what == "insert":
            around = kinds[i0 - 1] & kinds[i0] if 0 < i0 < len(kinds) else PLAIN
            matched += [around] * (j1 - j0)
    return from_words(after, matched)


def redecorated(before: Transcription, after: Transcription) -> Transcription:
    """What a line says now that it was read anew, `after` decorated as its ink shows.

    Words that it said before keep what they had, so that an underline taken off stays off; others have both what their
    ink shows and what `carried` gives them.
    """
    kinds = kinds_of_words(after.text, carried(before.text, before.decorations, after.text))
    shown = kinds_of_words(after.text, after.decorations)
    for what, _, _, j0, j1 in _edits(WORD.findall(before.text), WORD.findall(after.text)):
        if what != "equal":
            kinds[j0:j1] = [own | seen for own, seen in zip(kinds[j0:j1], shown[j0:j1], strict=True)]
    return replace(after, decorations=from_words(after.text, kinds))


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """What makes words of others, as the opcodes of difflib."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    changed, written = old[head : len(old) - tail], new[head : len(new) - tail]
    # A few words said over and over would take seconds, so then no match begins with a frequent one.
    times = Counter(written)
    matcher = SequenceMatcher(None, changed, written, autojunk=sum(times[word] for word in changed) > MANY_PAIRS)
    yield "equal", 0, head, 0, head
    for what, i0, i1, j0, j1 in matcher.get_opcodes():
        yield what, head + i0, head + i1, head + j0, head + j1
    yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words are the same from the first on."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def keep_decorations(before: Transcription, after: Transcription) -> Transcription:
    """What a line says now, decorated as what it said before."""
    return replace(after, decorations=carried(before.text, before.decorations, after.text))

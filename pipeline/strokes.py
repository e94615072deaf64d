"""Strokes under and through words: which parts of a line are underlined or struck out.

A stroke is dark, nearly level ink of one slope for some letters. It underlines where it lies below the small letters
and nothing hangs from it; it strikes out where it runs through them. Ruling goes on past the words, and where it does
not, the darkness of the rest tells it. Bars of T, dashes and joined letters cover no whole word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.clean import CleanPage
from pipeline.decorations import KINDS, PLAIN, Kinds, from_words, word_spans
from pipeline.document import DecorationKind, Transcription
from pipeline.lines import TextLine
from pipeline.places import share_at
from pipeline.stroke_signs import Signs, body_height, signs_of

SMALLEST = 4.0  # pixels of the page; smaller letters tell nothing
# In small letters: from this length on a stroke is hardly ever a part of letters.
LONG = 5.0
# How dark a stroke is at least, as a share of the pen's darkness, and how much darker than this page's ruling.
FAINTEST, DARKER = 0.5, 1.3


@dataclass(frozen=True, slots=True)
class Stroke:
    """A part of a line that is underlined or struck out, from `start` to `end` in shares of the length of its ink."""

    start: float
    end: float
    kind: DecorationKind


def find_strokes(page: CleanPage, lines: Sequence[TextLine]) -> list[list[Stroke]]:
    """For each line of a page its underlines and strike-outs."""
    heights = [body_height(page, line) for line in lines]
    usual = float(np.median([height for height in heights if height] or [0]))
    if usual < SMALLEST:
        return [[] for _ in lines]
    found = [
        signs_of(page, line, float(np.clip(height, 0.75 * usual, 1.33 * usual)))
        for line, height in zip(lines, heights, strict=True)
    ]
    ruling = [
        sign.darkness for signs in found for sign in signs if sign.is_ruling and sign.length > 4 and sign.height > -0.5
    ]
    is_ruled = len(ruling) >= max(3, 0.08 * len(lines))
    faintest = DARKER * float(np.median(ruling)) if is_ruled else FAINTEST
    strokes = [
        [Stroke(sign.start, sign.end, kind) for sign in signs if sign.darkness >= faintest and (kind := _kind(sign))]
        for signs in found
    ]
    for kind in KINDS:
        full = sum(any(one.kind == kind and one.end - one.start > 0.7 for one in own) for own in strokes)
        if full > max(3, 0.3 * len(lines)):  # ruling that ends with the words
            strokes = [[one for one in own if one.kind != kind] for own in strokes]
    return strokes


def with_strokes(reading: Transcription, strokes: Sequence[Stroke]) -> Transcription:
    """A reading whose words are decorated where they lie on strokes by more than half."""
    kinds: list[Kinds] = []
    for first, last in word_spans(reading.text):
        start, end = share_at(reading.text, first), share_at(reading.text, last)
        half = (end - start) / 2
        kinds.append(PLAIN.union(one.kind for one in strokes if min(end, one.end) - max(start, one.start) > half))
    return replace(reading, decorations=from_words(reading.text, kinds))


def _kind(sign: Signs) -> DecorationKind | None:
    """What a stroke does to its words; None for what is no stroke."""
    length, height, cut = sign.length, sign.height, sign.cut
    is_long = length >= LONG
    if sign.cover < 0.7 or sign.is_ruling or sign.whole < (0.8 if is_long else 0.9):
        return None
    if length < 3 * LONG and sign.over < (-0.6 if is_long else -0.25):
        return None
    in_body = is_long and height <= -0.2 and sign.depth >= 0.25
    if (
        in_body
        and sign.whole > 0.95
        and sign.over > -0.25
        and sign.low <= 0.85
        and sign.up >= length
        and sign.ahead < 0.4
    ):
        return "strike"
    # At the feet of the letters, where joined hands have level ink themselves: through them if they come out below it.
    at_feet = length > 8 and height >= -0.25 and sign.over > -0.4 and sign.whole > 0.95 and sign.ahead < 0.4
    if at_feet and height <= 0.1 and sign.low >= 0.02 and sign.feet >= 0.5 and sign.up >= 0.7 * length:
        return "strike"
    is_free = sign.hanging <= 0.2 * length and sign.below <= (0.9 if is_long else 0.5) and sign.touched < 0.6
    if length < 2.5 and height > 0:  # the foot of a capital
        return None
    if (-0.25 if is_long else 0.15) <= height <= 1.1 and sign.low < 0.15 and is_free:
        if height >= 0.1:
            return "underline" if cut <= 0.35 * length + 1 else None
        return "underline" if at_feet and cut <= (0.2 if height > -0.12 else 0.05) * length else None
    if not (sign.depth >= 0.15 and height <= -0.04 and 0.15 <= sign.low <= 0.85):
        return None
    if not is_long:
        in_middle = height < -0.2 and sign.depth > 0.22
        return "strike" if length > 2.2 and in_middle and cut >= 2 and sign.over > 0.05 else None
    if height > -0.2:
        return "strike" if cut >= 0.35 * length and sign.ahead < 0.4 else None
    if sign.depth < 0.25:
        return "strike" if cut >= 1 + 0.2 * length else None
    return "strike" if cut or min(sign.up, sign.down) >= 2 else None

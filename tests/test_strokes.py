"""Words underlined and struck out on generated pages, and what looks like it and is neither."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.clean import clean_page
from pipeline.document import Transcription
from pipeline.lines import find_lines
from pipeline.strokes import Stroke, find_strokes, with_strokes
from tests import handmade
from tests.handmade import PEN, TEXT, rule, turn

FONT, SCALE, LEFT, FIRST, PITCH = cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.6, 120, 200, 100
SMALL = 24  # how high small letters are


def place(row: int, *words: str) -> tuple[int, int]:
    """From where to where these words stand in a row of the page."""
    text = TEXT[row]
    start = text.index(" ".join(words))

    def at(length: int) -> int:
        return LEFT + int(cv2.getTextSize(text[:length], FONT, SCALE, 2)[0][0])

    return at(start), at(start + len(" ".join(words)))


def stroke(
    pixels: np.ndarray, row: int, across: tuple[int, int], below: float, *, seed: int = 0, thick: int = 3
) -> None:
    """A line drawn by hand, so many small letters below the baseline."""
    rng = np.random.default_rng(seed)
    xs = np.linspace(across[0] - 4, across[1] + 6, 9)
    ys = FIRST + PITCH * row + below * SMALL + rng.normal(0, 1.0, 9) + np.linspace(-2, 2, 9)
    points = np.round(np.column_stack([xs, ys]) * 16).astype(np.int32)
    cv2.polylines(pixels, [points], False, PEN, thick, cv2.LINE_AA, 4)


def decorated(pixels: np.ndarray) -> list[list[tuple[str, str]]]:
    """For each line of the page what is done to which words, the text being known."""
    page = clean_page(pixels)
    lines = find_lines(page)
    assert len(lines) == len(TEXT)
    found = []
    for text, strokes in zip(TEXT, find_strokes(page, lines), strict=True):
        reading = with_strokes(Transcription(text, 0.9), strokes)
        found.append([(one.kind, text[one.start : one.end]) for one in reading.decorations])
    return found


def plain() -> np.ndarray:
    return handmade.page()


PAPERS = {
    "blank": lambda pixels: pixels,
    "ruled": rule,
    "squared": lambda pixels: rule(pixels, step=37),
    "turned": lambda pixels: turn(pixels, 2.0),
}


@pytest.mark.parametrize("paper", PAPERS)
def test_underlined_and_struck_out_words_are_found(paper: str) -> None:
    pixels = plain()
    stroke(pixels, 0, place(0, "brown", "fox"), 0.5, seed=1)
    stroke(pixels, 2, place(2, "Halifax"), 0.6, seed=2)
    stroke(pixels, 3, place(3, "children", "walked"), -0.5, seed=3)
    stroke(pixels, 5, place(5, "nothing"), -0.45, seed=4)
    stroke(pixels, 6, (place(6, "that")[0], place(6, "day")[1]), 0.55, seed=5)
    assert decorated(PAPERS[paper](pixels)) == [
        [("underline", "brown fox")],
        [],
        [("underline", "Halifax")],
        [("strike", "children walked")],
        [],
        [("strike", "nothing")],
        [("underline", TEXT[6])],
        [],
    ]


@pytest.mark.parametrize("paper", PAPERS)
def test_a_stroke_low_in_the_letters_strikes_out_and_one_at_their_feet_does_not(paper: str) -> None:
    pixels = plain()
    stroke(pixels, 0, place(0, "brown", "fox"), -0.22, seed=1)
    stroke(pixels, 5, place(5, "nothing"), -0.22, seed=6)
    for row, seed, words in ((1, 7, ("dogs", "while")), (3, 4, ("children", "walked")), (6, 5, ("bright", "October"))):
        stroke(pixels, row, place(row, *words), 0.05, seed=seed)
    found = decorated(PAPERS[paper](pixels))
    struck = [[words for kind, words in own if kind == "strike"] for own in found]
    assert struck == [["brown fox"], [], [], [], [], ["nothing"], [], []]


@pytest.mark.parametrize("colour", [(225, 195, 180), (150, 140, 130), (70, 60, 60)], ids=["pale", "dark", "as the pen"])
@pytest.mark.parametrize("offset", [4, 12, -14])
def test_ruling_underlines_and_strikes_out_nothing(colour: tuple[int, int, int], offset: int) -> None:
    pixels = np.roll(rule(np.full_like(plain(), 250), step=PITCH, colour=colour), offset, axis=0)
    assert decorated(np.minimum(pixels, plain())) == [[]] * len(TEXT)


def test_bars_dashes_and_fractions_are_no_strokes() -> None:
    pixels = plain()
    y = FIRST + PITCH
    for row, word in ((1, "the"), (1, "tall"), (3, "the"), (6, "that"), (7, "little")):
        x0, x1 = place(row, word)
        base = FIRST + PITCH * row
        cv2.line(pixels, (x0 - 10, base - 38), (x1 + 10, base - 41), PEN, 3)  # the long bar of a T
    cv2.line(pixels, (900, y - 12), (990, y - 13), PEN, 3)  # a long dash
    x = 1000
    for row in (2, 5):  # a over b
        base = FIRST + PITCH * row
        cv2.putText(pixels, "a", (x, base - 24), FONT, 1.0, PEN, 2, cv2.LINE_AA)
        cv2.line(pixels, (x - 12, base - 10), (x + 40, base - 11), PEN, 3)
        cv2.putText(pixels, "b", (x, base + 26), FONT, 1.0, PEN, 2, cv2.LINE_AA)
    page = clean_page(pixels)
    assert not any(find_strokes(page, find_lines(page)))


def test_the_frame_of_a_table_underlines_nothing() -> None:
    pixels = plain()
    for row in range(9):
        cv2.line(pixels, (90, FIRST - 65 + PITCH * row), (1150, FIRST - 65 + PITCH * row), PEN, 3)
    for x in (90, 1150):
        cv2.line(pixels, (x, FIRST - 65), (x, FIRST - 65 + 8 * PITCH), PEN, 3)
    page = clean_page(pixels)
    assert not any(find_strokes(page, find_lines(page)))


def test_a_blank_page_has_none() -> None:
    page = clean_page(np.full((1600, 1240, 3), 250, np.uint8))
    assert find_strokes(page, []) == []


@pytest.mark.parametrize(("size", "width"), [(1.0, 33_000), (0.5, 20_500)], ids=["page", "small letters"])
def test_a_line_too_long_to_be_looked_at_has_none_and_others_keep_theirs(size: float, width: int) -> None:
    pixels = plain()[:450]
    for row, words in ((0, ("brown", "fox")), (1, ("dogs", "while"))):
        stroke(pixels, row, place(row, *words), 0.5)
    page = clean_page(cv2.resize(pixels, None, fx=size, fy=size, interpolation=cv2.INTER_AREA))
    first, second, *_ = find_lines(page)
    beside = (0, 0), (0, width - page.ink.shape[1])
    assert page.even is not None
    page = replace(page, even=np.pad(page.even, beside, constant_values=250), ink=np.pad(page.ink, beside))
    assert [len(strokes) for strokes in find_strokes(page, [first, second])] == [1, 1]
    for points in (second.polygon, second.baseline):
        points[points[:, 0] == points[:, 0].max(), 0] = width - 10
    assert [len(strokes) for strokes in find_strokes(page, [first, second])] == [1, 0]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(0.0, 0.3, ["all"]), (0.3, 1.0, ["is well"]), (0.35, 0.6, ["is"]), (0.5, 0.52, []), (0.0, 1.0, ["all is well"])],
)
def test_words_are_decorated_that_a_stroke_covers_by_more_than_half(start: float, end: float, words: list[str]) -> None:
    reading = with_strokes(Transcription("all is well", 0.5), [Stroke(start, end, "strike")])
    assert [reading.text[one.start : one.end] for one in reading.decorations] == words

"""Long lines are cut where words end."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.engines.trocr.pieces import cut, reach

SENTENCE = "we shall prove this for step functions first and then for all others that matter here"
WORDS = SENTENCE.split()
FONT = ImageFont.load_default(size=30)


def draw(words: list[str], gap: int = 20) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """A line of 52 px height, and from where to where each word's ink goes."""
    edges, x = [], 10
    for word in words:
        edges.append((x, x + round(FONT.getlength(word))))
        x = edges[-1][1] + gap
    image = Image.new("L", (x, 52), 245)
    for word, (left, _) in zip(words, edges, strict=True):
        ImageDraw.Draw(image).text((left, 6), word, fill=30, font=FONT)
    return np.asarray(image), edges


def places(pieces: list[np.ndarray]) -> list[int]:
    return np.cumsum([piece.shape[1] for piece in pieces])[:-1].tolist()


@pytest.mark.parametrize("longest", [15, 10, 6])
def test_pieces_are_short_enough_and_cut_no_word(longest: float) -> None:
    line, words = draw(WORDS)
    pieces = cut(line, longest)
    assert len(pieces) <= 1 + np.ceil(line.shape[1] / line.shape[0] / longest)
    assert np.array_equal(np.concatenate(pieces, axis=1), line)
    for place in places(pieces):
        assert not any(left < place < right for left, right in words), place
    widths = [piece.shape[1] / piece.shape[0] for piece in pieces]
    assert longest / 3 < min(widths) < max(widths) <= longest


def test_a_ruled_coloured_line_is_cut_too() -> None:
    line, words = draw(WORDS)
    line = cv2.line(line.copy(), (0, 46), (line.shape[1], 46), 150, 1)
    pieces = cut(cv2.cvtColor(line, cv2.COLOR_GRAY2BGR), 10)
    assert len(pieces) == 3
    assert not any(left < place < right for place in places(pieces) for left, right in words)


def test_lines_within_reach_and_lines_without_gaps_stay_whole() -> None:
    line, _ = draw(WORDS)
    assert len(cut(line, 40)) == 1
    x = np.arange(10, 1500)
    joined = np.full((52, 1510), 245, np.uint8)
    pen = np.stack([x, 26 + 12 * np.sin(x / 4)], axis=1).round().astype(np.int32)
    cv2.polylines(joined, [pen], False, 30, 3)
    assert len(cut(joined, 10)) == 1


def test_no_sliver_is_cut_off_what_stays_too_long() -> None:
    x = np.arange(90, 1500)
    line = np.full((52, 1510), 245, np.uint8)
    cv2.putText(line, "a", (10, 38), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 30, 3)
    pen = np.stack([x, 26 + 12 * np.sin(x / 4)], axis=1).round().astype(np.int32)
    cv2.polylines(line, [pen], False, 30, 3)
    assert len(cut(line, 10)) == 1


def test_models_with_an_image_shaped_for_lines_reach_less_far() -> None:
    assert reach(384, 384) == 25
    assert reach(32, 128) == 6

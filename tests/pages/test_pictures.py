"""Pictures of pages and lines, as the screens show them."""

import base64

import cv2
import numpy as np
import pytest

from pages._pictures import decode, draw_page, ink_on_paper, line_strips, mark_of, thumbnail
from pipeline.document import Line, Page, Transcription
from tests.pages.conftest import page_of, picture_of

LEVEL = ((20, 40), (580, 40), (580, 80), (20, 80))


def strip_of(url: str) -> np.ndarray:
    data = np.frombuffer(base64.b64decode(url.removeprefix("data:image/webp;base64,")), np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_UNCHANGED)


def page_with(polygon, baseline, height: int = 120) -> Page:
    return Page(0, 600, height, 150, lines=(Line("1", polygon, baseline),))


def paper_with_ink(height: int = 120) -> np.ndarray:
    """A page whose only ink is a bar along y = 60."""
    pixels = np.full((height, 600, 3), 230, np.uint8)
    cv2.line(pixels, (40, 60), (560, 60), (30, 20, 20), 6)
    return pixels


def png(pixels: np.ndarray) -> bytes:
    return cv2.imencode(".png", pixels)[1].tobytes()


@pytest.mark.parametrize(
    ("confidence", "checked", "mark"), [(0.99, False, "sure"), (0.5, False, "unsure"), (1.0, True, "checked")]
)
def test_a_line_is_marked_by_who_vouches_for_it(confidence: float, checked: bool, mark: str) -> None:
    assert mark_of(Line("1", LEVEL, (), transcription=Transcription("", confidence)), checked) == mark


@pytest.mark.parametrize("numbered", [False, True])
def test_a_page_is_drawn_no_wider_than_asked_with_colour_only_where_lines_are(numbered: bool) -> None:
    page = page_with(LEVEL, ((20, 70), (580, 70)))
    picture = decode(draw_page(png(np.full((120, 600, 3), 255, np.uint8)), page, ["unsure"], 300, numbered)).astype(int)
    assert picture.shape == (60, 300, 3)
    assert picture[30, 150, 2] - picture[30, 150, 0] > 20
    assert np.ptp(picture[50, 150]) < 5


def test_a_kept_picture_smaller_than_the_page_gets_its_lines_in_the_right_place() -> None:
    page = page_with(LEVEL, ())
    small = cv2.resize(np.full((120, 600, 3), 255, np.uint8), (300, 60))
    picture = decode(draw_page(png(small), page, ["unsure"], 300, False)).astype(int)
    assert picture[30, 150, 2] - picture[30, 150, 0] > 20


@pytest.mark.parametrize("degrees", [0, 12, -12, 90, 180])
def test_a_strip_is_level_however_the_line_lies(degrees: float) -> None:
    pixels = np.full((600, 600, 3), 230, np.uint8)
    turn = cv2.getRotationMatrix2D((300, 300), -degrees, 1)
    ends, corners = (
        np.array([[[120, 300], [480, 300]]], float),
        np.array([[(110, 275), (490, 275), (490, 325), (110, 325)]]),
    )
    (start, end), polygon = cv2.transform(ends, turn)[0], cv2.transform(corners.astype(float), turn)[0]
    cv2.line(pixels, tuple(map(round, start)), tuple(map(round, end)), (30, 20, 20), 6)
    page = page_with(tuple(map(tuple, polygon)), (tuple(start), tuple(end)), 600)
    (url,) = line_strips(png(pixels), page, 400, 60)
    strip = strip_of(url)
    ys = np.nonzero((strip[:, :, 0] < 120) & (strip[:, :, 3] > 200))[0]
    assert strip.shape == (60, 400, 4)
    assert len(ys) > 300
    assert np.ptp(ys) < 16


def test_neighbours_ink_is_faded_in_a_strip() -> None:
    pixels = paper_with_ink()
    cv2.line(pixels, (40, 86), (560, 86), (30, 20, 20), 4)
    strip = strip_of(line_strips(png(pixels), page_with(LEVEL, ((20, 70), (580, 70))), 600, 60)[0])
    rows = strip[:, 300, 0]
    assert rows[:40].min() < 100
    assert rows[-12:].min() > 140


def test_a_long_line_is_shown_in_two_rows_and_a_short_one_in_one() -> None:
    page = Page(0, 4000, 100, 300, lines=(Line("1", ((0, 20), (3990, 20), (3990, 80), (0, 80)), ()),))
    pixels = np.full((100, 4000, 3), 255, np.uint8)
    for start in range(50, 3900, 400):
        cv2.line(pixels, (start, 50), (start + 300, 50), (0, 0, 0), 12)

    def rows_of_ink(page: Page) -> int:
        strip = strip_of(line_strips(png(pixels), page, 500, 60)[0])
        dark = ((strip[:, :, 0] < 100) & (strip[:, :, 3] > 200)).any(axis=1).astype(int)
        return int((np.diff(dark, prepend=0) == 1).sum())

    assert rows_of_ink(page) == 2
    short = Line("1", ((0, 20), (400, 20), (400, 80), (0, 80)), ())
    assert rows_of_ink(Page(0, 4000, 100, 300, lines=(short,))) == 1


def test_strokes_lie_on_white_paper() -> None:
    strokes = np.zeros((2, 2, 4), np.uint8)
    strokes[0, 0] = (10, 20, 30, 255)
    assert ink_on_paper(strokes).tolist() == [[[30, 20, 10], [255, 255, 255]], [[255, 255, 255], [255, 255, 255]]]


def test_thumbnails_are_small() -> None:
    assert max(decode(thumbnail(decode(picture_of(page_of(("a", 0.9))))))[..., 0].shape) <= 220

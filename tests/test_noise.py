import cv2
import numpy as np

from pipeline.clean import clean_page
from pipeline.layout import Layout, lay_out
from pipeline.lines import find_lines
from pipeline.noise import accounted_for, find_noise
from tests.handmade import TEXT, page


def _messy_page() -> np.ndarray:
    pixels = page(TEXT[:5])
    cv2.circle(pixels, (600, 1150), 200, (60, 40, 30), 4)
    cv2.line(pixels, (400, 1150), (800, 1150), (60, 40, 30), 4)
    cv2.line(pixels, (1000, 1400), (1100, 1402), (60, 40, 30), 5)
    cv2.circle(pixels, (1100, 1530), 6, (30, 30, 30), -1)
    return pixels


def _laid(pixels: np.ndarray) -> tuple[np.ndarray, Layout]:
    clean = clean_page(pixels)
    return clean.ink, lay_out(clean, find_lines(clean))


def test_every_drop_of_ink_is_in_a_line_a_figure_or_named_as_noise() -> None:
    ink, layout = _laid(_messy_page())
    lines = [laid.line for laid in layout.lines]
    assert len(lines) == 5
    assert len(layout.figures) == 1
    assert not accounted_for(ink, lines, layout.figures).all()
    assert accounted_for(ink, lines, [*layout.figures, *layout.noise]).all()
    held = accounted_for(np.ones_like(ink), lines, layout.figures)
    assert (ink & held).sum() > 0.95 * ink.sum()


def test_noise_is_where_the_stray_marks_are() -> None:
    _, layout = _laid(_messy_page())
    for x, y in ((1050, 1401), (1100, 1530)):
        assert any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in layout.noise)


def test_a_page_of_writing_has_hardly_any_noise() -> None:
    ink, layout = _laid(page())
    left = ~accounted_for(ink, [laid.line for laid in layout.lines], layout.figures)
    assert left.sum() < 0.002 * ink.sum()


def test_noise_at_the_very_edge_stays_on_the_page() -> None:
    ink = np.zeros((101, 203), bool)
    ink[99:, 200:] = True
    assert find_noise(ink, [], []) == ((200, 96, 203, 101),)


def test_a_page_without_ink_has_no_noise() -> None:
    assert find_noise(np.zeros((50, 50), bool), [], []) == ()

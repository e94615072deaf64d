import cv2
import numpy as np
import pytest

from pipeline.train.fonts import font_samples
from pipeline.train.preview import BACKGROUND, CELL_WIDTH, FONT_ROWS, GAP, ROWS, VERSIONS, draw_sheet, sheet


def read(png: bytes) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED))


def test_a_sheet_shows_each_line_beside_its_augmented_versions() -> None:
    drawn = draw_sheet(font_samples(2, seed=1), seed=3, rows=2)
    columns = [drawn[:, i * (CELL_WIDTH + GAP) : (i + 1) * (CELL_WIDTH + GAP)] for i in range(1 + VERSIONS)]
    assert drawn.shape[1] == sum(column.shape[1] for column in columns)
    assert all((column != BACKGROUND).any() for column in columns)
    assert not any((column == columns[0]).all() for column in columns[1:])


@pytest.mark.parametrize("count", [0, 1, 40])
def test_a_sheet_holds_as_many_rows_as_there_are_lines_and_font_lines_below(count: int) -> None:
    picture = read(sheet(font_samples(count, seed=1), seed=3))
    fonts_alone = read(sheet([], seed=3))
    assert len(picture) == len(fonts_alone) * (min(count, ROWS) + FONT_ROWS) // FONT_ROWS


def test_the_same_seed_gives_the_same_sheet() -> None:
    samples = font_samples(5, seed=1)
    assert sheet(samples, seed=4) == sheet(samples, seed=4) != sheet(samples, seed=5)

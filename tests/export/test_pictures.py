import io

import numpy as np
import pytest
from PIL import Image

from pipeline.document import Box, Page
from pipeline.errors import PageError
from pipeline.export import Pictures

PAGE = Page(0, 200, 100, 150)


def pictures(pixels: np.ndarray) -> Pictures:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return Pictures(lambda page: file.getvalue())


def opened(data: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("scale", [1, 2])
def test_a_part_is_cut_out_where_it_is_however_large_the_kept_picture_is(scale: int) -> None:
    pixels = np.full((100 * scale, 200 * scale, 3), 255, np.uint8)
    pixels[20 * scale : 40 * scale, 100 * scale : 150 * scale] = (255, 0, 0)
    cut = opened(pictures(pixels).cut(PAGE, (100, 20, 150, 40)))
    assert cut.shape == (20 * scale, 50 * scale, 3)
    assert (cut == (255, 0, 0)).all()


@pytest.mark.parametrize("box", [(-9, -9, 999, 999), (500, 500, 600, 600), (50, 50, 50, 50)])
def test_a_box_beyond_the_page_still_gives_a_picture(box: Box) -> None:
    assert opened(pictures(np.zeros((100, 200), np.uint8)).cut(PAGE, box)).size


def test_a_page_is_made_small_for_looking_at() -> None:
    assert opened(pictures(np.zeros((3400, 1000), np.uint8)).small(PAGE)).shape == (1700, 500, 3)


def test_a_damaged_picture_is_said() -> None:
    with pytest.raises(PageError, match="page 1 is damaged"):
        Pictures(lambda page: b"\x89PNG\r\n\x1a\n").cut(PAGE, (0, 0, 9, 9))

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.debug import write_stages
from pipeline.errors import ExportError
from tests.handmade import TEXT, page

NAMES = ["1-source", "2-cleaned", "3-ink", "4-ridges", "5-lines", "6-kinds"]


def test_each_stage_is_a_picture_of_the_page(tmp_path: Path) -> None:
    pixels = page(TEXT[:4])
    cv2.line(pixels, (1000, 1400), (1100, 1402), (60, 40, 30), 5)
    written = write_stages(pixels, tmp_path / "scan-page1")
    assert [path.name for path in written] == [f"scan-page1-{name}.jpg" for name in NAMES]
    pictures = [cv2.imread(str(path)) for path in written]
    assert {picture.shape for picture in pictures} == {(1600, 1240, 3)}
    red = [int(((p[:, :, 2] > 170) & (p[:, :, 1] < 90)).sum()) for p in pictures]
    assert red[1] == red[2] == 0
    assert red[3] > 4 * 600  # ridges
    assert red[4] > 4 * 600  # baselines and numbers


def test_an_empty_page_has_its_pictures_too_and_a_large_one_is_made_smaller(tmp_path: Path) -> None:
    written = write_stages(np.full((4200, 3000, 3), 250, np.uint8), tmp_path / "blank")
    assert len(written) == len(NAMES)
    assert max(cv2.imread(str(written[-1])).shape) == 2000


def test_a_folder_that_is_gone_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="can't be written"):
        write_stages(np.full((100, 100, 3), 250, np.uint8), tmp_path / "none" / "page")

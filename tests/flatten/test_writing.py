from dataclasses import replace

import numpy as np
import pytest

from pipeline.binarize import reduced
from pipeline.flatten.sheet import without_ink
from pipeline.flatten.writing import written_paper
from pipeline.photos import LEVELS, photograph
from tests.handmade import page


@pytest.mark.parametrize("desk", ["dark", "wood", "light", "cloth", "papers"])
@pytest.mark.parametrize("seed", [1, 2])
def test_writing_is_seen_on_the_paper_and_nowhere_else(desk: str, seed: int) -> None:
    level = replace(LEVELS["hard"], desks=(desk,), close=0.0)
    photo = photograph(page(), level, seed)
    small = reduced(photo.pixels, 840 / max(photo.pixels.shape))
    ys, xs = np.nonzero(written_paper(small, without_ink(small, 9)))
    points = photo.page_points(np.column_stack([xs, ys]) * max(photo.pixels.shape) / 840)
    assert len(points) > 0.01 * small.size / 3
    assert (points > (100, 140)).all()
    assert (points < (1000, 960)).all()


def test_nothing_is_written_on_blank_paper() -> None:
    blank = np.full((800, 620, 3), 245, np.uint8)
    photo = photograph(blank, replace(LEVELS["hard"], desks=("wood",), finger=0.0), 3).pixels
    assert not written_paper(photo, without_ink(photo, 9)).any()

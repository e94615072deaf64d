import numpy as np

from pipeline.train.scribbles import DRAWINGS, scribble


def test_a_scribble_is_a_grey_crop_of_a_lines_size() -> None:
    for seed in range(60):
        crop = scribble(np.random.default_rng(seed))
        assert crop.dtype == np.uint8
        assert 40 <= crop.shape[0] <= 120
        assert 40 <= crop.shape[1] <= 1400


def test_the_same_seed_draws_the_same() -> None:
    first, again = (scribble(np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first, again)


def test_every_drawing_but_the_empty_paper_leaves_ink() -> None:
    for drawing in DRAWINGS:
        ink = np.zeros((64, 400), np.uint8)
        drawing(ink, np.random.default_rng(1))
        assert (ink.max() > 0) == (drawing.__name__ != "_nothing")

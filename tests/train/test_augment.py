import numpy as np
import pytest

from pipeline.train.augment import (
    add_neighbours,
    augment,
    binarize,
    bleed_through,
    change_pen,
    photograph,
    relight,
    rule,
)
from tests.train.lines import draw_line

EFFECTS = [add_neighbours, binarize, bleed_through, change_pen, photograph, relight, rule]


@pytest.mark.parametrize("effect", EFFECTS)
def test_each_effect_keeps_the_shape_and_the_writing(effect) -> None:
    crop = draw_line("effects")
    for seed in range(20):
        changed = effect(crop.copy(), np.random.default_rng(seed))
        assert changed.shape == crop.shape
        assert changed.dtype == np.uint8
        ink, paper = changed[crop < 64].mean(), changed[crop > 250].mean()
        assert ink < paper - 30, f"seed {seed} hides the writing"


@pytest.mark.parametrize("stretch", [0.8, 1.0, 1.2])
def test_augmenting_stretches_as_asked(stretch: float) -> None:
    crop = draw_line("stretched")
    changed = augment(crop, np.random.default_rng(4), stretch)
    assert changed.shape == (crop.shape[0], int(crop.shape[1] * stretch))


def test_the_same_generator_state_gives_the_same_picture() -> None:
    crop = draw_line("again")
    one, two = (augment(crop, np.random.default_rng(8)) for _ in range(2))
    assert (one == two).all()

import numpy as np
import pytest

from pipeline.train.augment import BENDING, EFFECTS, augment
from pipeline.train.ruling import KINDS, ruling
from tests.train.lines import draw_line


@pytest.mark.parametrize("name", EFFECTS)
def test_each_effect_keeps_the_shape_and_the_writing(name: str) -> None:
    crop = draw_line("effects")
    for seed in range(20):
        changed = EFFECTS[name][1](crop.copy(), np.random.default_rng(seed))
        assert changed.shape == crop.shape
        assert changed.dtype == np.uint8
        ink, paper = np.median(changed[crop < 64]), np.median(changed[crop > 250])
        assert ink < paper - 30, f"seed {seed} hides the writing"


@pytest.mark.parametrize("name", EFFECTS)
def test_each_effect_changes_something(name: str) -> None:
    crop = draw_line("changed")
    assert any((EFFECTS[name][1](crop.copy(), np.random.default_rng(seed)) != crop).any() for seed in range(5))


@pytest.mark.parametrize("name", EFFECTS)
@pytest.mark.parametrize("shape", [(8, 12), (64, 30), (30, 900), (160, 5200)])
def test_effects_take_crops_of_any_size(name: str, shape: tuple[int, int]) -> None:
    crop = np.full(shape, 230, np.uint8)
    crop[shape[0] // 3 : shape[0] // 2, 2:-2] = 40
    for seed in range(5):
        assert EFFECTS[name][1](crop, np.random.default_rng(seed)).shape == shape


@pytest.mark.parametrize("name", BENDING)
def test_a_piece_of_the_bending_changes_something(name: str) -> None:
    crop = draw_line("bent")
    others = frozenset({*BENDING, *EFFECTS} - {name})
    all_of_them = frozenset({*BENDING, *EFFECTS})

    def differs(seed: int) -> bool:
        with_it, without_it = (augment(crop, np.random.default_rng(seed), 1.0, part) for part in (others, all_of_them))
        return bool((with_it != without_it).any())

    assert any(differs(seed) for seed in range(30))


@pytest.mark.parametrize("stretch", [0.8, 1.0, 1.2])
def test_augmenting_stretches_as_asked(stretch: float) -> None:
    crop = draw_line("stretched")
    for seed in range(10):
        changed = augment(crop, np.random.default_rng(seed), stretch)
        assert changed.shape == (crop.shape[0], int(crop.shape[1] * stretch))


@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (64, 5), (20, 20)])
@pytest.mark.parametrize("grey", [0, 255])
def test_empty_and_tiny_crops_come_through(shape: tuple[int, int], grey: int) -> None:
    for seed in range(40):
        changed = augment(np.full(shape, grey, np.uint8), np.random.default_rng(seed))
        assert changed.shape == (shape[0], max(shape[1], 24))


def test_the_same_generator_state_gives_the_same_picture() -> None:
    crop = draw_line("again")
    for seed in range(10):
        one, two = (augment(crop, np.random.default_rng(seed)) for _ in range(2))
        assert (one == two).all()


def test_a_third_of_the_lines_keeps_its_paper_and_ink() -> None:
    crop = np.full((64, 400), 255, np.uint8)
    crop[30:36, 40:360:9] = 0
    only_plain = frozenset(BENDING)
    untouched = [augment(crop, np.random.default_rng(seed), 1.0, only_plain).min() == 0 for seed in range(200)]
    changed = [
        augment(crop, np.random.default_rng(seed), 1.0, only_plain | {"plain"}).min() == 0 for seed in range(200)
    ]
    assert sum(untouched) > sum(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_ruling_is_lines_on_clear_paper(kind: str) -> None:
    layer = ruling(draw_line("ruled"), kind, np.random.default_rng(5))
    assert (layer == 255).mean() > 0.5
    assert layer.min() < 250


def test_most_of_the_paper_stays_lighter_than_the_ink_whatever_comes_together() -> None:
    """A reader must be able to read almost all lines: no combination may paint over a large part of one."""
    crop = draw_line("readable")
    crop = np.hstack([crop] * 3)
    without = frozenset({*BENDING, "plain"})
    hidden = 0
    for seed in range(300):
        changed = augment(crop, np.random.default_rng(seed), 1.0, without).astype(float)
        halves = np.array_split(np.arange(crop.shape[1]), 4)
        contrasts = [
            np.median(changed[:, half][crop[:, half] > 250]) - np.median(changed[:, half][crop[:, half] < 64])
            for half in halves
        ]
        hidden += min(contrasts) < 12
    assert hidden <= 6

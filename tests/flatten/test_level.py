import numpy as np
import pytest

from pipeline.flatten import straightening
from tests.handmade import page, rule, turn


def _ink(pixels: np.ndarray) -> np.ndarray:
    return pixels[::2, ::2].min(axis=2) < 180


def _bent(pixels: np.ndarray, bow: float) -> np.ndarray:
    xs = np.arange(pixels.shape[1])
    shift = np.round(bow * np.sin(xs / pixels.shape[1] * np.pi)).astype(int)
    rows = np.clip(np.arange(pixels.shape[0])[:, None] + shift[None], 0, pixels.shape[0] - 1)
    return pixels[rows, xs[None]]


@pytest.mark.parametrize("bow", [-50, 35, 60])
def test_a_bend_is_seen_by_the_writing_alone(bow: float) -> None:
    drop = straightening(_ink(_bent(page(), bow)))
    assert drop is not None
    shares = np.linspace(0, 1, drop.shape[1])
    middle = drop[drop.shape[0] // 3] * 1600
    true = -bow * np.sin(shares * np.pi)
    inside = (shares > 0.12) & (shares < 0.85)
    error = (middle - true)[inside]
    assert np.std(error) < 3


@pytest.mark.parametrize(
    "pixels",
    [
        page(),
        rule(page()),
        turn(page(), 0.4),
        np.ascontiguousarray(np.rot90(page())),
        np.full((1600, 1240, 3), 250, np.uint8),
        page(("one short line",)),
    ],
    ids=["page", "ruled", "hardly turned", "on its side", "blank", "one line"],
)
def test_a_page_that_lies_straight_stays_as_it_is(pixels: np.ndarray) -> None:
    assert straightening(_ink(pixels)) is None

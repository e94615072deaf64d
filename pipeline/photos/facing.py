"""Two flat pages laid beside each other as those of an opened book, to be photographed as one sheet."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]
# How far the fold's shadow reaches, and how dark it is, as shares of a page's width and of the light.
REACH, DARK = (0.02, 0.07), (0.25, 0.6)


def opened(left: Pixels, right: Pixels, seed: int) -> Pixels:
    """(H, W, 3) both pages side by side, the lower one lengthened by its own paper; points of the right one move by
    the width of the left one."""
    rng = np.random.default_rng(seed)
    height = max(len(left), len(right))
    spread = np.hstack([_lengthened(left, height), _lengthened(right, height)])
    away = np.arange(spread.shape[1]) - left.shape[1]
    # Each page sinks into the fold by itself: one side of it may lie in the light, the other in the dark.
    shade = np.ones(spread.shape[1])
    for side in (away < 0, away >= 0):
        reach = rng.uniform(*REACH) * left.shape[1]
        shade[side] -= rng.uniform(*DARK) * np.exp(-np.abs(away[side]) / reach)
    return np.asarray(spread * shade[None, :, None], np.uint8)


def _lengthened(page: Pixels, height: int) -> Pixels:
    paper = np.median(page[-4:].reshape(-1, 3), axis=0)
    return np.vstack([page, np.broadcast_to(paper, (height - len(page), *page.shape[1:]))])

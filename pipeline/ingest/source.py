"""What ingest hands on: a file as a row of pages, of which one at a time is in memory."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page: pixels (H, W, 3) uint8 BGR, upright by its EXIF turn, and their dpi."""

    pixels: np.ndarray
    dpi: int


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file. `read(index)` renders one page, in any order; it raises PageError or LimitError.

    is_broad: whether it is one picture that is wider than high, which may show two facing pages.
    """

    name: str
    page_count: int
    read: Callable[[int], PageImage]
    is_broad: bool = False

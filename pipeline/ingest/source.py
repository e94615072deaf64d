"""What ingest hands on: a file as a row of pages, of which one at a time is in memory."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page: pixels (H, W, 3) uint8 BGR, upright by its EXIF turn, and their dpi.

    `stands` says that a person has turned it, so that nobody need guess which way up it is.
    """

    pixels: np.ndarray
    dpi: int
    stands: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file. `read(index)` renders one page, in any order; it raises PageError or LimitError.

    glance: for one picture that is wider than high, and so may show two facing pages: gives it as (H, W, 3) BGR, which
    may be smaller than the page.
    """

    name: str
    page_count: int
    read: Callable[[int], PageImage]
    glance: Callable[[], np.ndarray] | None = None

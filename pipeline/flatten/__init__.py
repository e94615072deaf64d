"""Photos of pages -> flat pages, with the way back for each point."""

from typing import Any

from numpy.typing import NDArray

from pipeline.flatten.facing import Fold, facing_pages, find_fold
from pipeline.flatten.level import bent, flat_picture, straightening
from pipeline.flatten.mapping import Flattening, through
from pipeline.flatten.sheet import Sheet, find_sheet
from pipeline.flatten.unbend import flattening_of

__all__ = [
    "Flattening",
    "Fold",
    "Sheet",
    "bent",
    "facing_pages",
    "find_fold",
    "find_sheet",
    "flat_picture",
    "flatten",
    "flattening_of",
    "straightening",
    "through",
]


def flatten(photo: NDArray[Any]) -> Flattening | None:
    """The flat sheet in an (H, W, 3) BGR photo; None where not all of one is clearly seen, as on a scan."""
    sheet = find_sheet(photo)
    return flattening_of(sheet.sides) if sheet and sheet.is_whole else None

"""Phone photos made from flat pages, with everything on the page still known where it went."""

from pipeline.photos.facing import opened
from pipeline.photos.geometry import Surface
from pipeline.photos.levels import LEVELS, Level
from pipeline.photos.making import Photo, photograph
from pipeline.photos.truth import moved_truth

__all__ = ["LEVELS", "Level", "Photo", "Surface", "moved_truth", "opened", "photograph"]

"""How hard a photo may be: the most of everything that goes wrong between a page and its picture."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """Upper bounds of one level of hardness.

    tilt, roll: degrees between camera and page, and of the page in the picture. curl: the steepest slope of the paper
    in degrees. desks: what may lie under the page. darkest: the least light, 1 is full. shadows: how many at most.
    blur: sigma in thousandths of the page's width. noise: standard deviation of the sensor's noise in grey levels.
    quality: JPEG's least. finger, close: how often a finger holds the page, and the picture ends before the page does.
    """

    name: str
    tilt: float
    roll: float
    curl: float
    desks: tuple[str, ...]
    darkest: float
    shadows: int
    blur: float
    noise: float
    quality: int
    finger: float
    close: float


EASY = Level("easy", 8, 2, 3, ("dark", "wood"), 0.85, 0, 0.3, 2, 88, 0.0, 0.0)
MIDDLE = Level("middle", 16, 6, 12, ("dark", "wood", "light"), 0.65, 1, 0.45, 4, 75, 0.3, 0.15)
HARD = Level("hard", 25, 12, 24, ("dark", "wood", "light", "cloth", "papers"), 0.45, 2, 0.65, 7, 55, 0.5, 0.25)
LEVELS = {level.name: level for level in (EASY, MIDDLE, HARD)}

"""Two facing pages in one picture, such as an opened book: the fold between them, and each page by itself."""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.binarize import reduced
from pipeline.flatten.mapping import Pixels, Points, through
from pipeline.flatten.sheet import LOOK, find_sheet, without_ink

# Two upright pages beside each other are wider than high, also where they are slim ones seen at a slant.
LEAST_WIDTH = 1.15
# Size at which the fold is looked for, and of how many bands from top to bottom it is one.
WIDTH, HEIGHT, BANDS = 420, 300, 30
# The fold lies about the middle and leans at most so far, as shares of the width of both pages.
MIDDLE, LEAN = 0.14, 0.06
# How much darker than the paper on both sides it is, as a share of it: in most bands, and in the mean.
DARKER, MEAN_DARKER, IN_BANDS = 0.025, 0.06, 0.8
# Lines of writing that run through it: in at most this share of the bands.
CROSSED = 0.2
# How far the fold's shadow reaches into a page, as a share of the width of both, and how much it is brightened at most.
SHADOW, BRIGHTEST = 0.07, 3.0
# Around a page cut out of a desk: how much of the picture's width stands for desk along the fold, and its colour.
STRIP, DESK = 0.02, 40


@dataclass(frozen=True, slots=True)
class Fold:
    """Where the fold meets the picture's top and bottom, as shares of its width; on_desk: whether a desk is around."""

    top: float
    bottom: float
    on_desk: bool


def find_fold(photo: Pixels) -> Fold | None:
    """The fold between two facing pages in an (H, W, 3) BGR picture; None where one page, or none, is shown.

    It is a dark valley from top to bottom about the middle of a broad sheet, which no line of writing crosses.
    """
    height, width = photo.shape[:2]
    if width < LEAST_WIDTH * height or height < 64:
        return None
    small = reduced(photo, min(1.0, 2 * LOOK / width))
    sheet = find_sheet(small)
    rows, columns = small.shape[:2]
    corners = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32)
    if sheet and sheet.is_whole:
        corners = np.array([side.start for side in sheet.sides], np.float32)
        lengths = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
        if lengths[0] + lengths[2] < LEAST_WIDTH * (lengths[1] + lengths[3]):
            return None
    target = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    bare = cv2.warpPerspective(cv2.cvtColor(without_ink(small, 9), cv2.COLOR_BGR2GRAY), matrix, (WIDTH, HEIGHT))
    valley = _valley(bare)
    if valley is None:
        return None
    grey = cv2.warpPerspective(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), matrix, (WIDTH, HEIGHT))
    if _crossed(grey, valley) > CROSSED:
        return None
    ends = through(np.linalg.inv(matrix), np.array([(valley[0], 0.0), (valley[1], float(HEIGHT))]))
    (x0, y0), (x1, y1) = ends
    lean = (x1 - x0) / (y1 - y0)
    top, bottom = x0 - lean * y0, x1 + lean * (rows - y1)
    return Fold(float(top / columns), float(bottom / columns), sheet is not None)


def facing_pages(photo: Pixels, fold: Fold) -> tuple[Pixels, Pixels]:
    """The left and the right page of an (H, W, 3) picture, each as a picture by itself.

    On a desk the fold becomes the rim of either page. On a scan, where no desk shows, its shadow is taken away: at the
    rim of a picture it would look like ink.
    """
    height, width = photo.shape[:2]
    strip = round(STRIP * width) if fold.on_desk else 0
    edge = (fold.top + (fold.bottom - fold.top) * (np.arange(height) + 0.5) / height)[:, None] * width
    if not fold.on_desk:
        photo = _without_shadow(photo, edge[:, 0])
    left_end, right_start = int(np.ceil(edge.max())), int(np.floor(edge.min()))
    across = np.arange(width)[None]
    pages = []
    for columns, beyond in (
        (slice(0, min(width, left_end + strip)), across > edge),
        (slice(max(0, right_start - strip), width), across < edge),
    ):
        page, hidden = photo[:, columns].copy(), beyond[:, columns]
        page[hidden] = DESK if fold.on_desk else np.median(page[~hidden][::97], axis=0).astype(np.uint8)
        pages.append(page)
    return pages[0], pages[1]


def _without_shadow(photo: Pixels, edge: Points) -> Pixels:
    """The picture with paper as bright beside the fold, whose column in each row is `edge`, as farther away from it."""
    height, width = photo.shape[:2]
    bright, rows = photo.copy(), np.arange(height)[:, None]
    reach = round(SHADOW * width)
    for side in (-1, 1):
        columns = np.clip(np.floor(edge)[:, None] + (side > 0) + side * np.arange(reach)[None], 0, width - 1).astype(
            int
        )
        part = photo[rows, columns].astype(np.float32)
        paper = np.median(part, axis=0)
        gain = np.clip(np.median(paper[-reach // 4 :], axis=0) / np.maximum(paper, 1), 1, BRIGHTEST)
        bright[rows, columns] = np.clip(part * gain, 0, 255).astype(np.uint8)
    return bright


def _valley(bare: Pixels) -> tuple[float, float] | None:
    """Where the dark valley meets the top and the bottom of the sheet; None where there is none."""
    bands = bare.reshape(BANDS, HEIGHT // BANDS, WIDTH).mean(axis=1).astype(np.float32)
    near, far = round(0.02 * WIDTH), round(0.08 * WIDTH)
    soft = cv2.blur(bands, (3, 1))
    beside = cv2.dilate(soft, np.ones((1, far - near + 1), np.uint8))
    # The brightest paper between `near` and `far` to the left and to the right of each place.
    middle = (near + far) // 2
    rim = np.minimum(np.roll(beside, middle, axis=1), np.roll(beside, -middle, axis=1))
    depth = (rim - soft) / np.maximum(rim, 1)
    first, last = round((0.5 - MIDDLE) * WIDTH), round((0.5 + MIDDLE) * WIDTH)
    most = round(LEAN * WIDTH)
    best: tuple[float, float, float] | None = None
    for lean in range(-most, most + 1):
        shift = np.round(lean * (np.arange(BANDS) / (BANDS - 1) - 0.5)).astype(int)
        along = np.array([row[first + by : last + by] for row, by in zip(depth, shift, strict=True)])
        score = along.mean(axis=0) - 1.0 * ((along > DARKER).mean(axis=0) < IN_BANDS)
        at = int(np.argmax(score))
        if best is None or score[at] > best[0]:
            best = float(score[at]), first + at - lean / 2, first + at + lean / 2
    return best[1:] if best and best[0] > MEAN_DARKER else None


def _crossed(grey: Pixels, valley: tuple[float, float]) -> float:
    """The share of bands in which ink stands close to the fold on both of its sides."""
    ink = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((7, 7), np.uint8)) > 30
    rows = np.arange(HEIGHT)
    at = valley[0] + (valley[1] - valley[0]) * rows / HEIGHT
    sides: list[Points] = []
    for side in (-1, 1):
        places = np.round(at[:, None] + side * np.arange(6, 16)[None]).astype(int).clip(0, WIDTH - 1)
        sides.append(ink[rows[:, None], places].any(axis=1).reshape(BANDS, -1).any(axis=1))
    return float((sides[0] & sides[1]).mean())

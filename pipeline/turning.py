"""Quarter turns of pages, clockwise: exact for pictures, and for what is known of places in them."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.document import Box
from pipeline.errors import PageError

JPEG_QUALITY = 95
_TURNS = (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)


def turned_picture(image: bytes, quarters: int) -> bytes:
    """A PNG or JPEG turned so many quarters. Raises PageError."""
    pixels = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise PageError("The stored picture of this page is damaged, so it can't be turned.")
    if quarters % 4:
        pixels = cv2.rotate(pixels, _TURNS[quarters % 4 - 1])
    if not image.startswith(b"\x89PNG"):
        return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
    bilevel = pixels.ndim == 2 and bool(((pixels == 0) | (pixels == 255)).all())
    return cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_BILEVEL, int(bilevel)])[1].tobytes()


def turned_points(points: Sequence[Sequence[float]], width: float, height: float, quarters: int) -> list[list[float]]:
    """Points (x, y) of a page of this size, as they lie on the page turned so many quarters."""
    moved = [(float(x), float(y)) for x, y in points]
    for _ in range(quarters % 4):
        moved = [(height - y, x) for x, y in moved]
        width, height = height, width
    return [[round(x, 1), round(y, 1)] for x, y in moved]


def turned_box(box: Sequence[int], width: int, height: int, quarters: int) -> Box:
    """A box (x0, y0, x1, y1) of a page of this size, on the page turned so many quarters."""
    x0, y0, x1, y1 = box
    (left, top), (right, bottom) = turned_points([(x0, y0), (x1, y1)], width, height, quarters)
    return int(min(left, right)), int(min(top, bottom)), int(max(left, right)), int(max(top, bottom))


def turned_skew(degrees: float, quarters: int) -> float:
    """How far writing is turned counter-clockwise, in (-180, 180], once its page is turned."""
    return 180.0 - (180.0 - degrees + 90 * quarters) % 360.0


def runs_level(baseline: Sequence[Sequence[float]], skew_degrees: float) -> bool:
    """Whether a line runs from left to right, less than an eighth of a turn off; one without baseline as its page."""
    if len(baseline) > 1 and list(baseline[0]) != list(baseline[-1]):
        (x0, y0), (x1, y1) = baseline[0], baseline[-1]
        return bool(x1 - x0 > abs(y1 - y0))
    return abs(skew_degrees) < 45

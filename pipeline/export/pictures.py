"""The page pictures a document is exported with, whole and in parts."""

import io
from collections.abc import Callable
from functools import lru_cache

from PIL import Image

from pipeline.document import Box, Page
from pipeline.errors import PageError

LONGEST_SIDE = 1700  # of a page shown beside its text: 150 dpi for A4
_GLANCE = (64, 64)
_END_OF_JPEG = b"\xff\xd9"


class Pictures:
    """`read` hands out a page's kept picture, PNG or JPEG; it may have other dimensions than the page.

    The page last looked at stays decoded. Raises PageError, and the errors for people that `read` raises.
    """

    def __init__(self, read: Callable[[Page], bytes]) -> None:
        self._read = read
        self._decoded = lru_cache(maxsize=1)(self._decode)

    def read(self, page: Page) -> bytes:
        """The page's picture as it is kept, whatever is in it."""
        try:
            return self._read(page)
        except OSError as error:
            reason = error.strerror or str(error)
            raise PageError(f"The picture of page {page.index + 1} can't be opened: {reason}.") from error

    def whole(self, page: Page) -> bytes:
        """The page's picture as it is kept, once it is sure that others can show it, or its beginning at least."""
        data = self.read(page)
        try:
            _glance(data)
        except (OSError, ValueError, SyntaxError):
            try:
                _glance(data + _END_OF_JPEG)
            except (OSError, ValueError, SyntaxError) as error:
                raise PageError(f"The stored picture of page {page.index + 1} is damaged.") from error
        return data

    def cut(self, page: Page, box: Box) -> bytes:
        """The part of the page inside the box, as a PNG."""
        image = self._decoded(page)
        across, down = image.width / max(page.width, 1), image.height / max(page.height, 1)
        x0, y0, x1, y1 = (round(value * scale) for value, scale in zip(box, (across, down, across, down), strict=True))
        x0, y0 = max(min(x0, image.width - 1), 0), max(min(y0, image.height - 1), 0)
        return _encode(image.crop((x0, y0, max(min(x1, image.width), x0 + 1), max(min(y1, image.height), y0 + 1))))

    def small(self, page: Page) -> bytes:
        """The whole page as a JPEG good for looking at."""
        image = self._decoded(page).convert("RGB")
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        file = io.BytesIO()
        image.save(file, "JPEG", quality=80)
        return file.getvalue()

    def _decode(self, page: Page) -> Image.Image:
        try:
            image = Image.open(io.BytesIO(self.read(page)), formats=["PNG", "JPEG"])
            image.load()
        except (OSError, ValueError, SyntaxError) as error:
            raise PageError(f"The stored picture of page {page.index + 1} is damaged.") from error
        return image


def white_picture(page: Page) -> bytes:
    """A white PNG of the page's size, to stand where its picture is lost: coordinates stay true on it."""
    return _encode(Image.new("1", (max(page.width, 1), max(page.height, 1)), 1))


def _glance(data: bytes) -> None:
    """Decode a picture, a JPEG at an eighth of its size."""
    with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as image:
        image.draft("L", _GLANCE)
        image.load()


def _encode(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()

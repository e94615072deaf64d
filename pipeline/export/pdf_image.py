"""Page pictures as PDF holds them: JPEGs as they are, everything else as rows of pixels."""

import io
from dataclasses import dataclass

from PIL import Image as Pillow
from PIL import ImageCms

from pipeline.errors import PageError


@dataclass(frozen=True, slots=True)
class Image:
    """`data` is a whole JPEG, or rows of pixels from the top, each row of whole bytes."""

    data: bytes
    width: int
    height: int
    bits: int
    is_colour: bool
    is_jpeg: bool


def read_image(data: bytes) -> Image:
    """A PNG or JPEG for a PDF. Raises PageError."""
    try:
        with Pillow.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as opened:
            if opened.format == "JPEG" and opened.mode in ("L", "RGB"):
                return Image(data, *opened.size, 8, opened.mode == "RGB", True)
            image = opened.convert(opened.mode if opened.mode in ("1", "L") else "RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise PageError("The stored picture of a page is damaged.") from error
    return Image(image.tobytes(), *image.size, 1 if image.mode == "1" else 8, image.mode == "RGB", False)


def srgb_profile() -> bytes:
    """The colour profile of usual screens and cameras."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

"""Pictures of lines: image files checked by their header alone, and crops kept packed in memory."""

import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from pipeline.ingest.pixels import to_bgr
from pipeline.train.sources.sample import HEIGHT

# What both Pillow, which looks at headers, and OpenCV, which decodes, can read. EPS would start Ghostscript.
FORMATS = ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "PPM"]
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".pgm", ".ppm"}
MOST_PIXELS = 40_000_000
_ORIENTATION = 0x0112
_SIGNATURE, _END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_HEADER = struct.Struct(">8s4x4sIIBB")  # signature, IHDR, width, height, depth, colour type
_GREY, _COLOUR = 0, 2


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A line's image file, `across` x `down` pixels; `clear` if it has transparent parts."""

    path: Path
    across: int
    down: int
    clear: bool = False

    drawn = False

    def read(self, rng: np.random.Generator) -> np.ndarray:
        """The file's pixels in grey, transparency laid on white. Raises OSError."""
        try:
            if self.clear:
                with Image.open(self.path, formats=FORMATS) as image:
                    return np.asarray(cv2.cvtColor(to_bgr(image), cv2.COLOR_BGR2GRAY))
            # OpenCV would print a warning of its own on a missing file, and say no more.
            pixels = cv2.imdecode(np.frombuffer(self.path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
        except OSError as error:
            raise OSError(f"{self.path} can't be read ({error.strerror or error})") from error
        except (cv2.error, ValueError, SyntaxError, TypeError):  # empty, or damaged in one of Pillow's many ways
            pixels = None
        if pixels is None:
            raise OSError(f"{self.path} is not a readable image")
        return np.asarray(pixels)

    def width(self) -> int:
        return self.across * HEIGHT // self.down


@dataclass(frozen=True, slots=True)
class Packed:
    """A grey crop as zlib-compressed rows of pixels: as small as a PNG, unpacked four times faster."""

    data: bytes
    across: int
    down: int

    drawn = False

    def read(self, rng: np.random.Generator) -> np.ndarray:
        return unpack(self.data, self.across, self.down)

    def width(self) -> int:
        return self.across * HEIGHT // self.down


def pack(image: np.ndarray) -> Packed:
    """A grey (H, W) uint8 crop, packed."""
    down, across = image.shape
    return Packed(zlib.compress(image.tobytes(), 1), across, down)


def unpack(data: bytes, across: int, down: int) -> np.ndarray:
    """The crop (down, across) again, writable. Raises OSError on damaged data."""
    try:
        return np.frombuffer(bytearray(zlib.decompress(data)), np.uint8).reshape(down, across)
    except (zlib.error, ValueError) as error:
        raise OSError(f"A packed picture is damaged ({error})") from error


def look_at(path: Path) -> ImageFile | str:
    """The image file by its header alone, or why it can't be used."""
    try:
        picture = _look_at_png(path) or _look_with_pillow(path)
    except FileNotFoundError:
        return "the image is not there"
    except IsADirectoryError:
        return "the image is a folder"
    except Exception as error:  # Pillow raises nearly anything on a damaged file
        return f"the image can't be read ({type(error).__name__})"
    if isinstance(picture, ImageFile) and picture.across * picture.down > MOST_PIXELS:
        return f"the image has {picture.across} x {picture.down} pixels, far more than a line"
    return picture


def _look_at_png(path: Path) -> ImageFile | str | None:
    """The file if it is a PNG in plain grey or colour, which is what most sets hold; None: let Pillow look."""
    with path.open("rb") as file:
        head = file.read(_HEADER.size)
        if not head:
            return "the image is empty: it has 0 bytes"
        if not head.startswith(_SIGNATURE):
            return None
        if file.seek(0, os.SEEK_END) <= _HEADER.size:
            return "the image is cut short"
        file.seek(-64, os.SEEK_END)
        # Some programs add something of their own after the end, so that one has to look further.
        if _END not in file.read() and _END not in path.read_bytes():
            return "the image is cut short"
    _, kind, across, down, _, colour = _HEADER.unpack(head)
    plain = kind == b"IHDR" and across and down and colour in (_GREY, _COLOUR)
    return ImageFile(path, across, down) if plain else None


def _look_with_pillow(path: Path) -> ImageFile:
    with Image.open(path, formats=FORMATS) as image:
        across, down = image.size
        if image.format == "JPEG" and image.getexif().get(_ORIENTATION, 1) > 4:
            across, down = down, across  # lies on its side; OpenCV turns it
        return ImageFile(path, across, down, image.has_transparency_data)

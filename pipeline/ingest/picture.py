"""Pictures of pages, read with Pillow: every mode to 8-bit BGR, every EXIF turn upright."""

import io
import logging
import math
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

from pipeline.errors import InklineError, LimitError, PageError, UnreadableFileError
from pipeline.ingest.pixels import to_bgr
from pipeline.ingest.source import PageImage, Source
from pipeline.settings import Settings

pillow_heif.register_heif_opener(thumbnails=False)
# What is wrong with a file is said in an error's sentence, and its size is checked against the settings' limit.
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

log = logging.getLogger(__name__)

DEFAULT_DPI = 300
SANE_DPI = range(50, 1201)
LONGEST_SHEET_INCHES = 17
GLANCE = 840  # pixels along the longer side that show what a picture is
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_END_OF_JPEG = b"\xff\xd9"


def open_picture(path: Path, name: str, settings: Settings, kind: str) -> Source:
    """A picture of the Pillow format `kind` as a source; a TIFF has as many pages as pictures, all others one.

    Raises UnreadableFileError and LimitError; the pixels are decoded, and may fail, in `read`.
    """
    try:
        with _open(path, kind) as image:
            _check_size(image.size, name, settings)
            pages = _count_pages(image, settings.max_pages) if kind == "TIFF" else 1
            is_one_broad = pages == 1 and _is_broad(image, path)
    except InklineError:
        raise
    except Image.DecompressionBombError as error:
        raise LimitError(f"{name} has more pixels than can be read.") from error
    except Exception as error:  # Pillow and its plugins raise nearly anything on a damaged file
        raise UnreadableFileError(f"{name} is damaged: it starts like a {kind} file, but can't be opened.") from error
    if pages > settings.max_pages:
        raise LimitError(f"{name} has more than {settings.max_pages} pages.")

    def read(index: int) -> PageImage:
        if not 0 <= index < pages:
            raise PageError(f"{name} has no page {index + 1}.")
        where = f"Page {index + 1} of {name}" if pages > 1 else name
        try:
            return _read(path, where, settings, kind, index)
        except InklineError:
            raise
        except Image.DecompressionBombError as error:
            raise LimitError(f"{where} has more pixels than can be read.") from error
        except Exception as error:  # as above
            log.debug("reading %s", path, exc_info=True)
            raise PageError(f"{where} is damaged and can't be shown.") from error

    return Source(name, pages, read, partial(_glance, path, kind) if is_one_broad else None)


def picture_dpi(image: Image.Image) -> int:
    """The dpi its metadata names, if that can be true: 50 to 1200, on a sheet of at most 17 inches. Else 300."""
    try:
        dpi = float(image.info["dpi"][0])
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError):
        return DEFAULT_DPI
    if not math.isfinite(dpi) or round(dpi) not in SANE_DPI or max(image.size) / dpi > LONGEST_SHEET_INCHES:
        return DEFAULT_DPI
    return round(dpi)


def _open(file: Path | io.BytesIO, kind: str) -> Image.Image:
    # Only the one format: EPS would start Ghostscript, and each further parser is a further risk.
    return Image.open(file, formats=[kind])


def _read(path: Path, where: str, settings: Settings, kind: str, index: int) -> PageImage:
    with _open(path, kind) as image:
        if index:
            image.seek(index)
        _check_size(image.size, where, settings)
        try:
            image.load()
        except OSError:
            if kind != "JPEG":
                raise
            return _read_start(path, where)
        return _upright(image, _orientation(image, path))


def _read_start(path: Path, where: str) -> PageImage:
    """What is there of a JPEG that breaks off. With an end marker the decoder fills the rest with grey."""
    with _open(io.BytesIO(path.read_bytes() + _END_OF_JPEG), "JPEG") as image:
        image.load()
        page = _upright(image, _orientation(image, path))
    if page.pixels.min() == page.pixels.max():
        raise PageError(f"{where} breaks off before its first line of pixels.")
    log.warning("%s breaks off: only its beginning is read.", where)
    return page


def _glance(path: Path, kind: str) -> np.ndarray:
    """The picture; a JPEG only as fine as it takes to see what it shows, which is decoded several times as quickly."""
    with _open(path, kind) as image:
        longer = max(image.size)
        image.draft(None, (GLANCE * image.width // longer, GLANCE * image.height // longer))
        return _upright(image, _orientation(image, path)).pixels


def _upright(image: Image.Image, orientation: int) -> PageImage:
    turn = _TURNS.get(orientation)
    return PageImage(to_bgr(image if turn is None else image.transpose(turn)), picture_dpi(image))


def _orientation(image: Image.Image, path: Path) -> int:
    """The EXIF turn still to be made, 1 to 8."""
    if image.format == "HEIF":
        # The decoder makes the turns that the container itself asks for; only without these EXIF's word counts.
        data = path.read_bytes()
        turned = b"irot" in data or b"imir" in data
        return 1 if turned else image.info.get("original_orientation") or 1
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a damaged EXIF block is no reason to lose the page
        return 1


def _is_broad(image: Image.Image, path: Path) -> bool:
    """Whether the picture is wider than high once it is upright."""
    width, height = image.size
    return width > height if _orientation(image, path) < 5 else height > width


def _check_size(size: tuple[int, int], where: str, settings: Settings) -> None:
    megapixels = size[0] * size[1] / 1e6
    if megapixels > settings.max_page_megapixels:
        raise LimitError(
            f"{where} has {megapixels:.0f} megapixels; the limit is {settings.max_page_megapixels}. Make it smaller."
        )


def _count_pages(image: Image.Image, most: int) -> int:
    """Pages of a TIFF, at most one more than `most`; a damaged one ends the count and fails when it is read."""
    for index in range(1, most + 1):
        try:
            image.seek(index)
        except EOFError:
            return index
        except Exception:  # a chain of pages that can't be followed
            return index + 1
    return most + 1

"""PDFs, rendered page by page with pdf2image (poppler): never more than one page in memory."""

import math
import os
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pdf2image import convert_from_path, pdfinfo_from_path
from pdf2image.exceptions import PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError, PopplerNotInstalledError
from PIL import Image

from pipeline.errors import LimitError, MissingProgramError, PageError, PasswordError, UnreadableFileError
from pipeline.ingest.source import PageImage, Source
from pipeline.settings import Settings

# The longest sheet people write on is A3 or ledger, 17 inches. What is longer is a photo saved without its true
# resolution (72 dpi by default): it gets as many pixels as such a sheet, or it would be blown up manyfold.
SHEET_INCHES = 17
# The PDF reference allows no longer side.
LONGEST_INCHES = 200
INFO_TIMEOUT_S = 30
RENDER_TIMEOUT_S = 120


def open_pdf(path: Path, name: str, settings: Settings, password: str, dpi: int) -> Source:
    """A PDF as a source; its pages are rendered at `dpi`, lower where a page would be larger than the settings allow.

    Raises PasswordError, LimitError, UnreadableFileError, and MissingProgramError where poppler is not installed.
    """
    path = path.absolute()
    unlocked, pages = _unlock(path, name, password)
    if pages < 1:
        raise UnreadableFileError(f"{name} holds no pages.")
    if pages > settings.max_pages:
        raise LimitError(f"{name} has {pages} pages; the limit is {settings.max_pages}.")

    def read(index: int) -> PageImage:
        if not 0 <= index < pages:
            raise PageError(f"{name} has no page {index + 1}.")
        width, height = _page_inches(path, name, unlocked, index)
        return _render(
            path, name, unlocked, index, rendering_dpi(width, height, dpi, settings, f"Page {index + 1} of {name}")
        )

    return Source(name, pages, read)


def rendering_dpi(width: float, height: float, dpi: int, settings: Settings, page: str) -> int:
    """The dpi at which a page of width x height inches is rendered when `dpi` is asked. Raises LimitError."""
    longest = max(width, height)
    if longest > LONGEST_INCHES:
        raise LimitError(f"{page} is {width:.0f} x {height:.0f} inches; a PDF page has at most {LONGEST_INCHES}.")
    fits_sheet = dpi * SHEET_INCHES / max(longest, SHEET_INCHES)
    fits_limit = math.sqrt(settings.max_page_megapixels * 1e6 / (width * height))
    return max(1, math.floor(min(fits_sheet, fits_limit)))


def _unlock(path: Path, name: str, password: str) -> tuple[str | None, int]:
    """The password that opens the file, None if it needs none, and its number of pages."""
    for attempt in [None, *_spellings(password)]:
        try:
            return attempt, int(_info(path, name, attempt)["Pages"])
        except PasswordError:
            continue
    if password:
        raise PasswordError(f"The password for {name} is not right.")
    raise PasswordError(f"{name} is protected by a password. Give its password to read it.")


def _spellings(password: str) -> list[str]:
    """The password as the bytes that may open the file: older PDFs keep it in Latin-1, newer ones in UTF-8."""
    spellings = []
    for encoding in ("utf-8", "latin-1"):
        try:
            spellings.append(os.fsdecode(password.encode(encoding)))
        except UnicodeEncodeError:
            continue
    return [spelling for spelling in dict.fromkeys(spellings) if spelling and "\0" not in spelling]


def _info(path: Path, name: str, password: str | None, page: int = 0) -> dict[str, Any]:
    """What pdfinfo says of the file, with the size of the 1-based `page` if one is given."""
    unlock: dict[str, Any] = {"userpw": password, "ownerpw": password}
    try:
        return pdfinfo_from_path(str(path), timeout=INFO_TIMEOUT_S, first_page=page, last_page=page, **unlock)
    except PopplerNotInstalledError as error:
        raise MissingProgramError("PDFs need poppler. Install it: on Debian, apt-get install poppler-utils.") from error
    except PDFPopplerTimeoutError as error:
        raise UnreadableFileError(f"{name} takes too long to open. It may be damaged.") from error
    except PDFPageCountError as error:
        if "Incorrect password" in str(error):
            raise PasswordError(f"{name} is protected by a password.") from error
        if "encryption" in str(error) or "security handler" in str(error):
            raise UnreadableFileError(f"{name} is protected in a way that can't be opened here.") from error
        raise UnreadableFileError(f"{name} is damaged: it looks like a PDF, but can't be opened.") from error


def _page_inches(path: Path, name: str, password: str | None, index: int) -> tuple[float, float]:
    """Width and height of a page before anything is rendered."""
    for key, value in _info(path, name, password, index + 1).items():
        size = re.match(r"([\d.e+]+) x ([\d.e+]+) pts", str(value))
        if size and re.fullmatch(rf"Page +{index + 1} size", key):
            width, height = float(size[1]) / 72, float(size[2]) / 72
            if width > 0 and height > 0:
                return width, height
    raise PageError(f"Page {index + 1} of {name} is damaged: it has no size.")


def _render(path: Path, name: str, password: str | None, index: int, dpi: int) -> PageImage:
    pixels = _pixels(_convert(path, name, password, index, dpi, strict=False))
    if pixels is not None and int(pixels.max()) - int(pixels.min()) < 4:
        # Poppler leaves blank what it can't draw. Only then is a second look, at its errors, worth the time.
        pixels = _pixels(_convert(path, name, password, index, dpi, strict=True))
    if pixels is None:
        raise PageError(f"Page {index + 1} of {name} is damaged and can't be shown.")
    return PageImage(pixels, dpi)


def _convert(path: Path, name: str, password: str | None, index: int, dpi: int, *, strict: bool) -> list[Image.Image]:
    """The page as a list of one picture, empty if poppler could not draw it."""
    page = index + 1
    unlock: dict[str, Any] = {"userpw": password, "ownerpw": password}
    try:
        # The crop box is what readers show, and what pdfinfo measured.
        return convert_from_path(path, dpi, first_page=page, last_page=page, use_cropbox=True, strict=strict,
                                 timeout=RENDER_TIMEOUT_S, **unlock)  # fmt: skip
    except PDFPopplerTimeoutError as error:
        raise PageError(f"Page {page} of {name} takes longer than {RENDER_TIMEOUT_S} s to draw.") from error
    except (PDFSyntaxError, PDFPageCountError, PopplerNotInstalledError, OSError, ValueError, IndexError):
        # pdf2image splits poppler's output by hand: a cut one shows up as any of the last three.
        return []


def _pixels(images: list[Image.Image]) -> np.ndarray | None:
    if not images:
        return None
    try:
        return cv2.cvtColor(np.asarray(images[0].convert("RGB")), cv2.COLOR_RGB2BGR)
    except (OSError, ValueError):
        return None

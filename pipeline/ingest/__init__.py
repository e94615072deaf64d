"""Files and addresses in, page images out, inside the limits of the settings."""

from pathlib import Path

from pipeline.errors import LimitError, SourceError, UnreadableFileError
from pipeline.ingest.download import fetch, is_address
from pipeline.ingest.facing import with_facing_pages
from pipeline.ingest.pdf import open_pdf
from pipeline.ingest.picture import open_picture
from pipeline.ingest.source import PageImage, Source
from pipeline.settings import Settings

__all__ = ["READABLE", "PageImage", "Source", "fetch", "is_address", "open_pages", "open_source"]

READABLE = "PDF, JPEG, PNG, WebP, BMP, GIF, TIFF or HEIC"

# What the first bytes tell. HEIC is told apart by the brands after "ftyp".
_PICTURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"BM": "BMP",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_OTHERS = {
    b"PK\x03\x04": "a Word, Office or zip file",
    b"\xd0\xcf\x11\xe0": "an old Word or Office file",
    b"%!PS": "a PostScript file",
    b"\xc5\xd0\xd3\xc6": "a PostScript file",
    b"<!DOCTYPE html": "a web page",
    b"<html": "a web page",
    b"<svg": "an SVG drawing",
    b"{\\rtf": "a text document",
}


def open_source(path: Path, settings: Settings, *, password: str = "", dpi: int = 300, name: str = "") -> Source:
    """Open a file by its content, whatever its suffix says; `dpi` is for PDFs, `name` stands in messages.

    Raises SourceError (not there), LimitError, PasswordError and UnreadableFileError.
    """
    name = name or path.name
    head = _head(path, name, settings)
    kind = _kind(head)
    if kind == "PDF":
        return open_pdf(path, name, settings, password, dpi)
    if kind:
        return open_picture(path, name, settings, kind)
    raise UnreadableFileError(f"{name} is {_description(path, head)}. Inkline reads {READABLE} files.")


def open_pages(path: Path, settings: Settings, *, password: str = "", dpi: int = 300, name: str = "") -> Source:
    """Open a file to read what is written in it: as `open_source`, but a picture of two facing pages is two pages."""
    return with_facing_pages(open_source(path, settings, password=password, dpi=dpi, name=name))


def _head(path: Path, name: str, settings: Settings) -> bytes:
    """The first 1024 bytes of a file that is there and not too large."""
    try:
        if path.is_dir():
            raise SourceError(f"{name} is a folder. Name the files in it.")
        if not path.exists():
            raise SourceError(f"{name} is not there.")
        if not path.is_file():
            raise SourceError(f"{name} is not a regular file.")
        size = path.stat().st_size
        if size == 0:
            raise UnreadableFileError(f"{name} is empty: it has 0 bytes.")
        if size > settings.max_file_mb * 2**20:
            raise LimitError(f"{name} has {size / 2**20:.0f} MB; the limit is {settings.max_file_mb} MB.")
        with path.open("rb") as file:
            return file.read(1024)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError(f"{name} can't be opened: {reason}.") from error


def _kind(head: bytes) -> str:
    """ "PDF", a Pillow format, or nothing."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and _HEIC_BRANDS & {head[i : i + 4] for i in range(8, 64, 4)}:
        return "HEIF"
    picture = next((kind for start, kind in _PICTURES.items() if head.startswith(start)), "")
    # Readers accept a PDF whose header comes after some other bytes.
    return picture or ("PDF" if b"%PDF-" in head else "")


def _description(path: Path, head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    for signature, words in _OTHERS.items():
        if start.startswith(signature.lower()):
            return words
    if path.suffix.lower() == ".pdf":
        return "no PDF, though its name says so"
    return "neither a PDF nor a picture that can be opened"

"""Documents from elsewhere into the store: a library's archive, or PAGE XML and ALTO with pictures of their pages."""

import logging
import re
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from pipeline.document import Document, Page
from pipeline.errors import InklineError, LimitError, PageError, UnreadableFileError
from pipeline.exchange_files import Contents, document_name, opened, uploads
from pipeline.exchange_library import Imported, import_library, is_library
from pipeline.exchange_page import read_page
from pipeline.ingest import open_source
from pipeline.jobs.reading import encode
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.train.sources import alto, page_xml
from pipeline.train.sources.pages import ASIDE, FORMATS, find_picture
from pipeline.train.sources.xml import Element, XmlError, local, parse

__all__ = ["Imported", "import_transcribed", "take_in", "uploads"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A page as far as it is known: its place among the files, and the file of its picture as the store keeps it."""

    place: int
    page: Page
    picture: Path


def take_in(path: Path, store: Store, settings: Settings, *, name: str = "", called: str = "") -> list[Imported]:
    """The documents of a library's archive, or the one that PAGE XML or ALTO makes.

    That one gets the name `name`, else that of its file. Messages name the file as `called`, else as it is.
    Raises SourceError, UnreadableFileError or LimitError if nothing can be taken; then nothing has changed.
    """
    if is_library(path):
        return import_library(path, store, settings, called or path.name)
    return [import_transcribed(path, store, settings, name=name, called=called)]


def import_transcribed(path: Path, store: Store, settings: Settings, *, name: str = "", called: str = "") -> Imported:
    """Make a document of a zip, a folder or one XML file; its pages are in the order of their file names.

    Raises SourceError, UnreadableFileError or LimitError if not one page can be taken.
    """
    called = called or path.name
    with opened(path, settings, called) as (folder, files), TemporaryDirectory(prefix="inkline-") as made:
        taken, told = _read_files(files, folder, Path(made), settings, called)
        problems = [problem for _, problem in sorted(told)]
        if not taken:
            if files == [path] and problems:
                raise UnreadableFileError(problems[0])
            if problems:
                raise UnreadableFileError(f"No page of {called} can be taken. {problems[0]}")
            raise UnreadableFileError(f"There is neither PAGE XML nor ALTO in {called}.")
        taken.sort(key=lambda found: found.place)
        pages = tuple(replace(found.page, index=index) for index, found in enumerate(taken))
        document = Document(name or document_name(path), pages)
        document_id = store.create_finished_document(document, Contents([found.picture for found in taken]))
    lines = sum(len(page.lines) for page in pages)
    return Imported(document_id, document.name, len(pages), lines, tuple(problems))


def _read_files(
    files: list[Path], folder: Path, made: Path, settings: Settings, called: str
) -> tuple[list[_Taken], list[tuple[int, str]]]:
    """The pages that can be taken, and a sentence about each file that can't, with its place among the files.

    Where a picture has both formats, the PAGE file counts if it can be read.
    """
    taken: list[_Taken] = []
    problems: list[tuple[int, str]] = []
    in_page_xml: set[Path] = set()
    for place, file in sorted(enumerate(files), key=lambda found: not _is_page_xml(found[1])):
        try:
            root = _root(file)
            if root is None:
                continue
            source = _picture_of(file, root)
            if local(root) == alto.ROOT and source in in_page_xml:
                continue
            page, picture = _page(root, source, made / f"{place}.picture", settings)
        except (InklineError, XmlError) as error:
            problems.append((place, f"{file.relative_to(folder)}: {error}".rstrip(".") + "."))
            continue
        except Exception as error:  # one bad page must not lose the others
            log.debug("importing %s", file, exc_info=True)
            fault = f"{type(error).__name__}: {error}"
            problems.append((place, f"{file.relative_to(folder)} met a fault in Inkline ({fault})."))
            continue
        taken.append(_Taken(place, page, picture))
        if local(root) == page_xml.ROOT:
            in_page_xml.add(source)
        if len(taken) > settings.max_pages:
            raise LimitError(f"There are more than {settings.max_pages} pages in {called}.")
    return taken, problems


def _is_page_xml(file: Path) -> bool:
    try:
        with file.open("rb") as start:
            return re.search(rb"<(\w+:)?" + page_xml.ROOT.encode(), start.read(4096)) is not None
    except OSError:  # which is said when the file is read
        return False


def _root(file: Path) -> Element | None:
    """The file as XML; None for what exports put beside their pages."""
    root = parse(file)
    if local(root) in ASIDE:
        return None
    if local(root) not in FORMATS:
        raise UnreadableFileError(f"it is neither PAGE XML nor ALTO (<{local(root)}>)")
    return root


def _picture_of(file: Path, root: Element) -> Path:
    name = FORMATS[local(root)].image_name(root)
    picture = find_picture(file, name)
    if picture is None:
        raise PageError(f"its picture {name or file.stem + '.jpg'} is not there")
    return picture.resolve()


def _page(root: Element, picture: Path, kept: Path, settings: Settings) -> tuple[Page, Path]:
    """A page, and the file of its picture as the store keeps it: the file itself, or a copy made at `kept`."""
    source = open_source(picture, settings, name=picture.name)
    if source.page_count > 1:
        pages = f"{picture.name}, which has {source.page_count} pages"
        raise PageError(f"its picture is {pages}. Save each page as a picture of its own")
    image = source.read(0)
    page = read_page(root, (image.pixels.shape[1], image.pixels.shape[0]), image.dpi, picture.name)
    if _is_storable(picture, (page.width, page.height)):
        return page, picture
    kept.write_bytes(encode(image.pixels))
    return page, kept


def _is_storable(picture: Path, size: tuple[int, int]) -> bool:
    """Whether the file can be kept as it is: a JPEG or PNG in grey or plain colours that is not to be turned."""
    try:
        with Image.open(picture, formats=["JPEG", "PNG"]) as image:
            is_plain = image.mode in ("1", "L", "RGB") and "transparency" not in image.info
            return is_plain and image.size == size and image.getexif().get(0x0112, 1) == 1
    except (OSError, ValueError, SyntaxError):  # a PDF, a HEIC, or one that the reader has mended
        return False

"""Documents that others have transcribed: PAGE XML or ALTO with the pictures of their pages, into the store."""

import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

from PIL import Image

from pipeline.document import Document, Page
from pipeline.errors import InklineError, LimitError, PageError, SourceError, UnreadableFileError
from pipeline.exchange_page import read_lines_and_figures
from pipeline.ingest import open_source
from pipeline.jobs.reading import encode
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.train.sources import page_xml
from pipeline.train.sources.pages import ASIDE, FORMATS, SUFFIXES, find_picture
from pipeline.train.sources.xml import Element, XmlError, local, parse

# Of a zip's entries; a hundred times is more than text and pictures ever shrink.
MOST_GROWTH = 100
MOST_FILES_A_PAGE = 4


@dataclass(frozen=True, slots=True)
class Imported:
    """A new document, and a sentence about each file of it that could not be taken."""

    document_id: str
    pages: int
    lines: int
    problems: tuple[str, ...]


class _Files(Sequence[bytes]):
    """The contents of files, read one at a time when asked for."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self._paths[index].read_bytes()


def import_transcribed(path: Path, store: Store, settings: Settings, *, name: str = "") -> Imported:
    """Make a document of a zip, a folder or one XML file; its pages are in the order of their file names.

    Raises SourceError, UnreadableFileError or LimitError if not one page can be taken.
    """
    with _opened(path, settings) as (folder, files), TemporaryDirectory(prefix="inkline-") as made:
        pages: list[Page] = []
        pictures: list[Path] = []
        problems: list[str] = []
        for file in files:
            where = file.relative_to(folder)
            try:
                root = _root(file)
                if root is None:
                    continue
                page, picture = _page(file, root, len(pages), Path(made), settings)
            except (InklineError, XmlError) as error:
                problems.append(f"{where}: {error}".rstrip(".") + ".")
                continue
            pages.append(page)
            pictures.append(picture)
            if len(pages) > settings.max_pages:
                raise LimitError(f"{path.name} has more than {settings.max_pages} pages.")
        if not pages:
            if problems:
                raise UnreadableFileError(f"No page of {path.name} can be taken. {problems[0]}")
            raise UnreadableFileError(f"{path.name} holds neither PAGE XML nor ALTO.")
        document = Document(name or _stem(path), tuple(pages))
        document_id = store.create_finished_document(document, _Files(pictures))
    return Imported(document_id, len(pages), sum(len(page.lines) for page in pages), tuple(problems))


@contextmanager
def uploads(files: Sequence[tuple[str, BinaryIO]]) -> Iterator[list[tuple[Path, str]]]:
    """Uploads by their file names, as paths to import and names for the documents.

    Each zip is a document of its own, all other files together are one; they are gone when the context ends.
    """
    with TemporaryDirectory(prefix="inkline-") as folder:
        loose = Path(folder) / "loose"
        loose.mkdir()
        sources: list[tuple[Path, str]] = []
        singles: list[str] = []
        for number, (given, stream) in enumerate(files):
            name = Path(given).name or "upload"
            is_zip = name.lower().endswith(".zip")
            path = Path(folder) / f"{number}.zip" if is_zip else loose / name
            with path.open("wb") as file:
                shutil.copyfileobj(stream, file)
            if is_zip:
                sources.append((path, _stem(Path(name))))
            else:
                singles.append(_stem(Path(name)))
        yield [*sources, (loose, singles[0])] if singles else sources


@contextmanager
def _opened(path: Path, settings: Settings) -> Iterator[tuple[Path, list[Path]]]:
    """A folder and its XML files; a zip is unpacked for as long as it is needed."""
    if path.is_dir():
        yield path, _pages_first(sorted(path.rglob("*.xml")))
    elif not path.is_file():
        raise SourceError(f"{path} is not there.")
    elif not zipfile.is_zipfile(path):
        yield path.parent, [path]
    else:
        with TemporaryDirectory(prefix="inkline-") as name:
            # A level down: pictures are looked for one folder above their XML, too, which must be ours.
            unpacked = Path(name) / "files"
            unpacked.mkdir()
            _unpack(path, unpacked, settings)
            yield unpacked, _pages_first(sorted(unpacked.rglob("*.xml")))


def _unpack(path: Path, folder: Path, settings: Settings) -> None:
    """Only XML and pictures, and no more than the limits allow; names can't lead out of the folder."""
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = [
                entry
                for entry in archive.infolist()
                if PurePosixPath(entry.filename).suffix.lower() in (".xml", *SUFFIXES) and not entry.is_dir()
            ]
            if len(wanted) > MOST_FILES_A_PAGE * settings.max_pages:
                raise LimitError(f"{path.name} holds {len(wanted):,} files, which is more than can be taken.")
            size, packed = sum(entry.file_size for entry in wanted), path.stat().st_size
            if size > max(MOST_GROWTH * packed, 2**20) or size > 4 * settings.max_file_mb * 2**20:
                raise LimitError(f"{path.name} unpacks to {size / 2**20:.0f} MB, which is more than can be taken.")
            for entry in wanted:
                target = Path(archive.extract(entry, folder))
                if target.suffix == ".XML":
                    shutil.move(target, target.with_suffix(".xml"))
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
        raise UnreadableFileError(f"{path.name} can't be unpacked: {error}.") from error


def _pages_first(files: list[Path]) -> list[Path]:
    """Each page once: where a folder has it in both formats, the PAGE file counts."""
    in_page_xml = {file.stem for file in files if _is_page_xml(file)}
    return [file for file in files if file.stem not in in_page_xml or _is_page_xml(file)]


def _is_page_xml(file: Path) -> bool:
    with file.open("rb") as opened:
        return re.search(rb"<(\w+:)?" + page_xml.ROOT.encode(), opened.read(4096)) is not None


def _root(file: Path) -> Element | None:
    """The file as XML; None for what exports put beside their pages."""
    root = parse(file)
    if local(root) in ASIDE:
        return None
    if local(root) not in FORMATS:
        raise UnreadableFileError(f"it is neither PAGE XML nor ALTO (<{local(root)}>)")
    return root


def _page(file: Path, root: Element, index: int, made: Path, settings: Settings) -> tuple[Page, Path]:
    """A page, and the file of its picture as the store keeps it."""
    format_ = FORMATS[local(root)]
    name = format_.image_name(root)
    picture = find_picture(file, name)
    if picture is None:
        raise PageError(f"its picture {name or file.stem + '.jpg'} is not there")
    image = open_source(picture, settings, name=picture.name).read(0)
    height, width = image.pixels.shape[:2]
    scale = _scale(format_.page_size(root), format_.dots_per_unit(root), (width, height), image.dpi, picture.name)
    lines, figures = read_lines_and_figures(root, scale, (width, height))
    if not _is_storable(picture, (width, height)):
        kept = made / f"{index}.picture"
        kept.write_bytes(encode(image.pixels))
        picture = kept
    return Page(index, width, height, image.dpi, 0.0, lines, figures), picture


def _scale(
    page: tuple[float, float] | None, dots: float | None, picture: tuple[int, int], dpi: int, name: str
) -> tuple[float, float]:
    """Pixels of the picture a unit of the page, across and down. Raises PageError if they can't be the same page."""
    if page is None:
        return (1.0, 1.0) if dots is None else (dpi * dots, dpi * dots)
    scale = picture[0] / page[0], picture[1] / page[1]
    if abs(scale[0] / scale[1] - 1) > 0.02:
        sizes = f"{page[0]:g} x {page[1]:g}, but its picture {name} is {picture[0]} x {picture[1]} pixels"
        raise PageError(f"the page is {sizes}")
    return scale


def _is_storable(picture: Path, size: tuple[int, int]) -> bool:
    """Whether the file can be kept as it is: a JPEG or PNG in grey or plain colours that is not to be turned."""
    with Image.open(picture) as image:
        plain = image.format in ("JPEG", "PNG") and image.mode in ("1", "L", "RGB")
        return plain and image.size == size and image.getexif().get(0x0112, 1) == 1 and "transparency" not in image.info


def _stem(path: Path) -> str:
    """A name without what our own exports put after it."""
    return path.name if path.is_dir() else re.sub(r"\.(page|alto)$", "", path.stem)

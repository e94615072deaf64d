"""Folders of PAGE XML or ALTO files with their page pictures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.train.sources import alto, page_xml
from pipeline.train.sources.cutting import TrueLine, TruePage, cut_page
from pipeline.train.sources.sample import BadRow, Mode, Read
from pipeline.train.sources.xml import Element, XmlError, local, parse

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".heic")
# Where export programs put pictures, seen from the folder of the XML file.
PLACES = (".", "..", "images", "../images", "../img", "../image")


@dataclass(frozen=True, slots=True)
class Format:
    """How one kind of XML file tells its picture and its lines."""

    image_name: Callable[[Element], str]
    page_size: Callable[[Element], tuple[float, float] | None]
    true_lines: Callable[[Element, Mode], list[TrueLine]]
    dots_per_unit: Callable[[Element], float | None] = lambda root: None


FORMATS = {
    page_xml.ROOT: Format(page_xml.image_name, page_xml.page_size, page_xml.true_lines),
    alto.ROOT: Format(alto.image_name, alto.page_size, alto.true_lines, alto.dots_per_unit),
}
# What exports put beside the pages: tables of contents, not pages that failed.
ASIDE = {"mets", "METS", "TrpDocMetadata", "trpDocMetadata", "metadata"}


def is_pages(folder: Path) -> bool:
    return any(folder.rglob("*.xml"))


def read_pages(folder: Path, mode: Mode) -> Read:
    """Every line or word of every PAGE or ALTO file in the folder or below it.

    Where a page has both, as some exports do, the PAGE file counts, so that no line comes twice.
    """
    read = Read([], [])
    roots: dict[Path, Element] = {}
    for file in sorted(folder.rglob("*.xml")):
        try:
            root = parse(file)
        except XmlError as error:
            read.bad.append(BadRow(file, "", str(error)))
            continue
        if local(root) in FORMATS:
            roots[file] = root
        elif local(root) not in ASIDE:
            read.bad.append(BadRow(file, "", f"it is neither PAGE XML nor ALTO (<{local(root)}>)"))
    pages = {file.stem for file, root in roots.items() if local(root) == page_xml.ROOT}
    for file, root in roots.items():
        if local(root) == alto.ROOT and file.stem in pages:
            continue
        for part in _read_file(file, root, folder, mode):
            read.samples.extend(part.samples)
            read.bad.extend(part.bad)
    return read


def _read_file(file: Path, root: Element, folder: Path, mode: Mode) -> Iterator[Read]:
    format_ = FORMATS[local(root)]
    lines = format_.true_lines(root, mode)
    if not lines:
        return
    name = format_.image_name(root)
    picture = find_picture(file, name)
    if picture is None:
        missing = f"its picture {name or file.stem + '.*'} is not there"
        yield Read([], [BadRow(file, line.name, missing) for line in lines])
        return
    size = format_.page_size(root)
    yield cut_page(TruePage(file, picture, folder.resolve().name, file.stem, lines, size, format_.dots_per_unit(root)))


def find_picture(file: Path, name: str) -> Path | None:
    """The page picture by the name the file gives, else by the file's own stem, in the usual places."""
    places = [file.parent / place for place in PLACES]
    # A name without folders: what a stranger's file says must not lead elsewhere.
    named = [place / name for place in places if name and name not in (".", "..")]
    stemmed = [place / (file.stem + suffix) for suffix in SUFFIXES for place in places]
    shouted = [path.with_suffix(path.suffix.upper()) for path in stemmed]
    return next((path for path in (*named, *stemmed, *shouted) if path.is_file()), None)

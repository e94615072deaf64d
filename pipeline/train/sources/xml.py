"""XML from strangers: no entities, no DTDs fetched, no network, and whatever namespace a year brought."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

LARGEST_FILE = 100 * 2**20
# lxml has no types of its own.
Element = Any


class XmlError(Exception):
    """Why a file can't be read as XML, as the end of a sentence."""


def parse(path: Path) -> Element:
    """The root element. Raises XmlError, also for a file that declares entities, which could grow without bound."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise XmlError(f"it is larger than {LARGEST_FILE >> 20} MB")
        data = path.read_bytes()
        if b"<!ENTITY" in data:
            raise XmlError("it declares entities, which is not safe to read")
        root = etree.fromstring(data, parser)
    except OSError as error:
        raise XmlError(f"it can't be opened ({error.strerror})") from error
    except etree.XMLSyntaxError as error:
        raise XmlError(f"it is not valid XML ({error.msg})") from error
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise XmlError("it declares entities, which is not safe to read")
    if next(root.iter(etree.Entity), None) is not None:
        raise XmlError("it uses entities that it does not declare")
    return root


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return etree.QName(element).localname


def children(element: Element, name: str) -> list[Element]:
    """Direct children of that name, in any namespace."""
    return element.findall(f"{{*}}{name}")


def descendants(element: Element, name: str) -> Iterator[Element]:
    """All elements of that name below, in the order of the file."""
    return element.iter(f"{{*}}{name}")


def number(element: Element, name: str) -> float | None:
    """An attribute as a finite number, or None."""
    try:
        value = float(element.get(name, ""))
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None

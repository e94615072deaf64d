"""Small makers of what a PDF file consists of."""

from collections.abc import Mapping
from typing import Any

from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, StreamObject


def dictionary(entries: Mapping[str, Any]) -> DictionaryObject:
    """PDF objects by their names, each with its slash."""
    return DictionaryObject({NameObject(name): value for name, value in entries.items()})


def stream(data: bytes, entries: Mapping[str, Any] | None = None, *, packed: bool = True) -> StreamObject:
    """Bytes in a file, deflated unless they come packed."""
    plain = DecodedStreamObject()
    plain.set_data(data)
    made: StreamObject = plain.flate_encode() if packed else plain
    made.update(dictionary(entries or {}))
    return made

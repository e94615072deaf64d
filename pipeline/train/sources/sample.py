"""A labelled line, wherever its picture comes from, and what is said of rows that can't be used."""

import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import numpy as np

log = logging.getLogger(__name__)

Mode = Literal["line", "word"]
HEIGHT = 64  # pixels; widths are compared at this height


class Picture(Protocol):
    """Where a line's pixels come from. `drawn` is true of pen strokes, which look different each time."""

    @property
    def drawn(self) -> bool: ...

    def read(self, rng: np.random.Generator) -> np.ndarray:
        """Grey (H, W) uint8, dark ink on light paper. Raises OSError."""
        ...

    def width(self) -> int:
        """Pixels at 64 px height, without decoding the picture."""
        ...


class Shown(Protocol):
    """Whatever has a picture."""

    def image(self, rng: np.random.Generator) -> np.ndarray: ...


S = TypeVar("S", bound=Shown)


@dataclass(frozen=True, slots=True)
class Sample:
    """One line and its text. `group` names its data set, `name` the file or place it comes from.

    `kind` is what the data calls its sort of line ("text", "math"), where it tells sorts apart.
    """

    text: str
    writer: str
    group: str
    picture: Picture
    name: str = ""
    kind: str = ""

    def image(self, rng: np.random.Generator) -> np.ndarray:
        """Grey crop (H, W) uint8; strokes are drawn afresh with `rng`. Raises OSError on an unreadable file."""
        return self.picture.read(rng)

    def width(self) -> int:
        """Width in pixels at 64 px height, before augmentation."""
        return self.picture.width()

    @property
    def strokes(self) -> bool:
        """Whether the picture is drawn afresh each time."""
        return self.picture.drawn


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that can't be used: its file, which row or line of it (empty: all of it), and why."""

    file: Path | str
    row: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, {self.row}: {self.reason}." if self.row else f"{self.file}: {self.reason}."


@dataclass(frozen=True, slots=True)
class Read:
    """What a source gave: the lines that can be used, and the rows that can't."""

    samples: list[Sample]
    bad: list[BadRow]


def clean_text(text: str) -> str:
    """NFC, with every run of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def readable(samples: Sequence[S]) -> list[S]:
    """Those whose pictures can be decoded; the others are named and left out."""
    broken = [why_broken(sample) for sample in samples]
    for reason in filter(None, broken):
        _say_once(f"{reason}. The line is left out.")
    return [sample for sample, reason in zip(samples, broken, strict=True) if not reason]


def decoded(read: Read) -> Read:
    """The same, with lines whose pictures can't be decoded among the bad rows."""
    broken = [why_broken(sample) for sample in read.samples]
    both = list(zip(read.samples, broken, strict=True))
    bad = [BadRow(sample.name, "", reason) for sample, reason in both if reason]
    return Read([sample for sample, reason in both if not reason], [*read.bad, *bad])


def why_broken(sample: Shown) -> str:
    """Why a line's picture can't be decoded; "" if it can."""
    try:
        sample.image(np.random.default_rng(0))
    except OSError as error:
        return str(error)
    return ""


def first_readable(samples: Sequence[S], index: int, rng: np.random.Generator) -> tuple[S, np.ndarray]:
    """Sample `index` with its picture; if that is broken it is named, and the next readable one takes its place.

    Raises OSError if not one picture can be read.
    """
    for place in range(index, index + len(samples)):
        sample = samples[place % len(samples)]
        try:
            return sample, sample.image(rng)
        except OSError as error:
            _say_once(f"{error}. The line is left out.")
    raise OSError("Not one picture of a line can be read any more")


@lru_cache(maxsize=1024)
def _say_once(sentence: str) -> None:
    log.warning(sentence)

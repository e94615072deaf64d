"""A reader at work on labelled lines: what it read, how sure it was, how many edits are missing, how long it took."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pipeline.document import Transcription
from pipeline.engines import Engine, lines_at_once
from pipeline.train.metrics import collapse, error_counts


class LabelledLine(Protocol):
    """What is asked of a sample: its text, its writer ("" if not known), the name of its file, and its picture."""

    @property
    def text(self) -> str: ...

    @property
    def writer(self) -> str: ...

    @property
    def name(self) -> str: ...

    def image(self, rng: np.random.Generator) -> np.ndarray:
        """(H, W) grey uint8. Raises OSError on an unreadable file."""
        ...


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line as it was read; `number` is its place in the set, and what pen strokes are drawn by."""

    sample: LabelledLine
    number: int
    truth: str
    read: str
    confidence: float
    edits: int
    word_edits: int
    words: int

    @property
    def file(self) -> str:
        return self.sample.name or f"line {self.number + 1}"

    @property
    def writer(self) -> str:
        return self.sample.writer

    @property
    def cer(self) -> float:
        return self.edits / max(len(self.truth), 1)

    def crop(self) -> np.ndarray:
        """The very picture that was read, (H, W) grey uint8."""
        return self.sample.image(np.random.default_rng(self.number))


@dataclass(frozen=True, slots=True)
class SetResult:
    """The lines of one data set that were read, and a sentence for each that could not be."""

    name: str
    lines: tuple[LineResult, ...]
    bad: tuple[str, ...]
    batches: tuple[tuple[int, float], ...]  # lines and seconds of each call of the reader


@dataclass(frozen=True, slots=True)
class Speed:
    """Time in the reader alone, without decoding image files. Of a batch, each line took an equal part."""

    lines_per_second: float
    median_ms: float
    p95_ms: float


def measure(
    name: str,
    samples: Sequence[LabelledLine],
    engine: Engine,
    on_batch: Callable[[list[LineResult], list[str]], None],
    bad_rows: Sequence[str] = (),
) -> SetResult:
    """Read a set in batches. After each, `on_batch` gets its results and a sentence for each unreadable image.

    `bad_rows` are the sentences on rows of the set that never became samples.
    """
    lines: list[LineResult] = []
    bad = list(bad_rows)
    batches = []
    at_once = lines_at_once(engine)
    for start in range(0, len(samples), at_once):
        chosen, crops, failed = [], [], []
        for number, sample in enumerate(samples[start : start + at_once], start):
            try:
                crops.append(sample.image(np.random.default_rng(number)))
                chosen.append((number, sample))
            except OSError as error:
                failed.append(f"{error}.".replace("..", "."))
        began = time.perf_counter()
        readings = engine.transcribe(crops) if crops else []
        if crops:
            batches.append((len(crops), time.perf_counter() - began))
        found = [compare(sample, number, reading) for (number, sample), reading in zip(chosen, readings, strict=True)]
        lines += found
        bad += failed
        on_batch(found, failed)
    return SetResult(name, tuple(lines), tuple(bad), tuple(batches))


def compare(sample: LabelledLine, number: int, reading: Transcription) -> LineResult:
    edits, _ = error_counts(sample.text, reading.text)
    word_edits, words = error_counts(sample.text, reading.text, words=True)
    truth, read = collapse(sample.text), collapse(reading.text)
    return LineResult(sample, number, truth, read, reading.confidence, edits, word_edits, words)


def speed(sets: Sequence[SetResult]) -> Speed:
    """Over all batches of the sets; zeros where nothing was read."""
    batches = [batch for part in sets for batch in part.batches]
    each = [1000 * seconds / count for count, seconds in batches for _ in range(count)]
    if not each:
        return Speed(0.0, 0.0, 0.0)
    median, p95 = np.percentile(each, (50, 95))
    return Speed(1000 / float(np.mean(each)), float(median), float(p95))

"""Lines counted together: rates of a set and of each writer, which characters go wrong, errors by line length."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.train.metrics import confidence_interval, expected_calibration_error, share_of_errors_in_least_certain
from pipeline.train.report.alignment import Step, align, kind_of_error
from pipeline.train.report.measure import LineResult, SetResult

Interval = tuple[float, float]
QUALITIES = (0.02, 0.05, 0.1, 0.2, 0.5)  # CER at which one group of lines ends and the next begins
LENGTHS = (10, 20, 30, 40, 50, 60)  # where one group of line lengths ends and the next begins, in characters


@dataclass(frozen=True, slots=True)
class Rates:
    """Error rates of some lines, 0..1 (more where more is added than there was), with their 95 % intervals."""

    name: str
    lines: int
    writers: int
    characters: int
    edits: int
    cer: float
    cer_interval: Interval
    wer: float
    wer_interval: Interval
    faultless: float  # share of lines without an error
    calibration_error: float
    errors_in_least_certain_fifth: float


@dataclass(frozen=True, slots=True)
class Writer:
    """One hand of a set."""

    set_name: str
    name: str
    lines: int
    cer: float
    wer: float
    confidence: float  # mean over lines


@dataclass(frozen=True, slots=True)
class Errors:
    """Every edit of some lines, counted. A letter's place in `letters` is (times in the truth, times not read)."""

    steps: Counter[Step]
    kinds: Counter[str]
    letters: dict[str, tuple[int, int]]


def rates(name: str, lines: Sequence[LineResult], writers: Sequence[str]) -> Rates:
    """Rates of lines with one writer each ("" where not known)."""
    edits, lengths = [line.edits for line in lines], [len(line.truth) for line in lines]
    word_edits, words = [line.word_edits for line in lines], [line.words for line in lines]
    sure = [line.confidence for line in lines]
    return Rates(
        name=name,
        lines=len(lines),
        writers=len(set(writers) - {""}),
        characters=sum(lengths),
        edits=sum(edits),
        cer=sum(edits) / max(sum(lengths), 1),
        cer_interval=confidence_interval(edits, lengths, writers),
        wer=sum(word_edits) / max(sum(words), 1),
        wer_interval=confidence_interval(word_edits, words, writers),
        faultless=edits.count(0) / max(len(lines), 1),
        calibration_error=expected_calibration_error(sure, [line.cer for line in lines]),
        errors_in_least_certain_fifth=share_of_errors_in_least_certain(sure, edits),
    )


def rates_of_set(part: SetResult) -> Rates:
    return rates(part.name, part.lines, [line.writer for line in part.lines])


def rates_of_all(sets: Sequence[SetResult]) -> Rates:
    """All lines of all sets in one; a writer of one set is another person than a writer of that name in another."""
    lines = [line for part in sets for line in part.lines]
    writers = [line.writer and f"{part.name}\t{line.writer}" for part in sets for line in part.lines]
    return rates("all lines", lines, writers)


def by_writer(sets: Iterable[SetResult]) -> list[Writer]:
    """Each known hand of each set, the worst read first."""
    hands: dict[tuple[str, str], list[LineResult]] = {}
    for part in sets:
        for line in part.lines:
            if line.writer:
                hands.setdefault((part.name, line.writer), []).append(line)
    found = [
        Writer(
            set_name,
            name,
            len(lines),
            sum(line.edits for line in lines) / max(sum(len(line.truth) for line in lines), 1),
            sum(line.word_edits for line in lines) / max(sum(line.words for line in lines), 1),
            sum(line.confidence for line in lines) / len(lines),
        )
        for (set_name, name), lines in hands.items()
    ]
    return sorted(found, key=lambda writer: -writer.cer)


def count_errors(lines: Iterable[LineResult]) -> Errors:
    steps: Counter[Step] = Counter()
    there: Counter[str] = Counter()
    for line in lines:
        there.update(line.truth)
        if line.edits:
            steps.update(step for step in align(line.truth, line.read) if step.kind != "same")
    kinds: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for step, count in steps.items():
        kinds[kind_of_error(step)] += count
        lost[step.truth] += count
    return Errors(steps, kinds, {letter: (count, lost[letter]) for letter, count in there.items()})


def by_length(lines: Sequence[LineResult]) -> list[tuple[str, int, float]]:
    """(characters a line, lines, CER) for each length of line that occurs, short ones first."""
    groups = []
    for low, high in zip((0, *LENGTHS), (*LENGTHS, None), strict=True):
        some = [line for line in lines if low <= len(line.truth) and (high is None or len(line.truth) < high)]
        if some:
            label = f"{low}+" if high is None else f"{max(low, 1)}–{high - 1}"
            groups.append((label, len(some), sum(x.edits for x in some) / max(sum(len(x.truth) for x in some), 1)))
    return groups


def by_quality(lines: Sequence[LineResult]) -> list[tuple[str, int, float]]:
    """(CER in per cent, lines, share of the lines): how many are read without a fault, nearly so, and so on."""
    counts = [sum(line.edits == 0 for line in lines)]
    for low, high in zip((0.0, *QUALITIES), (*QUALITIES, float("inf")), strict=True):
        counts.append(sum(line.edits > 0 and low < line.cer <= high for line in lines))
    ends = [f"{100 * end:.0f}" for end in QUALITIES]
    labels = ["0", *(f"{low}–{high}" for low, high in zip(["0", *ends], ends, strict=False)), f"{ends[-1]}+"]
    return [(label, count, count / max(len(lines), 1)) for label, count in zip(labels, counts, strict=True)]


def worst(lines: Iterable[LineResult], count: int) -> list[LineResult]:
    """The lines with the most edits; of equals, those with the fewest characters."""
    return sorted((line for line in lines if line.edits), key=lambda line: (-line.edits, len(line.truth)))[:count]


def sure_but_wrong(lines: Iterable[LineResult], count: int) -> list[LineResult]:
    """Lines with more than a tenth of their characters wrong, the most certain first."""
    return sorted((line for line in lines if line.cer > 0.1), key=lambda line: -line.confidence)[:count]

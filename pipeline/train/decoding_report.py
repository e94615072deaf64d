"""What the language model and the calibration bring: errors by set and by kind of token, time, calibration."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from pipeline.engines.calibration import Calibration
from pipeline.engines.crnn import CRNNEngine
from pipeline.engines.decoding import Reading, decode_greedy
from pipeline.train.metrics import collapse, expected_calibration_error, share_of_errors_in_least_certain

KINDS = ("plain words", "with capitals", "digits, symbols")
TIMED = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One set of lines. Errors are (plain, with language) a kind of token; `ms`: decoding a line, plain and with."""

    name: str
    lines: int
    characters: int
    errors: np.ndarray  # (kinds, 2)
    ms: tuple[float, float]
    calibration_error: float
    held_by_least_certain: float
    lost: float  # share of characters in lines taken for drawings


def kind_of(token: str) -> str:
    """Plain: small letters alone, with the punctuation that may follow a word."""
    bare = token.strip(".,;:!?'’\"“”()«»-")
    if any(not (c.isalpha() or c in "'’-") for c in bare) or not bare:
        return KINDS[2]
    return KINDS[1] if bare != bare.lower() else KINDS[0]


def errors_by_kind(truth: str, text: str) -> np.ndarray:
    """Character edits a kind of token; an edit belongs to the token of the truth where it happens."""
    truth, text = collapse(truth), collapse(text)
    owner = [KINDS.index(kind_of(token)) for token in truth.split() for _ in range(len(token) + 1)] or [0]
    counts = np.zeros(len(KINDS), int)
    for edit in Levenshtein.editops(truth, text):
        counts[owner[min(edit.src_pos, len(owner) - 1)]] += 1
    return counts


def measure(
    name: str, engine: CRNNEngine, lines: Sequence, readings: Sequence[Reading], calibrations: Sequence[Calibration]
) -> Row:
    """One set, each line read with the calibration that did not see its writer."""
    plain = [decode_greedy(line.log_probs, engine.characters).text for line in lines]
    errors = np.stack(
        [
            sum(errors_by_kind(line.text, text) for line, text in zip(lines, texts, strict=True))
            for texts in (plain, [reading.text for reading in readings])
        ],
        axis=1,
    )
    read = [(line, r, c) for line, r, c in zip(lines, readings, calibrations, strict=True) if r.text]
    edits = [int(errors_by_kind(line.text, r.text).sum()) for line, r, _ in read]
    lengths = [max(len(collapse(line.text)), 1) for line, _, _ in read]
    sure = [c.line(r) for _, r, c in read]
    lost = sum(n for n, (_, r, c) in zip(lengths, read, strict=True) if c.is_silence(r))
    return Row(
        name, len(lines), sum(len(collapse(line.text)) for line in lines), errors, _timed(engine, lines),
        expected_calibration_error(sure, [e / n for e, n in zip(edits, lengths, strict=True)]),
        share_of_errors_in_least_certain(sure, edits), lost / max(sum(lengths), 1),
    )  # fmt: skip


def _timed(engine: CRNNEngine, lines: Sequence) -> tuple[float, float]:
    """Milliseconds of processor time a line, decoding alone: greedy, and as the engine does it."""
    some = [line.log_probs for line in lines[:: max(len(lines) // TIMED, 1)]]
    times = []
    for decode in (lambda: [decode_greedy(line, engine.characters) for line in some], lambda: engine.decode(some)):
        started = time.thread_time()
        decode()
        times.append(1000 * (time.thread_time() - started) / max(len(some), 1))
    return times[0], times[1]


def table(rows: Sequence[Row]) -> str:
    """A plain table: a line a set, then a line a kind of token."""
    width = max(len(row.name) for row in rows)
    said = [
        f"{'set':{width}} {'lines':>6} {'greedy %':>9} {'beam %':>7} {'fewer %':>8} {'greedy ms':>10} {'beam ms':>8} "
        f"{'ECE':>6} {'least certain fifth holds %':>28} {'lost %':>7}"
    ]
    for row in rows:
        plain, helped = row.errors.sum(axis=0)
        rates = 100 * plain / row.characters, 100 * helped / row.characters
        said.append(
            f"{row.name:{width}} {row.lines:6} {rates[0]:9.2f} {rates[1]:7.2f} "
            f"{_fewer(plain, helped):8.1f} {row.ms[0]:10.2f} {row.ms[1]:8.2f} {row.calibration_error:6.3f} "
            f"{100 * row.held_by_least_certain:28.1f} {100 * row.lost:7.3f}"
        )
    said.append("")
    for number, kind in enumerate(KINDS):
        plain, helped = sum(row.errors[number] for row in rows)
        said.append(f"{kind:{width}} errors {plain} -> {helped}, {_fewer(plain, helped):.1f} % fewer")
    return "\n".join(said)


def _fewer(before: float, after: float) -> float:
    return 100 * (1 - after / before) if before else 0.0

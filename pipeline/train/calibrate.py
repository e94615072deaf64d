"""Fit how a model decodes and how sure it is, on lines of writers it was not trained on.

    python -m pipeline.train.calibrate --model MODEL_DIR --data DIR...

writes `calibration.json` into the model's folder and prints what it brings, each half of the writers read with what was
fitted on the other half.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from pipeline.engines.calibration import (
    Calibration,
    Doubts,
    character_features,
    line_features,
    logistic,
    save_calibration,
)
from pipeline.engines.crnn import CRNNEngine
from pipeline.engines.decoding import Beam, Reading, decode_greedy
from pipeline.errors import InklineError, SourceError
from pipeline.train.metrics import error_counts
from pipeline.train.scribbles import scribble
from pipeline.train.sources import Sample, read_folder, readable

WEIGHTS = (0.55, 0.7, 0.85)  # of the language model, lightest first
BONUS = 3.2  # a character, told in weights
HARDLY_MORE = 1.01  # times the errors
MOST_TUNED = 600  # lines the beam's weights are tried on
DRAWINGS = 400
# Share of the characters of real lines that may be lost by taking a line for a drawing.
LOST = 0.0002
MOST_SILENCED = 0.35  # what is this likely to be text is kept in any case
BATCH = 16


@dataclass(frozen=True, slots=True)
class Line:
    """A line as the network sees it, (T, classes) log-probabilities, and what it says; drawings say nothing."""

    log_probs: np.ndarray
    text: str
    writer: str = ""


def see_samples(engine: CRNNEngine, samples: Sequence[Sample]) -> list[Line]:
    """Labelled lines run through the network."""
    samples = readable(samples)
    crops = (sample.image(np.random.default_rng(i)) for i, sample in enumerate(samples))
    seen = _see(engine, crops)
    return [Line(steps, sample.text, sample.writer) for steps, sample in zip(seen, samples, strict=True)]


def see_drawings(engine: CRNNEngine, count: int = DRAWINGS, seed: int = 99) -> list[Line]:
    """Drawn crops without text run through the network."""
    crops = (scribble(np.random.default_rng((seed, i))) for i in range(count))
    return [Line(steps, "") for steps in _see(engine, crops)]


def _see(engine: CRNNEngine, crops: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    batch: list[np.ndarray] = []
    for crop in crops:
        batch.append(crop)
        if len(batch) == BATCH:
            yield from engine.log_probs(batch)
            batch = []
    if batch:
        yield from engine.log_probs(batch)


def read(engine: CRNNEngine, lines: Sequence[Line], beam: Beam) -> list[Reading]:
    """What the lines say, decoded in company as on a page."""
    engine.calibration = replace(engine.calibration, beam=beam)
    starts = range(0, len(lines), BATCH)
    return [r for i in starts for r in engine.decode([line.log_probs for line in lines[i : i + BATCH]])]


def choose_beam(engine: CRNNEngine, lines: Sequence[Line]) -> Beam:
    """The lightest beam with hardly more character errors than the best: on hands unlike these the ink counts more."""
    if not engine.languages:
        return engine.calibration.beam
    tried = lines[:: max(len(lines) // MOST_TUNED, 1)]

    def errors(beam: Beam) -> int:
        readings = read(engine, tried, beam)
        return sum(error_counts(line.text, r.text)[0] for line, r in zip(tried, readings, strict=True))

    beams = [Beam(weight=weight, bonus=round(weight * BONUS, 2)) for weight in WEIGHTS]
    counted = [errors(beam) for beam in beams]
    return next(beam for beam, count in zip(beams, counted, strict=True) if count <= HARDLY_MORE * min(counted))


def fit(lines: Sequence[Line], readings: Sequence[Reading], drawings: Sequence[Reading]) -> Doubts:
    """What to think of readings, from those of lines whose text is known and of drawings."""
    known = [(line.text, reading) for line, reading in zip(lines, readings, strict=True) if reading.text]
    if not known:
        return Doubts()  # a reader that has not learned yet tells nothing of its doubts
    peaks = [character_features(peak) for _, reading in known for peak in reading.peaks]
    right = [one for text, reading in known for one in right_characters(text, reading.text)]
    features = [line_features(reading) for _, reading in known]
    confidence = fit_logistic(features, [accuracy(text, reading.text) for text, reading in known])
    seen_in_drawings = [line_features(reading) for reading in drawings if reading.text]
    text: tuple[float, ...] = ()
    silence = 0.0
    if seen_in_drawings:
        text = fit_logistic(features + seen_in_drawings, [1.0] * len(features) + [0.0] * len(seen_in_drawings))
        silence = _least_probability([logistic(text, row) for row in features], [len(t) for t, _ in known])
    return Doubts(fit_logistic(peaks, right), confidence, text, silence)


def _least_probability(probabilities: Sequence[float], lengths: Sequence[int]) -> float:
    """The highest threshold, up to MOST_SILENCED, that loses no more than LOST of the characters."""
    order = np.argsort(probabilities)
    lost = np.cumsum(np.asarray(lengths)[order]) / max(sum(lengths), 1)
    first_kept = int(np.searchsorted(lost, LOST, side="right"))
    return round(min(probabilities[order[min(first_kept, len(order) - 1)]] * 0.9, MOST_SILENCED), 4)


def fit_logistic(
    features: Sequence[Sequence[float]], targets: Sequence[float], ridge: float = 1.0
) -> tuple[float, ...]:
    """Weights, the constant first, of a logistic regression on targets 0..1, by Newton's method."""
    x = np.column_stack((np.ones(len(features)), np.asarray(features, float)))
    y, weights = np.asarray(targets, float), np.zeros(x.shape[1])
    punish = np.diag([1e-6] + [ridge] * (x.shape[1] - 1))  # never quite nothing, for a handful of lines
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        curvature = (x * (p * (1 - p) + 1e-9)[:, None]).T @ x + punish
        step = np.linalg.solve(curvature, x.T @ (y - p) - punish @ weights)
        weights = weights + np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-6:
            break
    return tuple(round(float(weight), 5) for weight in weights)


def accuracy(truth: str, text: str) -> float:
    """1 - CER of a line, at least 0."""
    edits, length = error_counts(truth, text)
    return max(1 - edits / max(length, 1), 0.0)


def right_characters(truth: str, text: str) -> list[float]:
    """1 for each character read that stands in the truth, 0 for one that is wrong or too much."""
    right = [1.0] * len(text)
    for edit in Levenshtein.editops(text, truth):
        if edit.tag != "insert":
            right[edit.src_pos] = 0.0
    return right


def halves(lines: Sequence[Line]) -> np.ndarray:
    """0 or 1 for each line, the same for all lines of a writer; lines of one known writer alone take turns."""
    writers = {writer: number for number, writer in enumerate(sorted({line.writer for line in lines}))}
    return np.array([(i if len(writers) < 2 else writers[line.writer]) % 2 for i, line in enumerate(lines)])


def calibrate(folder: Path, sets: Mapping[str, Sequence[Sample]]) -> str:
    """Fit on all lines, write it into the model's folder, and tell how it does on writers it was not fitted on."""
    from pipeline.train.decoding_report import Row, measure, table

    engine = CRNNEngine(folder)
    seen = {name: see_samples(engine, samples) for name, samples in sets.items()}
    drawings = see_drawings(engine)
    lines = [line for part in seen.values() for line in part]
    side = halves(lines)
    readings: dict[Beam, list[Reading]] = {}
    drawn: dict[Beam, list[Reading]] = {}
    plain, plain_drawn = (
        [decode_greedy(one.log_probs, engine.characters) for one in part] for part in (lines, drawings)
    )

    def fitted(on: np.ndarray) -> Calibration:
        beam = choose_beam(engine, [lines[i] for i in on])
        if beam not in readings:
            readings[beam], drawn[beam] = read(engine, lines, beam), read(engine, drawings, beam)
        some = [lines[i] for i in on]
        return replace(
            engine.calibration,
            beam=beam,
            helped=fit(some, [readings[beam][i] for i in on], drawn[beam][::2]),
            plain=fit(some, [plain[i] for i in on], plain_drawn[::2]),
        )

    by_half = [fitted(np.flatnonzero(side != half)) for half in (0, 1)]
    final = fitted(np.arange(len(lines)))
    save_calibration(final, folder)
    rows: list[Row] = []
    start = 0
    for name, part in seen.items():
        of_part = range(start, start + len(part))
        own = [by_half[side[i]] for i in of_part]
        rows.append(measure(name, engine, part, [readings[c.beam][i] for i, c in zip(of_part, own, strict=True)], own))
        start += len(part)
    silent = sum(not r.text or final.is_silence(r) for r in drawn[final.beam][1::2])
    return table(rows) + f"\nread as nothing: {silent} of {len(drawings) // 2} drawings it was not fitted on"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="pipeline.train.calibrate", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, metavar="MODEL_DIR")
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, metavar="DIR", help="lines to fit on, of new hands"
    )
    args = parser.parse_args(arguments)
    try:
        started = time.monotonic()
        print(calibrate(args.model, {str(folder): read_folder(folder) for folder in args.data}))
        print(f"{args.model}/calibration.json was fitted in {time.monotonic() - started:.0f} s.")
    except (OSError, SourceError, InklineError) as error:
        print(error, file=sys.stderr)
        return error.exit_code if isinstance(error, InklineError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

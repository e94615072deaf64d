"""From what ink and decoder say of a line to how likely its characters are right, by a few fitted numbers."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.engines.decoding import Beam, Reading
from pipeline.engines.hands import AHEAD
from pipeline.errors import EngineError

FILE = "calibration.json"
REJECTED = 0.05  # of a hand's lines: so many may stay below a threshold that was lowered for them
SUREST = 6.0  # logits: beyond this, probabilities of a network say no more


@dataclass(frozen=True, slots=True)
class Doubts:
    """Logistic weights, each list a constant first.

    Without a fit a line's confidence is the geometric mean probability of its characters, and nothing is silenced.
    """

    character: tuple[float, ...] = (0.0, 1.0)  # on `character_features`
    confidence: tuple[float, ...] = ()  # on `line_features`
    text: tuple[float, ...] = ()  # on `line_features`: is it text at all?
    silence: float = 0.0  # readings that are text with less probability than this are dropped


@dataclass(frozen=True, slots=True)
class Calibration:
    """How to decode, and what to think of readings with a language model's help and of plain ones.

    Fitted by pipeline/train/calibrate.py on lines with known text. `ahead`: how much surer than the network of all
    hands one that learned a hand must be of what it reads (pipeline/engines/hands.py).
    """

    beam: Beam = field(default_factory=Beam)
    helped: Doubts = field(default_factory=Doubts)
    plain: Doubts = field(default_factory=Doubts)
    ahead: float = AHEAD

    def doubts(self, reading: Reading) -> Doubts:
        return self.plain if reading.language is None else self.helped

    def characters(self, reading: Reading) -> tuple[float, ...]:
        """Each character's probability of being right, 0..1."""
        weights = self.doubts(reading).character
        return tuple(logistic(weights, character_features(peak)) for peak in reading.peaks)

    def line(self, reading: Reading) -> float:
        """The share of right characters that is to be expected of a reading of at least one, 0..1."""
        weights = self.doubts(reading).confidence
        return _judge(weights, reading) if weights else math.exp(reading.ink / len(reading.text))

    def is_silence(self, reading: Reading) -> bool:
        """Whether what was read looks like letters seen in a drawing rather than like text."""
        doubts = self.doubts(reading)
        return bool(doubts.text) and _judge(doubts.text, reading) < doubts.silence

    def lowered_for(self, readings: Sequence[Reading]) -> "Calibration":
        """The same with thresholds that these readings of true text reach, all but the least likely twentieth."""
        helped = [reading for reading in readings if reading.language is not None]
        plain = [reading for reading in readings if reading.language is None]
        return replace(self, helped=_lowered(self.helped, helped), plain=_lowered(self.plain, plain))


def character_features(peak: float) -> tuple[float, ...]:
    """A character's log probability as a logit."""
    return (logit(peak),)


def line_features(reading: Reading) -> tuple[float, ...]:
    """Of a reading of at least one character: the whole path's probability a character, the characters' mean doubt,
    the share of doubtful ones, the length, and what the language model says a character, where one helped."""
    length = len(reading.text)
    probabilities = [math.exp(peak) for peak in reading.peaks]
    doubt = 1 - sum(probabilities) / length
    doubtful = sum(p < 0.7 for p in probabilities) / length
    ink = logit(reading.ink / length), math.sqrt(max(doubt, 0.0)), doubtful, math.log(length)
    return ink if reading.language is None else (*ink, reading.language / length)


def logit(log_p: float) -> float:
    """Log odds of a log probability, within +-SUREST."""
    if log_p > -math.exp(-SUREST):
        return SUREST
    return min(max(log_p - math.log(-math.expm1(log_p)), -SUREST), SUREST)


def logistic(weights: tuple[float, ...], features: tuple[float, ...]) -> float:
    total = weights[0] + sum(w * f for w, f in zip(weights[1:], features, strict=True))
    return 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))


def _judge(weights: tuple[float, ...], reading: Reading) -> float:
    """Of a calibration from before the language model had a say, the weights know all features but the last."""
    return logistic(weights, line_features(reading)[: len(weights) - 1])


def _lowered(doubts: Doubts, readings: Sequence[Reading]) -> Doubts:
    likely = [_judge(doubts.text, reading) for reading in readings if reading.text] if doubts.text else []
    if not likely:
        return doubts
    return replace(doubts, silence=min(doubts.silence, round(float(np.quantile(likely, REJECTED)), 4)))


def save_calibration(calibration: Calibration, folder: Path) -> None:
    """Write it whole or not at all."""
    scratch = folder / f".{FILE}.{os.getpid()}"
    try:
        scratch.write_text(json.dumps(asdict(calibration), indent=1) + "\n", encoding="utf-8")
        os.replace(scratch, folder / FILE)
    finally:
        scratch.unlink(missing_ok=True)


def load_calibration(folder: Path) -> Calibration:
    """The folder's calibration; the default one where there is none. Raises EngineError on a file that is no such."""
    path = folder / FILE
    if not path.exists():
        return Calibration()
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        beam = Beam(**about["beam"])
        if "helped" not in about:  # written before the language model had a say in confidence
            return Calibration(beam, _doubts(about), _doubts(about))
        return Calibration(beam, _doubts(about["helped"]), _doubts(about["plain"]), float(about.get("ahead", AHEAD)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{path} is not a calibration ({error}). Fit it anew or delete it.") from error


def _doubts(about: Mapping[str, Any]) -> Doubts:
    character, confidence, text = (tuple(map(float, about[key])) for key in ("character", "confidence", "text"))
    if len(character) != 2 or not {len(confidence), len(text)} <= {0, 5, 6}:
        raise ValueError("its weights are not as many as they must be")
    return Doubts(character, confidence, text, float(about["silence"]))

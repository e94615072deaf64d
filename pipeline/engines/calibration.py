"""From what ink and decoder say of a line to how likely its characters are right, by a few fitted numbers."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipeline.engines.decoding import Beam, Reading
from pipeline.errors import EngineError

FILE = "calibration.json"
SUREST = 6.0  # logits: beyond this, probabilities of a network say no more


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic weights, each list a constant first; fitted by pipeline/train/calibrate.py on lines with known text.

    Without a fit a line's confidence is the geometric mean probability of its characters, and nothing is silenced.
    """

    beam: Beam = field(default_factory=Beam)
    character: tuple[float, ...] = (0.0, 1.0)  # on `character_features`
    confidence: tuple[float, ...] = ()  # on `line_features`
    text: tuple[float, ...] = ()  # on `line_features`: is it text at all?
    silence: float = 0.0  # readings that are text with less probability than this are dropped

    def characters(self, reading: Reading) -> tuple[float, ...]:
        """Each character's probability of being right, 0..1."""
        return tuple(logistic(self.character, character_features(peak)) for peak in reading.peaks)

    def line(self, reading: Reading) -> float:
        """The share of right characters that is to be expected of a reading of at least one, 0..1."""
        if not self.confidence:
            return math.exp(reading.ink / len(reading.text))
        return logistic(self.confidence, line_features(reading))

    def is_silence(self, reading: Reading) -> bool:
        """Whether what was read looks like letters seen in a drawing rather than like text."""
        return bool(self.text) and logistic(self.text, line_features(reading)) < self.silence


def character_features(peak: float) -> tuple[float, ...]:
    """A character's log probability as a logit."""
    return (logit(peak),)


def line_features(reading: Reading) -> tuple[float, ...]:
    """Of a reading of at least one character: the whole path's probability a character, the characters' mean doubt,
    the share of doubtful ones, and the length."""
    length = len(reading.text)
    probabilities = [math.exp(peak) for peak in reading.peaks]
    doubt = 1 - sum(probabilities) / length
    doubtful = sum(p < 0.7 for p in probabilities) / length
    return logit(reading.ink / length), math.sqrt(max(doubt, 0.0)), doubtful, math.log(length)


def logit(log_p: float) -> float:
    """Log odds of a log probability, within +-SUREST."""
    if log_p > -math.exp(-SUREST):
        return SUREST
    return min(max(log_p - math.log(-math.expm1(log_p)), -SUREST), SUREST)


def logistic(weights: tuple[float, ...], features: tuple[float, ...]) -> float:
    total = weights[0] + sum(w * f for w, f in zip(weights[1:], features, strict=True))
    return 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))


def save_calibration(calibration: Calibration, folder: Path) -> None:
    text = json.dumps(asdict(calibration), indent=1) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")


def load_calibration(folder: Path) -> Calibration:
    """The folder's calibration; the default one where there is none. Raises EngineError on a file that is no such."""
    path = folder / FILE
    if not path.exists():
        return Calibration()
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return Calibration(
            beam=Beam(**about["beam"]),
            character=tuple(map(float, about["character"])),
            confidence=tuple(map(float, about["confidence"])),
            text=tuple(map(float, about["text"])),
            silence=float(about["silence"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{path} is not a calibration ({error}). Fit it anew or delete it.") from error

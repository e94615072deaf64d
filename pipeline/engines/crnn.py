"""Our own reader: a CRNN+CTC (pipeline/train/network.py) served by ONNX Runtime."""

import json
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime

from pipeline.document import Transcription
from pipeline.engines.calibration import Calibration, load_calibration
from pipeline.engines.decoding import Reading, decode_beam, decode_greedy, with_plain
from pipeline.engines.hands import by_the_surer, is_surer, leads, letters_read
from pipeline.engines.language import load_languages, say_which
from pipeline.engines.line_image import PITCH, clear_ink, is_blank, normalize_line, set_width, side_by_side, spread
from pipeline.engines.sessions import cores, open_session
from pipeline.errors import EngineError

STRIDE = 4  # input columns a time step
OTHERS = 4  # readings offered beside the likeliest
LEAST_PITCH = 15.0  # a line whose letters turn out to be less px apart
SPREAD_PITCH = 17.25  # is spread to this many and read once more (docs/decoding.md)
GENERAL = "general.onnx"  # the network for all hands, beside one that learned a hand


class CRNNEngine:
    """Reads lines with the files of a model folder.

    `model.onnx` and `model.json` (its characters). With `language.en.npz` and the like beside them, letters that the
    ink leaves open are decided by what usually follows what; with a `calibration.json`, a confidence is the share of
    right letters to expect. Where `model.onnx` learned a hand, `general.onnx`
    is the network it learned from, and each line is read by the surer one.
    `language`: "auto" (each line's own), one of the folder's languages, or "none".
    """

    def __init__(self, folder: Path, name: str = "crnn", language: str = "auto"):
        self.name = name
        self._cores = ThreadPoolExecutor(cores())  # a line each: quicker than sharing each line or batches of lines
        try:
            about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            self.characters: str = about["characters"]
            self.languages = load_languages(folder, language)
            self.calibration: Calibration = load_calibration(folder)
            self.session = open_session(folder / "model.onnx", threads=1)
            self.general = open_session(folder / GENERAL, threads=1) if (folder / GENERAL).exists() else None
        except EngineError:
            raise
        except Exception as error:  # ONNX Runtime raises its own kinds for each way a file can be bad
            raise EngineError(f"The model in {folder} can't be loaded: {error}") from error

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        """Read line crops, each (H, W) grey uint8 with dark ink on light paper; one result a crop, in order."""
        return [self._transcription(reading) for reading in self.decode(self.log_probs(crops))]

    def decode(self, lines: Sequence[np.ndarray]) -> list[Reading]:
        """Log-probabilities of lines, (T, classes) each -> what they say, in the language each seems to be in."""
        plain = [decode_greedy(line, self.characters) for line in lines]
        if not lines or not self.languages:
            return plain
        languages = say_which([reading.text for reading in plain], self.languages)
        beam = self.calibration.beam
        return [
            with_plain(decode_beam(line, self.characters, self.languages[language], beam), by_ink)
            for line, by_ink, language in zip(lines, plain, languages, strict=True)
        ]

    def _transcription(self, reading: Reading) -> Transcription:
        if not reading.text or self.calibration.is_silence(reading):
            return Transcription("", 0.0, self.name)
        return Transcription(
            reading.text,
            self.calibration.line(reading),
            self.name,
            self.calibration.characters(reading),
            reading.others[:OTHERS],
        )

    def log_probs(self, crops: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Line crops -> one (T, classes) array each.

        How close a line's letters stand is guessed from its strokes. Where what was read of it says that they stand
        closer than the network reads well, the line is spread further and read once more, and what is surer counts.
        """
        inks = list(self._cores.map(clear_ink, crops))
        images = [spread(ink, PITCH) for ink in inks]
        seen = self._seen(images)
        wider = {
            i: set_width(inks[i], images[i].shape[1] * SPREAD_PITCH / pitch)
            for i, output in enumerate(self._surer(seen))
            if (pitch := pitch_read(output)) < LEAST_PITCH
        }
        for outputs, again in zip(seen, self._seen(list(wider.values())), strict=True):
            for i, output in zip(wider, again, strict=True):
                if is_surer(output, outputs[i]):
                    outputs[i] = output
        return self._surer(seen)

    def leads(self, crops: Sequence[np.ndarray]) -> list[float]:
        """By how much the network that learned a hand is surer of lines, of those that both networks read."""
        both = leads(*self._seen([normalize_line(crop) for crop in crops]))
        return [lead for lead in both if lead is not None]

    def _seen(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        """Of each network, what it sees in normalized lines: one (T, classes) array a line."""
        networks = [self.session, self.general] if self.general else [self.session]
        classes = 1 + len(self.characters)
        return [list(self._cores.map(partial(_log_probs, network, classes), images)) for network in networks]

    def _surer(self, seen: list[list[np.ndarray]]) -> list[np.ndarray]:
        learned, *general = seen
        return by_the_surer(learned, general[0], self.calibration.ahead) if general else learned


def pitch_read(log_probs: np.ndarray) -> float:
    """Pixels from letter to letter in a normalized line, by what (T, classes) say greedily; infinite for nothing."""
    letters = letters_read(log_probs)
    return STRIDE * len(log_probs) / letters if letters else math.inf


def _log_probs(session: onnxruntime.InferenceSession, classes: int, image: np.ndarray) -> np.ndarray:
    """A (64, W) ink image -> (ceil(W / 4), classes), without time steps where nothing is written."""
    if is_blank(image):
        return np.zeros((0, classes), np.float32)
    (output,) = session.run(None, {"ink": side_by_side([image])})
    return output[0, : -(-image.shape[1] // STRIDE)]

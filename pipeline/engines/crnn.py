"""Our own reader: a CRNN+CTC (pipeline/train/network.py) served by ONNX Runtime."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from pipeline.document import Transcription
from pipeline.engines.decoding import decode_beam, decode_greedy
from pipeline.engines.language import load_language
from pipeline.engines.line_image import HEIGHT, is_blank, normalize_line
from pipeline.errors import EngineError

LANGUAGE = "language.json.gz"
STRIDE = 4  # input columns a time step
BATCH = 8
# Pixels a character at 64 px line height: what a letter takes in most hands, and where writing counts as dense.
USUAL, DENSE = 21, 18


class CRNNEngine:
    """Reads lines with the files of a model folder.

    `model.onnx` and `model.json` (its characters); with a `language.json.gz` beside them, letters that the ink leaves
    open are decided by what usually follows what.
    """

    def __init__(self, folder: Path, name: str = "crnn"):
        self.name = name
        try:
            about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            self.characters: str = about["characters"]
            language = folder / LANGUAGE
            self.language = load_language(language) if language.exists() else None
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
            # Spinning threads would starve the other models and the screens of this process.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            self.session = onnxruntime.InferenceSession(folder / "model.onnx", options, ["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises its own kinds for each way a file can be bad
            raise EngineError(f"The model in {folder} can't be loaded: {error}") from error

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        """Read line crops, each (H, W) grey uint8 with dark ink on light paper; one result a crop, in order.

        Dense writing is read a second time, spread to the width a letter has in most hands.
        """
        images = [normalize_line(crop) for crop in crops]
        lines = self._log_probs(images)
        letters = [len(decode_greedy(line, self.characters)[0]) for line in lines]
        dense = [i for i, image in enumerate(images) if image.shape[1] < DENSE * letters[i]]
        again = self._log_probs([spread(images[i], USUAL * letters[i]) for i in dense])
        for i, line in zip(dense, again, strict=True):
            lines[i] = line
        return [self._decode(line) for line in lines]

    def _decode(self, log_probs: np.ndarray) -> Transcription:
        if self.language:
            text, confidence = decode_beam(log_probs, self.characters, self.language)
        else:
            text, confidence = decode_greedy(log_probs, self.characters)
        return Transcription(text, confidence, self.name)

    def _log_probs(self, images: list[np.ndarray]) -> list[np.ndarray]:
        """(64, W) ink images -> one (ceil(W / 4), classes) array each, without time steps where nothing is written.

        Images of like width share a batch, so that little of it is padding.
        """
        outputs = [np.zeros((0, 1 + len(self.characters)), np.float32)] * len(images)
        written = [i for i, image in enumerate(images) if not is_blank(image)]
        written.sort(key=lambda i: images[i].shape[1])
        for start in range(0, len(written), BATCH):
            chosen = written[start : start + BATCH]
            widest = images[chosen[-1]].shape[1]
            batch = np.zeros((len(chosen), 1, HEIGHT, -(-widest // 32) * 32), np.uint8)
            for row, i in zip(batch, chosen, strict=True):
                row[0, :, : images[i].shape[1]] = images[i]
            (output,) = self.session.run(None, {"ink": batch})
            for steps, i in zip(output, chosen, strict=True):
                outputs[i] = steps[: -(-images[i].shape[1] // STRIDE)]
        return outputs


def spread(image: np.ndarray, width: int) -> np.ndarray:
    """The line stretched to `width` pixels, at most twice its own."""
    return cv2.resize(image, (min(width, 2 * image.shape[1]), HEIGHT), interpolation=cv2.INTER_LINEAR)

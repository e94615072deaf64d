"""TrOCR: a vision transformer sees the line, a text transformer writes what it says.

Li et al., "TrOCR: Transformer-based Optical Character Recognition with Pre-trained Models" (2021).
Runs any such checkpoint: microsoft/trocr-{small,base,large}-handwritten, a fine-tuned one, or our tiny one.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import get_ident

import cv2
import numpy as np
import torch

from pipeline.document import Transcription
from pipeline.engines.batching import in_batches
from pipeline.engines.hardware import gpu
from pipeline.engines.hub import model_folder
from pipeline.engines.line_image import count_letters, is_blank, normalize_line
from pipeline.engines.micro_batches import MicroBatches
from pipeline.engines.trocr.doubts import judge
from pipeline.engines.trocr.greedy import Written
from pipeline.engines.trocr.images import Images
from pipeline.engines.trocr.loading import load_trocr
from pipeline.engines.trocr.pieces import cut, reach
from pipeline.engines.trocr.writers import choose_writer
from pipeline.errors import EngineError

BATCH_SIZES = {"cuda": 64, "mps": 16, "cpu": 16}
# What callers had better hand over at a time on a GPU: several batches, each then of lines about equally long.
LINES_AT_ONCE = {"cuda": 256, "mps": 64}


class TrOCREngine:
    """Reads lines with a TrOCR from the hub or a folder, in batches, on the GPU where there is one.

    Lines that several threads want read at a time share batches, taking turns.
    """

    def __init__(self, model: str | Path, device: str = "", *, beams: int = 1, precision: str = "auto"):
        """beams: how many readings are followed at a time; more than one takes several times as long. precision: of the
        encoder on a CPU, for one beam: "fp32", "int8" (see eight_bits.py), or "auto": bfloat16 where the CPU has it.

        Raises EngineError where the model is not to be had or can't be loaded.
        """
        folder = model_folder(str(model))
        self.name = folder.name if Path(model).is_dir() else str(model)
        self._device = torch.device(device or gpu() or "cpu")
        self._processor, network = load_trocr(folder, self.name, self._device)
        self._images = Images(self._processor.image_processor, self._device)
        self._reach = reach(*self._images.shape)
        self._write = choose_writer(network, beams, precision, folder)
        self.lines_at_once = LINES_AT_ONCE.get(self._device.type, 16)
        size = BATCH_SIZES.get(self._device.type, 16)
        self._batches: MicroBatches[np.ndarray, Written] = MicroBatches(self._read_within_memory, size)

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        """Read line crops, (H, W) grey or (H, W, 3) BGR uint8. Blank ones come back empty with confidence 0."""
        letters = [_letters(crop) for crop in crops]
        # Wide margins come out as pieces of their own; of empty paper TrOCR reads whole sentences.
        pieces = [
            [piece for piece in cut(crop, self._reach) if _letters(piece)] if count else []
            for crop, count in zip(crops, letters, strict=True)
        ]
        in_order = [piece for line in pieces for piece in line]
        # Lines of about the same length end at about the same time, which leaves little of a batch waiting for others.
        by_length = sorted(range(len(in_order)), key=lambda i: in_order[i].shape[1] / in_order[i].shape[0])
        read = self._batches.read([in_order[i] for i in by_length], user=get_ident())
        written = iter([piece for _, piece in sorted(zip(by_length, read, strict=True), key=lambda pair: pair[0])])
        return [
            self._transcription([next(written) for _ in line], count)
            for line, count in zip(pieces, letters, strict=True)
        ]

    def _transcription(self, pieces: list[Written], letters: float) -> Transcription:
        if not pieces:
            return Transcription("", 0.0, self.name)
        texts = self._processor.batch_decode([piece.tokens for piece in pieces], skip_special_tokens=True)
        return judge(" ".join(text.strip() for text in texts).strip(), pieces, letters, self.name)

    def _read_within_memory(self, crops: Sequence[np.ndarray]) -> list[Written]:
        try:
            return in_batches(self._read, crops, len(crops), _is_out_of_memory)
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
            raise EngineError(
                f"There is too little memory for {self.name}. Choose a smaller TrOCR, or crnn."
            ) from error

    def _read(self, crops: Sequence[np.ndarray]) -> list[Written]:
        return self._write(self._images(crops))


def _letters(crop: np.ndarray) -> float:
    """About how many letters there are to read; 0 where there is no ink.

    TrOCR writes whole sentences about empty paper, or a camera's noise.
    """
    if crop.size == 0:
        return 0.0
    ink = normalize_line(cv2.GaussianBlur(crop, (0, 0), 1))
    return 0.0 if is_blank(ink) else max(count_letters(ink), 0.1)


def _is_out_of_memory(error: Exception) -> bool:
    words = ("out of memory", "can't allocate memory")
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(word in str(error) for word in words)
    )

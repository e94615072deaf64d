"""TrOCR: a vision transformer sees the line, a text transformer writes what it says.

Li et al., "TrOCR: Transformer-based Optical Character Recognition with Pre-trained Models" (2021).
Runs any such checkpoint: microsoft/trocr-{small,base,large}-handwritten, a fine-tuned one, or our tiny one.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np
import torch
import transformers
from torch import Tensor
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    TrOCRProcessor,
    VisionEncoderDecoderModel,
)

from pipeline.document import Transcription
from pipeline.engines.batching import in_batches
from pipeline.engines.hardware import gpu
from pipeline.engines.hub import first_line, model_folder
from pipeline.engines.line_image import is_blank, normalize_line
from pipeline.errors import EngineError

MAX_TOKENS = 128
BATCH_SIZES = {"cuda": 64, "mps": 16, "cpu": 8}


class TrOCREngine:
    """Reads lines with a TrOCR from the hub or a folder, in batches, on the GPU where there is one."""

    def __init__(self, model: str | Path, device: str = ""):
        """Raises EngineError where the model is not to be had or can't be loaded."""
        folder = model_folder(str(model))
        self.name = folder.name if Path(model).is_dir() else str(model)
        self._device = torch.device(device or gpu() or "cpu")
        self._processor, self._model = load_trocr(folder, self.name, self._device)
        # One page at a time: two at once would need twice the memory and be no faster.
        self._lock = Lock()

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        """Read line crops, (H, W) grey or (H, W, 3) BGR uint8. Blank ones come back empty with confidence 0."""
        inked = [index for index, crop in enumerate(crops) if _has_ink(crop)]
        try:
            with self._lock:
                size = BATCH_SIZES.get(self._device.type, 8)
                read = in_batches(self._read, [crops[index] for index in inked], size, _is_out_of_memory)
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
            raise EngineError(
                f"There is too little memory for {self.name}. Choose a smaller TrOCR, or crnn."
            ) from error
        results = [Transcription("", 0.0, self.name) for _ in crops]
        for index, transcription in zip(inked, read, strict=True):
            results[index] = transcription
        return results

    @torch.inference_mode()
    def _read(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        images = [cv2.cvtColor(crop, cv2.COLOR_GRAY2RGB if crop.ndim == 2 else cv2.COLOR_BGR2RGB) for crop in crops]
        pixels = self._processor(images=images, input_data_format="channels_last", return_tensors="pt").pixel_values
        chances = _Chances()
        tokens = self._model.generate(
            pixels.to(self._device, self._model.dtype),  # (B, 3, H, W)
            logits_processor=LogitsProcessorList([chances]),
        )
        texts = self._processor.batch_decode(tokens, skip_special_tokens=True)
        # The first token of each row is the start sign, which nobody predicted.
        ends = torch.isin(tokens[:, 1:], torch.tensor(self._model.generation_config.eos_token_id, device=tokens.device))
        certainty = confidences(torch.stack(chances.steps, dim=1), ends)
        return [
            Transcription(text.strip(), round(value, 4), self.name)
            for text, value in zip(texts, certainty.tolist(), strict=True)
        ]


def _has_ink(crop: np.ndarray) -> bool:
    """Whether there is something to read: TrOCR writes whole sentences about empty paper, or a camera's noise."""
    return crop.size > 0 and not is_blank(normalize_line(cv2.GaussianBlur(crop, (0, 0), 1)))


def confidences(chances: Tensor, ends: Tensor) -> Tensor:
    """How sure the model is of each line, (B,) in 0..1.

    chances: (B, T) probability of each token written; ends: (B, T) where it is the end sign.

    The square root of (mean x minimum), the mean being the geometric one: one doubtful word in a long line must show,
    which a mean alone hides. The end sign counts, as stopping too early or late is a mistake too. A line that never
    ended ran away, repeating itself, and gets 0.
    """
    upto_end = ends.cumsum(dim=1) - ends.long() == 0
    logs = chances.clamp_min(1e-9).log()
    mean = (logs * upto_end).sum(dim=1) / upto_end.sum(dim=1)
    least = logs.masked_fill(~upto_end, 0).amin(dim=1)
    return ((mean + least) / 2).exp() * ends.any(dim=1)


class _Chances(LogitsProcessor):
    """Writes down the probability of each token that greedy search is about to take, and changes nothing."""

    def __init__(self) -> None:
        self.steps: list[Tensor] = []

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        self.steps.append(scores.float().softmax(dim=-1).amax(dim=-1))  # (B, vocabulary) -> (B,)
        return scores


def load_trocr(folder: Path, name: str, device: torch.device) -> tuple[Any, Any]:
    """Processor and model on `device`, ready for greedy reading with a key-value cache. Never touches the network."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    dtype = torch.float32
    if device.type == "cuda":
        dtype = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    try:
        processor = TrOCRProcessor.from_pretrained(folder, local_files_only=True)
        loaded: Any = VisionEncoderDecoderModel.from_pretrained(
            folder, local_files_only=True, dtype=dtype, output_loading_info=True
        )
        model, report = loaded
        model.to(device).eval()
    except Exception as error:  # damaged or foreign files raise whatever their reader stumbles on
        raise EngineError(f"{name} can't be loaded as a TrOCR: {first_line(error)}") from error
    # The pooler is never used here, and Microsoft's checkpoints come without one.
    if missing := sorted(key for key in report["missing_keys"] if ".pooler." not in key):
        raise EngineError(
            f"{name} is not a complete TrOCR: {len(missing)} of its weights are missing ({missing[0]}, ...)."
        )
    # Microsoft's own settings switch the cache off and cut every line at 20 tokens; others ask for beams.
    given, decoder = model.generation_config, model.config.decoder
    model.generation_config = GenerationConfig(
        decoder_start_token_id=given.decoder_start_token_id,
        eos_token_id=given.eos_token_id,
        pad_token_id=given.pad_token_id,
        max_new_tokens=min(MAX_TOKENS, decoder.max_position_embeddings),
        use_cache=True,
    )
    return processor, model


def _is_out_of_memory(error: Exception) -> bool:
    words = ("out of memory", "can't allocate memory")
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(word in str(error) for word in words)
    )

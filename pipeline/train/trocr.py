"""Fine-tuning a TrOCR on lines of one's own: Microsoft's checkpoints, a folder, or our tiny one.

All weights, or by LoRA: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (2021).
"""

import copy
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from pipeline.engines.hub import model_folder
from pipeline.engines.precision import autocast
from pipeline.engines.trocr import load_trocr

SKIPPED = -100  # a label that the loss leaves out


class TrOCRLearner:
    """A TrOCR in training (see `trainer.Learner`)."""

    def __init__(self, processor: Any, model: Any, lora: int = 0):
        """lora: the rank of the matrices that are trained beside frozen weights; 0 trains the weights themselves."""
        # What the loss shifts its labels by; Microsoft's checkpoints leave them to the decoder's own settings.
        model.config.decoder_start_token_id = model.generation_config.decoder_start_token_id
        model.config.pad_token_id = model.generation_config.pad_token_id
        self.processor, self.model = processor, _with_lora(model, lora) if lora else model
        self._lora = lora

    @staticmethod
    def prepare(crop: np.ndarray, stretch: float) -> np.ndarray:
        """The crop, `stretch` times as wide; the image processor does the rest."""
        width = max(round(crop.shape[1] * stretch), 1)
        return np.asarray(cv2.resize(crop, (width, len(crop)), interpolation=cv2.INTER_LINEAR))

    def collate(self, items: list[tuple[np.ndarray, str]]) -> tuple[Tensor, None, list[str]]:
        """Pixels (B, 3, H, W) and texts."""
        images = [cv2.cvtColor(crop, cv2.COLOR_GRAY2RGB) for crop, _ in items]
        pixels = self.processor(images=images, input_data_format="channels_last", return_tensors="pt").pixel_values
        return pixels, None, [text for _, text in items]

    def optimizers(self, rate: float, decay: float) -> list[torch.optim.Optimizer]:
        trained = [weight for weight in self.model.parameters() if weight.requires_grad]
        return [torch.optim.AdamW(trained, rate, weight_decay=decay)]

    def loss(self, images: Tensor, widths: None, texts: list[str]) -> Tensor:
        """Cross entropy a token; texts longer than the decoder are cut."""
        tokenizer, longest = self.processor.tokenizer, self.model.config.decoder.max_position_embeddings
        labels = tokenizer(texts, padding=True, truncation=True, max_length=longest, return_tensors="pt").input_ids
        labels = labels.masked_fill(labels == tokenizer.pad_token_id, SKIPPED)
        device = self.model.device
        with autocast(device.type):
            return self.model(pixel_values=images.to(device), labels=labels.to(device)).loss.float()

    def read(self, images: Tensor, widths: None) -> list[str]:
        """Greedy readings of a batch."""
        with autocast(self.model.device.type):
            tokens = self.model.generate(images.to(self.model.device))
        return [text.strip() for text in self.processor.batch_decode(tokens, skip_special_tokens=True)]

    def save(self, folder: Path, about: dict[str, object]) -> None:
        """Leave what `from_pretrained` loads, LoRA's matrices merged into the weights; a crash half-way leaves the old
        files whole."""
        fresh = folder / "saving"
        shutil.rmtree(fresh, ignore_errors=True)
        model = copy.deepcopy(self.model).merge_and_unload() if self._lora else self.model
        model.save_pretrained(fresh)
        self.processor.save_pretrained(fresh)
        for file in fresh.iterdir():
            file.replace(folder / file.name)
        fresh.rmdir()


def load_learner(model: str, lora: int = 0) -> TrOCRLearner:
    """A TrOCR from a folder or the hub, to go on training; lora: see `TrOCRLearner`. Raises EngineError."""
    folder = model_folder(model)
    processor, network = load_trocr(folder, folder.name, torch.device("cpu"))
    return TrOCRLearner(processor, network, lora)


def _with_lora(model: Any, rank: int) -> Any:
    """All linear layers but the last get low-rank matrices, which alone are trained."""
    from peft import LoraConfig, get_peft_model

    return get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear"))

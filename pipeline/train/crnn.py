"""The CRNN with its characters: loss, reading, weights in and out of a training folder."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pipeline.engines.line_image import PITCH, normalize_line
from pipeline.engines.precision import autocast
from pipeline.train.data import collate
from pipeline.train.network import CRNN, SHAPES, Shape
from pipeline.train.optimizer import Muon

LEAST_LENGTH = 8  # characters by which the loss of shorter texts, and of none, is divided


class Charset:
    """Characters as class numbers; 0 is CTC's blank."""

    def __init__(self, characters: str):
        self.characters = characters
        self.numbers = {character: number for number, character in enumerate(characters, 1)}

    def encode(self, text: str) -> list[int]:
        return [self.numbers[character] for character in text if character in self.numbers]

    def decode(self, path: list[int]) -> str:
        """Greedy CTC decoding: collapse repeats, drop blanks."""
        kept = [n for i, n in enumerate(path) if n and (i == 0 or n != path[i - 1])]
        return "".join(self.characters[n - 1] for n in kept)


def ctc_loss(log_probs: Tensor, steps: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    """CTC loss a character, averaged over lines. log_probs: (B, T, classes)."""
    return ctc_losses(log_probs, steps, targets, target_lengths).mean()


def ctc_losses(log_probs: Tensor, steps: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    """CTC loss a character of each line: (B)."""
    per_line = nn.functional.ctc_loss(
        log_probs.transpose(0, 1), targets, steps, target_lengths, reduction="none", zero_infinity=True
    )
    return per_line / target_lengths.clamp(min=LEAST_LENGTH)


def steps_of(widths: Tensor) -> Tensor:
    """Time steps of lines `widths` pixels wide."""
    return (widths + CRNN.STRIDE - 1) // CRNN.STRIDE


def channels_last(model: CRNN) -> CRNN:
    """Weights in the memory order in which convolutions run three times faster on CPU."""
    for parameter in model.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return model


def ink_of(images: Tensor, device: torch.device) -> Tensor:
    """uint8 (B, 1, 64, W) -> float 0..1 on the device."""
    return (images.to(device).float() / 255).contiguous(memory_format=torch.channels_last)


class CRNNLearner:
    """A CRNN in training (see `trainer.Learner`)."""

    collate = staticmethod(collate)

    def __init__(self, model: CRNN, charset: Charset, shape: Shape, shortcut_weight: float = 0.1):
        self.model, self.charset, self.shape, self.shortcut_weight = model, charset, shape, shortcut_weight

    @staticmethod
    def prepare(crop: np.ndarray, stretch: float) -> np.ndarray:
        """A line crop as the network sees it, its letters `stretch` times as far apart as usual."""
        return normalize_line(crop, PITCH * stretch)

    def optimizers(self, rate: float, decay: float) -> list[torch.optim.Optimizer]:
        """Muon for the matrices within the network; AdamW for its ends, biases and norms."""
        inner = {name: p for name, p in self.model.named_parameters() if p.ndim > 1 and name.startswith(("cnn", "rnn"))}
        gates = [p for name, p in inner.items() if name.startswith("rnn")]
        kernels = [p for name, p in inner.items() if name.startswith("cnn")]
        rest = [p for name, p in self.model.named_parameters() if name not in inner]
        return [Muon(kernels, gates, rate, decay), torch.optim.AdamW(rest, rate, weight_decay=decay)]

    def loss(self, images: Tensor, widths: Tensor, texts: list[str]) -> Tensor:
        """CTC loss a character of a batch from `collate`: the BiLSTM head's plus a share of the shortcut's."""
        device = next(self.model.parameters()).device
        codes = [self.charset.encode(text) for text in texts]
        targets = torch.tensor([number for code in codes for number in code])
        target_lengths = torch.tensor([len(code) for code in codes])
        with autocast(device.type):
            main, aside = self.model.forward_training(ink_of(images, device))
        steps = steps_of(widths)
        loss = ctc_loss(main, steps, targets, target_lengths)
        return loss + self.shortcut_weight * ctc_loss(aside, steps, targets, target_lengths)

    def read(self, images: Tensor, widths: Tensor) -> list[str]:
        """Greedy readings of a batch."""
        device = next(self.model.parameters()).device
        with autocast(device.type):
            paths = self.model(ink_of(images, device)).argmax(-1).cpu()
        return [self.charset.decode(path[:steps].tolist()) for path, steps in zip(paths, steps_of(widths), strict=True)]

    def save(self, folder: Path, about: dict[str, object]) -> None:
        save(folder, self.model, self.charset, self.shape, about)


def new_crnn(charset: Charset, architecture: str) -> CRNNLearner:
    """An untrained CRNN of a named size. Raises KeyError for an unknown one."""
    shape = SHAPES[architecture]
    return CRNNLearner(channels_last(CRNN(len(charset.characters) + 1, shape)), charset, shape)


def save(folder: Path, model: CRNN, charset: Charset, shape: Shape, about: dict[str, object]) -> None:
    """Write `model.safetensors`, in half precision, and `model.json`; `about` says how the model came to be."""
    state = model.state_dict().items()
    weights = {name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous() for name, tensor in state}
    save_file(weights, folder / "model.safetensors.new")
    (folder / "model.safetensors.new").chmod(0o644)
    (folder / "model.safetensors.new").replace(folder / "model.safetensors")
    text = json.dumps({"characters": charset.characters, "shape": asdict(shape), **about}, ensure_ascii=False, indent=1)
    (folder / "model.json.new").write_text(text + "\n", encoding="utf-8")
    (folder / "model.json.new").replace(folder / "model.json")


def load(folder: Path) -> tuple[CRNN, Charset, dict[str, Any]]:
    """The model, its characters and what is known of it, from a training folder or a model folder."""
    about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    charset = Charset(about["characters"])
    model = CRNN(len(charset.characters) + 1, shape_of(about))
    model.load_state_dict({name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()})
    return channels_last(model).eval(), charset, about


def shape_of(about: dict[str, Any]) -> Shape:
    """The network's size as `model.json` tells it."""
    size = about["shape"]
    return Shape(tuple(size["channels"]), tuple(size["blocks"]), size["hidden"], size["layers"])

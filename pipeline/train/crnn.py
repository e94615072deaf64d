"""The CRNN's training loop, from labelled lines to an ONNX file that the engine serves."""

import ctypes
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import cv2
import torch
import torch.multiprocessing
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader

from pipeline.train.data import Lines, Sample, WidthBatches, collate
from pipeline.train.metrics import error_rate
from pipeline.train.network import CRNN

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a CRNN is trained. Rates are for AdamW, lengths in epochs."""

    epochs: int = 12
    batch_size: int = 16
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.01
    shortcut_weight: float = 0.1
    strokes_share: float = 0.3  # of the pen strokes, drawn afresh, in each epoch
    warm_up: float = 0.15  # of the whole training

    def rate_at(self, progress: float) -> float:
        """Learning rate when `progress` (0..1) of the training is done: a straight rise, then a cosine to zero."""
        if progress < self.warm_up:
            return self.learning_rate * max(progress / self.warm_up, 0.02)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * (progress - self.warm_up) / (1 - self.warm_up)))

    seed: int = 7


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
    per_line = nn.functional.ctc_loss(
        log_probs.transpose(0, 1), targets, steps, target_lengths, reduction="none", zero_infinity=True
    )
    return (per_line / target_lengths.clamp(min=1)).mean()


def steps_of(widths: Tensor) -> Tensor:
    """Time steps of lines `widths` pixels wide."""
    return (widths + CRNN.STRIDE - 1) // CRNN.STRIDE


def train(samples: list[Sample], dev: dict[str, list[Sample]], out: Path, recipe: Recipe) -> None:
    """Train from scratch, or go on where `out` holds a checkpoint.

    After each epoch `out` holds `checkpoint.pt`, `curve.jsonl`, and the best model so far (by mean dev CER) as
    `model.safetensors` and `model.json`. Without a GPU, each core works in a process of its own: one exchange of
    gradients a step waits less than the hundred meetings of threads within a step.
    """
    out.mkdir(parents=True, exist_ok=True)
    processes = 1 if torch.cuda.is_available() else min(torch.get_num_threads(), recipe.batch_size)
    with tempfile.TemporaryDirectory() as meeting_place:
        work = (processes, meeting_place, samples, dev, out, recipe)
        if processes == 1:
            _train(0, *work)
        else:
            torch.multiprocessing.spawn(_train, work, nprocs=processes)


def _train(
    rank: int,
    processes: int,
    meeting_place: str,
    samples: list[Sample],
    dev: dict[str, list[Sample]],
    out: Path,
    recipe: Recipe,
) -> None:
    """One process's part of the training; the first one measures, logs and saves."""
    if processes > 1:
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        torch.distributed.init_process_group("gloo", f"file://{meeting_place}/team", rank=rank, world_size=processes)
    keep_freed_memory()
    log = partial(print, flush=True) if rank == 0 else lambda _: None
    torch.manual_seed(recipe.seed)
    charset = Charset("".join(sorted({character for sample in samples for character in sample.text})))
    lines = Lines(samples, seed=recipe.seed)
    shares = [recipe.strokes_share if sample.strokes else 1.0 for sample in samples]
    batches = WidthBatches([sample.width() for sample in samples], recipe.batch_size, recipe.seed, shares)
    batches.rank, batches.processes = rank, processes
    trainer = Trainer(charset, recipe)
    first, best = trainer.resume(out / "checkpoint.pt")
    torch.manual_seed(recipe.seed + 1000 * first + rank)  # each process drops out other features
    log(f"{len(samples)} lines, {len(charset.characters)} characters, {trainer.size:,} parameters")
    for epoch in range(first, recipe.epochs):
        lines.epoch = batches.epoch = epoch
        loss = trainer.epoch(epoch, lines, batches, log)
        if rank > 0:
            continue
        rates = {name: evaluate(trainer.model, charset, part) for name, part in dev.items()}
        mean = sum(rates.values()) / max(len(rates), 1)
        cer = {name: round(rate, 5) for name, rate in rates.items()}
        row = {"epoch": epoch + 1, "loss": round(loss, 4), "cer": cer}
        log(json.dumps(row))
        with (out / "curve.jsonl").open("a") as curve:
            curve.write(json.dumps(row) + "\n")
        if mean <= best:
            best = mean
            weights = {name: tensor.contiguous() for name, tensor in trainer.model.state_dict().items()}
            save_file(weights, out / "model.safetensors")
            about = {"characters": charset.characters, "recipe": asdict(recipe), **row}
            (out / "model.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
        trainer.save(out / "checkpoint.pt", epoch + 1, best)
    if processes > 1:
        torch.distributed.destroy_process_group()


def keep_freed_memory() -> None:
    """Tell glibc to keep large freed blocks: giving each tensor's memory back costs a sixth of the training time."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        trim_threshold, mmap_threshold = -1, -3  # from malloc.h
        libc.mallopt(mmap_threshold, 1 << 30)
        libc.mallopt(trim_threshold, 1 << 30)


class Trainer:
    """A network with its optimizer, one epoch at a time."""

    def __init__(self, charset: Charset, recipe: Recipe):
        self.charset, self.recipe = charset, recipe
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = channels_last(CRNN(len(charset.characters) + 1)).to(self.device)
        self.size = sum(parameter.numel() for parameter in self.model.parameters())
        self.optimizer = torch.optim.AdamW(self.model.parameters(), weight_decay=recipe.weight_decay)

    def resume(self, path: Path) -> tuple[int, float]:
        """Take up a checkpoint if there is one. Returns the epochs done and the best mean CER so far."""
        if not path.exists():
            return 0, float("inf")
        state = torch.load(path, weights_only=True, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        return state["epoch"], state["best"]

    def save(self, path: Path, epoch: int, best: float) -> None:
        """Write a checkpoint; a crash half-way leaves the old one whole."""
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "epoch": epoch,
            "best": best,
        }
        torch.save(state, path.with_suffix(".new"))
        os.replace(path.with_suffix(".new"), path)

    def epoch(self, epoch: int, lines: Lines, batches: WidthBatches, log: Log) -> float:
        """One pass over the lines. Returns the mean loss."""
        self.model.train()
        gpu = self.device.type == "cuda"
        loader = DataLoader(lines, batch_sampler=batches, collate_fn=collate, num_workers=8 if gpu else 0)
        total, started = 0.0, time.monotonic()
        for step, (images, widths, texts) in enumerate(loader, 1):
            for group in self.optimizer.param_groups:
                group["lr"] = self.recipe.rate_at((epoch + step / len(batches)) / self.recipe.epochs)
            loss = self.loss(images, widths, texts)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.share_gradients()
            nn.utils.clip_grad_norm_(self.model.parameters(), 3.0)
            self.optimizer.step()
            total += loss.item()
            if step % 50 == 0:
                speed = step * self.recipe.batch_size / (time.monotonic() - started)
                log(f"  {step}/{len(batches)} loss {total / step:.3f} {speed:.0f} lines/s")
        return total / max(len(batches), 1)

    def share_gradients(self) -> None:
        """Each process goes on with the mean of all processes' gradients."""
        if torch.distributed.is_initialized():
            gradients = [parameter.grad for parameter in self.model.parameters() if parameter.grad is not None]
            flat = torch.cat([gradient.reshape(-1) for gradient in gradients]) / torch.distributed.get_world_size()
            torch.distributed.all_reduce(flat)
            for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
                gradient.copy_(part.view_as(gradient))

    def loss(self, images: Tensor, widths: Tensor, texts: list[str]) -> Tensor:
        """CTC loss a character: the BiLSTM head's plus a share of the shortcut's."""
        codes = [self.charset.encode(text) for text in texts]
        targets = torch.tensor([number for code in codes for number in code])
        target_lengths = torch.tensor([len(code) for code in codes])
        with torch.autocast(self.device.type, torch.bfloat16):
            main, aside = self.model.forward_training(ink_of(images, self.device))
        steps = steps_of(widths)
        loss = ctc_loss(main, steps, targets, target_lengths)
        return loss + self.recipe.shortcut_weight * ctc_loss(aside, steps, targets, target_lengths)


def channels_last(model: CRNN) -> CRNN:
    """Weights in the memory order in which convolutions run three times faster on CPU."""
    for parameter in model.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return model


def ink_of(images: Tensor, device: torch.device) -> Tensor:
    """uint8 (B, 1, 64, W) -> float 0..1 on the device."""
    return (images.to(device).float() / 255).contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def evaluate(model: CRNN, charset: Charset, samples: list[Sample]) -> float:
    """Greedy CER of `samples`."""
    model.eval()
    device = next(model.parameters()).device
    widths = [sample.width() for sample in samples]
    order = sorted(range(len(samples)), key=widths.__getitem__)
    groups = [order[i : i + 16] for i in range(0, len(order), 16)]
    pairs = []
    for images, sizes, texts in DataLoader(Lines(samples), batch_sampler=groups, collate_fn=collate):
        with torch.autocast(device.type, torch.bfloat16):
            paths = model(ink_of(images, device)).argmax(-1).cpu()
        for path, time_steps, text in zip(paths, steps_of(sizes), texts, strict=True):
            pairs.append((text, charset.decode(path[:time_steps].tolist())))
    return error_rate(pairs)


def load(folder: Path) -> tuple[CRNN, Charset, dict[str, object]]:
    """The model, its characters and what is known of it, from a training folder."""
    about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    charset = Charset(about["characters"])
    model = CRNN(len(charset.characters) + 1)
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return model.eval(), charset, about

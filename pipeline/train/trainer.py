"""A learner's place in its training: steps, running average, checkpoints, the best model so far."""

import copy
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from pipeline.errors import SourceError
from pipeline.train.checkpoint import load_checkpoint, save_checkpoint
from pipeline.train.curve import write_curve
from pipeline.train.data import Labelled, Lines, Part, WidthBatches
from pipeline.train.metrics import error_counts

Log = Callable[[str], None]
CHECKPOINT = "checkpoint.safetensors"
PLACE = ("epoch", "step", "total_loss", "best", "best_epoch")  # what a checkpoint tells besides weights
Batch = tuple[Any, Any, list[str]]  # images, widths, texts


class Learner(Protocol):
    """A network that can be trained: what the loop needs to know of it."""

    @property
    def model(self) -> nn.Module: ...

    def prepare(self, crop: np.ndarray, stretch: float) -> np.ndarray:
        """A line crop, (H, W) grey uint8, as the network sees it."""

    def collate(self, items: list[tuple[np.ndarray, str]]) -> Batch:
        """Prepared lines and their texts as one batch."""

    def optimizers(self, rate: float, decay: float) -> list[torch.optim.Optimizer]: ...

    def loss(self, images: Any, widths: Any, texts: list[str]) -> Tensor: ...

    def read(self, images: Any, widths: Any) -> list[str]:
        """Greedy readings of a batch."""

    def save(self, folder: Path, about: dict[str, object]) -> None:
        """Leave the model in `folder`, where its engine finds it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a reader is trained. Rates are for Muon and AdamW alike, lengths in epochs."""

    epochs: int = 40
    batch_size: int = 16
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    warm_up: float = 0.3  # epochs in which the learning rate rises
    decay: float = 0.6  # the part of all epochs in which it falls, at the end
    averaging: float = 0.999  # of the averaged weights, what stays at each step
    patience: int = 0  # epochs without a better model after which training stops; 0: never
    checkpoint_minutes: float = 5.0
    seed: int = 7
    without: tuple[str, ...] = ()  # pieces of the augmentation left out

    def rate_at(self, epochs_done: float) -> float:
        """Learning rate: a straight rise, a plateau, a straight fall to zero."""
        rise = max(epochs_done / self.warm_up, 0.02) if self.warm_up else 1.0
        fall = (self.epochs - epochs_done) / (self.decay * self.epochs) if self.decay else 1.0
        return self.learning_rate * max(min(rise, fall, 1.0), 0.0)


RECIPES = {
    "crnn": Recipe(),
    "crnn-large": Recipe(),
    "trocr": Recipe(epochs=10, batch_size=8, learning_rate=5e-5),
    "trocr-lora": Recipe(epochs=10, batch_size=8, learning_rate=5e-4),  # what is new begins at zero and learns quicker
}


class Trainer:
    """A learner with its optimizers and its place in the training."""

    def __init__(
        self, learner: Learner, parts: list[Part], recipe: Recipe, out: Path, rank: int = 0, processes: int = 1
    ):
        self.learner, self.recipe, self.out, self.rank, self.processes = learner, recipe, out, rank, processes
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = learner.model.to(self.device)
        self.size = sum(parameter.numel() for parameter in self.model.parameters())
        # The weights' running average reads better than the weights of any one moment: it is what is measured and kept.
        self.averaged = copy.deepcopy(learner)
        self.optimizers = learner.optimizers(recipe.learning_rate, recipe.weight_decay)
        samples = [line for part in parts for line in part.samples]
        self.lines = Lines(samples, learner.prepare, seed=recipe.seed, without=frozenset(recipe.without))
        self.batches = WidthBatches(parts, recipe.batch_size, recipe.seed)
        self.batches.rank, self.batches.processes = rank, processes
        self.parent = os.getppid()
        self.epoch = self.step = 0  # done so far; steps in this epoch
        self.total_loss, self.best, self.best_epoch = 0.0, float("inf"), 0

    def resume(self) -> None:
        """Take up the checkpoint if there is one."""
        if (self.out / CHECKPOINT).exists():
            try:
                place = load_checkpoint(self.out / CHECKPOINT, self.models(), self.optimizers, self.device)
            except (RuntimeError, ValueError) as error:  # torch's words for weights of another shape
                raise SourceError(
                    f"The training in {self.out} was begun with another network or other characters. "
                    "Go on with the data and options it was begun with, or choose another folder."
                ) from error
            for name in PLACE:
                setattr(self, name, place[name])

    def save_checkpoint(self) -> None:
        if self.rank == 0:
            place = {name: getattr(self, name) for name in PLACE}
            save_checkpoint(self.out / CHECKPOINT, self.models(), self.optimizers, place)

    def models(self) -> dict[str, nn.Module]:
        return {"model": self.model, "averaged": self.averaged.model}

    def is_stuck(self) -> bool:
        return bool(self.recipe.patience) and self.epoch - self.best_epoch >= self.recipe.patience

    def run_epoch(self, log: Log) -> float:
        """Go on to the end of the epoch. Returns its mean loss."""
        self.model.train()
        self.lines.epoch = self.batches.epoch = self.epoch
        self.batches.start, count = self.step, len(self.batches)
        workers = 8 if self.device.type == "cuda" else 0
        loader = DataLoader(
            self.lines, batch_sampler=self.batches, collate_fn=self.learner.collate, num_workers=workers
        )
        started = saved = time.monotonic()
        first = self.step
        for batch in loader:
            self.end_if_orphaned()
            # Each step has a seed of its own for dropout, so that a resumed run goes on as the stopped one would.
            torch.manual_seed(hash((self.recipe.seed, self.epoch, self.step, self.rank)))
            self.total_loss += self.train_step(*batch)
            self.step += 1
            if self.step % 50 == 0:
                speed = (self.step - first) * self.recipe.batch_size / (time.monotonic() - started)
                steps_left = (self.recipe.epochs - self.epoch) * count - self.step
                minutes = steps_left * self.recipe.batch_size / speed / 60
                loss = self.total_loss / self.step
                log(f"  {self.step}/{count} loss {loss:.3f}, {speed:.0f} lines/s, {minutes:.0f} min left")
            if time.monotonic() - saved > 60 * self.recipe.checkpoint_minutes:
                self.save_checkpoint()
                saved = time.monotonic()
        loss = self.total_loss / max(self.step, 1)
        self.epoch, self.step, self.total_loss = self.epoch + 1, 0, 0.0
        return loss

    def end_if_orphaned(self) -> None:
        """Stop where the command that began us was killed: a resumed one must not find us still writing."""
        if self.processes > 1 and os.getppid() != self.parent:
            raise SystemExit(1)

    def train_step(self, images: Any, widths: Any, texts: list[str]) -> float:
        rate = self.recipe.rate_at(self.epoch + self.step / len(self.batches))
        loss = self.learner.loss(images, widths, texts)
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.share_gradients()
        nn.utils.clip_grad_norm_(self.model.parameters(), 3.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
        self.average()
        return loss.item()

    @torch.no_grad()
    def average(self) -> None:
        """Let the averaged weights follow, at first quickly."""
        steps = self.epoch * len(self.batches) + self.step
        share = max(1 - self.recipe.averaging, 9 / (10 + steps))
        now = self.model.state_dict()
        for name, kept in self.averaged.model.state_dict().items():
            if kept.is_floating_point():
                kept.lerp_(now[name], share)
            else:
                kept.copy_(now[name])

    def share_gradients(self) -> None:
        """Each process goes on with the mean of all processes' gradients."""
        if self.processes > 1:
            gradients = [parameter.grad for parameter in self.model.parameters() if parameter.grad is not None]
            flat = torch.cat([gradient.reshape(-1) for gradient in gradients]) / self.processes
            torch.distributed.all_reduce(flat)
            for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
                gradient.copy_(part.view_as(gradient))

    def measure(self, samples: Sequence[Labelled]) -> float:
        """CER of greedy readings; the processes share the work."""
        counts = torch.tensor(count_errors(self.averaged, samples[self.rank :: self.processes]), dtype=torch.float64)
        if self.processes > 1:
            torch.distributed.all_reduce(counts)
        return float(counts[0] / counts[1].clamp(min=1))

    def finish_epoch(self, cer: float, row: dict[str, object]) -> None:
        """Keep the model if it is the best so far, and where the training stands."""
        self.end_if_orphaned()
        better = cer <= self.best
        if better:
            self.best, self.best_epoch = cer, self.epoch
        if self.rank == 0:
            if better:
                self.averaged.save(self.out, {"recipe": asdict(self.recipe), **row})
            write_curve(self.out, row)
        self.save_checkpoint()


@torch.inference_mode()
def count_errors(learner: Learner, samples: Sequence[Labelled]) -> tuple[int, int]:
    """Character edits of greedy readings, and the length of the true texts: their quotient is the CER."""
    learner.model.eval()
    order = sorted(range(len(samples)), key=lambda i: len(samples[i].text))
    groups = [order[i : i + 8] for i in range(0, len(order), 8)]
    edits = length = 0
    loader = DataLoader(Lines(samples, learner.prepare), batch_sampler=groups, collate_fn=learner.collate)
    for images, widths, texts in loader:
        for text, read in zip(texts, learner.read(images, widths), strict=True):
            more = error_counts(text, read)
            edits, length = edits + more[0], length + more[1]
    return edits, length

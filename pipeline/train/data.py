"""Labelled lines as pictures for a network, and batches of them by width."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from pipeline.engines.line_image import side_by_side
from pipeline.train.augment import NOTHING, augment
from pipeline.train.fonts import font_samples
from pipeline.train.scribbles import scribble
from pipeline.train.sources import Sample, first_readable

KEPT = 12_000  # decoded lines each process keeps in memory, about 1 GB
Prepare = Callable[[np.ndarray, float], np.ndarray]


class Labelled(Protocol):
    """A line and its text, whether its picture is read or drawn."""

    @property
    def text(self) -> str: ...

    def image(self, rng: np.random.Generator) -> np.ndarray:
        """Grey crop (H, W) uint8, dark ink on light paper."""
        ...


@dataclass(frozen=True, slots=True)
class Scribble:
    """A drawing, or nothing at all, to be read as nothing."""

    text: str = ""

    def image(self, rng: np.random.Generator) -> np.ndarray:
        return scribble(rng)


@dataclass(frozen=True, slots=True)
class Part:
    """Lines to train on; of a `share` of 0.5 every second one comes in each epoch, on average."""

    samples: Sequence[Labelled]
    share: float = 1.0


def lines_an_epoch(parts: Sequence[Part]) -> int:
    return max(round(sum(len(part.samples) * part.share for part in parts)), 1)


def made_up(fonts: int, scribbles: int, seed: int) -> list[Part]:
    """Lines that need no data: so many an epoch in handwriting fonts, and so many drawings without text."""
    pool = 12 * fonts  # texts enough for a dozen epochs
    parts = [Part(font_samples(pool, seed), 1 / 12), Part([Scribble()] * scribbles)]
    return [part for part in parts if part.samples]


class Lines(Dataset[tuple[np.ndarray, str]]):
    """Samples as a reader sees them, augmented where there is a seed; seed and epoch decide on the pictures.

    prepare: (crop, stretch) -> what the reader sees of it; `stretch` is how much wider than usual.
    without: pieces of the augmentation left out.
    """

    def __init__(
        self,
        samples: Sequence[Labelled],
        prepare: Prepare,
        *,
        seed: int | None = None,
        without: frozenset[str] = NOTHING,
    ):
        self.samples, self.prepare, self.seed, self.without, self.epoch = samples, prepare, seed, without, 0
        self.kept: dict[int, tuple[np.ndarray, str]] = {}  # decoded images and their texts, wanted again

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[np.ndarray, str]:
        """What is seen of a line, and its text; a picture that turns out broken gives way to the next."""
        rng = np.random.default_rng((self.seed or 0, self.epoch, index))
        if index in self.kept:
            image, text = self.kept[index]
        else:
            sample, image = first_readable(self.samples, index, rng)
            text = sample.text
            if self.seed is not None and is_file(sample) and len(self.kept) < KEPT:
                self.kept[index] = image, text
        if self.seed is None:
            return self.prepare(image, 1.0), text
        cv2.setRNGSeed(int(rng.integers(2**31)))
        stretch = stretches(self.seed, self.epoch, len(self.samples))[index]
        return self.prepare(augment(image, rng, without=self.without), stretch), text


def is_file(sample: Labelled) -> bool:
    return isinstance(sample, Sample) and not sample.picture.drawn


@lru_cache(maxsize=4)  # two copies that learn a hand, each between two epochs
def stretches(seed: int, epoch: int, count: int) -> np.ndarray:
    """How much wider each sample is shown this epoch: known beforehand, to sort batches by it."""
    return np.random.default_rng((seed, epoch)).uniform(0.82, 1.2, count)


class WidthBatches(Sampler[list[int]]):
    """Batches of similar width in random order: little padding, fresh company each epoch.

    Lines are as wide as their texts are long. What fills no batch waits for the next epoch.
    """

    def __init__(self, parts: Sequence[Part], size: int, seed: int):
        texts = [sample.text for part in parts for sample in part.samples]
        self.lengths = np.array([len(text) for text in texts], float)
        self.shares = np.concatenate([np.full(len(part.samples), part.share) for part in parts])
        self.size = min(size, lines_an_epoch(parts))
        self.count = lines_an_epoch(parts) // self.size * self.size
        self.seed, self.epoch, self.start = seed, 0, 0
        self.rank, self.processes = 0, 1  # with several processes, each takes its part of every batch

    def __len__(self) -> int:
        """Batches of a whole epoch."""
        return self.count // self.size

    def __iter__(self) -> Iterator[list[int]]:
        """Batches from number `start` on."""
        rng = np.random.default_rng((self.seed, self.epoch, 1))
        chosen = np.argsort(rng.random(len(self.shares)) / self.shares)[: self.count]
        widths = self.lengths * stretches(self.seed, self.epoch, len(self.lengths))
        order = chosen[np.argsort(widths[chosen])]
        batches = [order[i : i + self.size].tolist() for i in range(0, self.count, self.size)]
        return iter([batches[i][self.rank :: self.processes] for i in rng.permutation(len(batches))[self.start :]])


def collate(items: list[tuple[np.ndarray, str]]) -> tuple[Tensor, Tensor, list[str]]:
    """Pad with paper to the widest: images (B, 1, 64, W) uint8, widths (B), texts."""
    images = [image for image, _ in items]
    widths = torch.tensor([image.shape[1] for image in images])
    return torch.from_numpy(side_by_side(images)), widths, [text for _, text in items]

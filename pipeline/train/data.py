"""Labelled lines as pictures for the network, and batches of them by width."""

from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from pipeline.engines.line_image import HEIGHT, normalize_line
from pipeline.train.augment import augment
from pipeline.train.sources import Sample as Sample
from pipeline.train.sources import read_folder as read_folder


class Lines(Dataset[tuple[np.ndarray, str]]):
    """Samples as normalised ink; the same seed and epoch give the same pictures."""

    def __init__(self, samples: list[Sample], *, seed: int | None = None):
        self.samples, self.seed, self.epoch = samples, seed, 0

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[np.ndarray, str]:
        sample = self.samples[index]
        rng = np.random.default_rng((self.seed or 0, self.epoch, index))
        image = sample.image(rng)
        if self.seed is not None:
            cv2.setRNGSeed(int(rng.integers(2**31)))
            image = augment(image, rng, stretches(self.seed, self.epoch, len(self.samples))[index])
        return normalize_line(image), sample.text


@lru_cache(maxsize=2)
def stretches(seed: int, epoch: int, count: int) -> np.ndarray:
    """How much wider augmentation draws each sample this epoch: known beforehand, to sort batches by it."""
    return np.random.default_rng((seed, epoch)).uniform(0.78, 1.22, count)


class WidthBatches(Sampler[list[int]]):
    """Batches of similar width in random order: little padding, fresh company each epoch.

    Samples of `share` 1 come every epoch, of 0.5 every second one on average. What fills no batch waits for the next.
    """

    def __init__(self, widths: list[int], size: int, seed: int, shares: list[float] | None = None):
        self.widths, self.size, self.seed, self.epoch = np.asarray(widths), size, seed, 0
        self.rank, self.processes = 0, 1  # with several processes, each takes its part of every batch
        self.shares = np.ones(len(widths)) if shares is None else np.asarray(shares)
        self.count = max(round(float(self.shares.sum())) // size, 1) * size

    def __len__(self) -> int:
        return self.count // self.size

    def __iter__(self) -> Iterator[list[int]]:
        rng = np.random.default_rng((self.seed, self.epoch, 1))
        chosen = np.argsort(rng.random(len(self.shares)) / self.shares)[: self.count]
        widths = self.widths * stretches(self.seed, self.epoch, len(self.widths))
        order = chosen[np.argsort(widths[chosen])]
        batches = [order[i : i + self.size].tolist() for i in range(0, self.count, self.size)]
        return iter([batches[i][self.rank :: self.processes] for i in rng.permutation(len(batches))])


def collate(items: list[tuple[np.ndarray, str]]) -> tuple[Tensor, Tensor, list[str]]:
    """Pad with paper to the widest: images (B, 1, 64, W) uint8, widths (B), texts."""
    widths = [image.shape[1] for image, _ in items]
    batch = np.zeros((len(items), 1, HEIGHT, -(-max(widths) // 32) * 32), np.uint8)
    for row, (image, _) in zip(batch, items, strict=True):
        row[0, :, : image.shape[1]] = image
    return torch.from_numpy(batch), torch.tensor(widths), [text for _, text in items]

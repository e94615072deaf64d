"""Labelled lines from folders, and batches of them by width."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from pipeline.engines.line_image import HEIGHT, normalize_line
from pipeline.train.augment import augment
from pipeline.train.strokes import Strokes


@dataclass(frozen=True, slots=True)
class Sample:
    """One line and its text. The image is a file, or a line of pen strokes."""

    text: str
    writer: str
    group: str
    path: Path | None = None
    strokes: Strokes | None = None
    index: int = 0

    def image(self, rng: np.random.Generator) -> np.ndarray:
        """Grey crop (H, W) uint8; strokes are drawn afresh with `rng`. Raises OSError on an unreadable file."""
        if self.strokes is not None:
            return self.strokes.render(self.index, rng)
        image = cv2.imread(str(self.path), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise OSError(f"{self.path} is not a readable image")
        return image

    def width(self) -> int:
        """Width in pixels at 64 px height, before augmentation."""
        if self.strokes is not None:
            return self.strokes.width(self.index)
        height, width = self.image(np.random.default_rng(0)).shape
        return width * HEIGHT // height


def read_folder(folder: Path) -> list[Sample]:
    """Samples of a folder: `labels.tsv` (file TAB writer TAB text) beside `images/`, or a `strokes.npz`.

    Strokes come without the part called val1, which is kept for measuring.
    """
    if (folder / "strokes.npz").exists():
        strokes = Strokes(folder / "strokes.npz")
        return [
            Sample(text, writer, folder.name, strokes=strokes, index=index)
            for index, (text, writer) in enumerate(zip(strokes.texts, strokes.writers, strict=True))
            if strokes.split[index] != "val1" and text.strip()
        ]
    labels = folder / "labels.tsv"
    if not labels.exists():
        raise FileNotFoundError(f"{folder} holds neither labels.tsv nor strokes.npz")
    rows = [line.split("\t") for line in labels.read_text(encoding="utf-8").splitlines()]
    group = f"{folder.parent.name}/{folder.name}"
    return [
        Sample(" ".join(unicodedata.normalize("NFC", text).split()), writer, group, path=folder / "images" / name)
        for name, writer, text in rows
        if text.strip()
    ]


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

"""The CRNN: a residual CNN, columns pooled to a sequence, BiLSTMs and CTC.

After Retsinas et al., "Best practices for a handwritten text recognition system" (2022), made slim for two CPU cores:
column max-pooling, and a CTC shortcut that trains the CNN directly. The CNN ends at an eighth of the width, where the
LSTMs step too; each step then gives two columns of output, so that narrow letters keep a column of their own.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

HIDDEN = 0.2  # of the columns of a line of which some are hidden while training
SPAN = 4  # columns hidden together: about two letters


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a CRNN is: channels and residual blocks of the CNN's three stages, the BiLSTMs' size and number."""

    channels: tuple[int, int, int] = (32, 64, 128)
    blocks: tuple[int, int, int] = (1, 3, 3)
    hidden: int = 192
    layers: int = 2


SHAPES = {"crnn": Shape(), "crnn-large": Shape((48, 96, 192), (2, 4, 4), 256, 3)}


class Residual(nn.Module):
    """Two convolutions and a way around them; `stride` (down, across) makes the picture smaller."""

    def __init__(self, channels_in: int, channels: int, stride: tuple[int, int] = (1, 1)):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        same = channels_in == channels and stride == (1, 1)
        self.match = nn.Identity() if same else nn.Sequential(
            nn.AvgPool2d(stride), nn.Conv2d(channels_in, channels, 1, bias=False), nn.BatchNorm2d(channels)
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norm1(self.conv1(x)))
        return functional.relu(self.norm2(self.conv2(y)) + self.match(x))


def stage(channels_in: int, channels: int, blocks: int, stride: tuple[int, int]) -> nn.Sequential:
    first = Residual(channels_in, channels, stride)
    return nn.Sequential(first, *(Residual(channels, channels) for _ in range(blocks - 1)))


class CRNN(nn.Module):
    """Reads lines: (B, 1, 64, W) ink in 0..1, W a multiple of 8 -> (B, W / 4, classes) log-probabilities.

    Class 0 is CTC's blank.
    """

    STRIDE = 4  # pixels a time step

    def __init__(self, classes: int, shape: Shape = SHAPES["crnn"]):
        super().__init__()
        a, b, c = shape.channels
        self.stem = nn.Sequential(
            nn.Conv2d(1, a // 2, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(a // 2), nn.ReLU(),
            nn.Conv2d(a // 2, a, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(a), nn.ReLU(),
        )  # fmt: skip
        self.cnn = nn.Sequential(
            stage(a, a, shape.blocks[0], (1, 1)),  # (B, a, 16, W / 4)
            stage(a, b, shape.blocks[1], (2, 1)),  # (B, b, 8, W / 4)
            stage(b, c, shape.blocks[2], (2, 2)),  # (B, c, 4, W / 8)
        )
        self.dropout = nn.Dropout(0.2)
        dropout = 0.2 if shape.layers > 1 else 0
        self.rnn = nn.LSTM(c, shape.hidden, shape.layers, batch_first=True, bidirectional=True, dropout=dropout)
        self.head = nn.Linear(2 * shape.hidden, 2 * classes)
        self.shortcut = nn.Conv1d(c, 2 * classes, 3, padding=1)

    def columns(self, x: Tensor) -> Tensor:
        """(B, 1, 64, W) -> (B, c, W / 8): each column keeps its strongest feature over the height."""
        return self.cnn(self.stem(x)).amax(dim=2)

    def forward(self, x: Tensor) -> Tensor:
        return functional.log_softmax(self.read(self.columns(x)), dim=-1)

    def read(self, columns: Tensor) -> Tensor:
        """(B, c, T) -> (B, 2 T, classes)."""
        y, _ = self.rnn(columns.transpose(1, 2))
        return two_steps(self.head(self.dropout(y)))

    def forward_training(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Both heads' log-probabilities: the BiLSTM's and the shortcut's, each (B, W / 4, classes) in float32."""
        columns = self.dropout(self.columns(x))
        seen = hide_spans(columns) if self.training else columns
        main = functional.log_softmax(self.read(seen).float(), dim=-1)
        aside = functional.log_softmax(two_steps(self.shortcut(columns).transpose(1, 2)).float(), dim=-1)
        return main, aside


def hide_spans(columns: Tensor) -> Tensor:
    """Columns (B, c, T) of which every second line has some hidden, a span at a time: a tenth of them in all.

    What a letter must be then comes from its neighbours, as where ink has faded. After Y. Li et al., "HTR-VT" (2024).
    """
    lines, _, length = columns.shape
    starts = torch.rand(lines, 1, length, device=columns.device) < HIDDEN / SPAN
    starts &= torch.rand(lines, 1, 1, device=columns.device) < 0.5
    hidden = functional.max_pool1d(functional.pad(starts.float(), (SPAN - 1, 0)), SPAN, stride=1)
    return columns * (1 - hidden).to(columns.dtype)


def two_steps(y: Tensor) -> Tensor:
    """(B, T, 2 classes) -> (B, 2 T, classes)."""
    return y.reshape(y.shape[0], 2 * y.shape[1], -1)

"""The CRNN: a residual CNN, columns pooled to a sequence, BiLSTMs and CTC.

After Retsinas et al., "Best practices for a handwritten text recognition system" (2022), made slim for two CPU cores:
column max-pooling, and a CTC shortcut that trains the CNN directly.
"""

from torch import Tensor, nn
from torch.nn import functional


class Residual(nn.Module):
    def __init__(self, channels_in: int, channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.match = nn.Conv2d(channels_in, channels, 1) if channels_in != channels else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norm1(self.conv1(x)))
        return functional.relu(self.norm2(self.conv2(y)) + self.match(x))


class CRNN(nn.Module):
    """Reads lines: (B, 1, 64, W) ink in 0..1, W a multiple of 8 -> (B, W / 4, classes) log-probabilities.

    Class 0 is CTC's blank.
    """

    STRIDE = 4

    def __init__(self, classes: int, widths: tuple[int, int, int] = (32, 64, 128), hidden: int = 192, layers: int = 2):
        super().__init__()
        a, b, c = widths
        self.stem = nn.Sequential(
            nn.Conv2d(1, a, 7, stride=2, padding=3, bias=False), nn.BatchNorm2d(a), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.cnn = nn.Sequential(
            Residual(a, a),  # (B, a, 16, W / 4)
            nn.MaxPool2d((2, 1)),
            Residual(a, b), Residual(b, b), Residual(b, b),  # (B, b, 8, W / 4)
            nn.MaxPool2d((2, 1)),
            Residual(b, c), Residual(c, c),  # (B, c, 4, W / 4)
        )  # fmt: skip
        self.dropout = nn.Dropout(0.1)
        # The LSTMs step over pairs of columns, which halves their time, and read each column of a pair.
        self.rnn = nn.LSTM(
            2 * c, hidden, layers, batch_first=True, bidirectional=True, dropout=0.1 if layers > 1 else 0
        )
        self.head = nn.Linear(2 * hidden, 2 * classes)
        self.shortcut = nn.Conv1d(c, classes, 3, padding=1)

    def columns(self, x: Tensor) -> Tensor:
        """(B, 1, 64, W) -> (B, c, W / 4): each column keeps its strongest feature over the height."""
        return self.cnn(self.stem(x)).amax(dim=2)

    def forward(self, x: Tensor) -> Tensor:
        return functional.log_softmax(self.read(self.columns(x)), dim=-1)

    def read(self, columns: Tensor) -> Tensor:
        """(B, c, T) -> (B, T, classes), T even."""
        pairs = columns.transpose(1, 2).reshape(columns.shape[0], -1, self.rnn.input_size)  # (B, T / 2, 2 c)
        y, _ = self.rnn(pairs)
        return self.head(self.dropout(y)).reshape(columns.shape[0], -1, self.head.out_features // 2)

    def forward_training(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Both heads' log-probabilities: the BiLSTM's and the shortcut's, each (B, T, classes) in float32."""
        columns = self.dropout(self.columns(x))
        main = functional.log_softmax(self.read(columns).float(), dim=-1)
        aside = functional.log_softmax(self.shortcut(columns).transpose(1, 2).float(), dim=-1)
        return main, aside

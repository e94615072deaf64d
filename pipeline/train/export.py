"""From a trained CRNN to the ONNX file that the engine serves: eight-bit weights and activations."""

import logging
import os
import tempfile
import warnings
from pathlib import Path
from typing import cast

import numpy as np
import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_dynamic, quantize_static
from torch import Tensor, nn

from pipeline.engines.line_image import normalize_line, side_by_side
from pipeline.train.augment import augment
from pipeline.train.crnn import load
from pipeline.train.data import made_up
from pipeline.train.network import CRNN, Residual

EXAMPLES, SEED = 60, 7
FIRST = "/model/stem/stem.0/Conv"  # of one channel: single precision is quicker there


class _Served(nn.Module):
    """The network with the scaling of pixels built in: uint8 ink in, log-probabilities out."""

    def __init__(self, model: CRNN):
        super().__init__()
        self.model = model
        for block in model.modules():
            if isinstance(block, Residual) and isinstance(block.match, nn.Sequential):
                conv, norm = cast(nn.Conv2d, block.match[1]), block.match[2]
                block.match = nn.Sequential(_pooling(conv, block.conv1.stride), norm)

    def forward(self, ink: Tensor) -> Tensor:
        return self.model(ink.float() / 255)


def _pooling(conv: nn.Conv2d, stride: tuple[int, ...]) -> nn.Conv2d:
    """A mean over pixels and the convolution of single ones after it, as one: in eight bits a mean is slow."""
    down, across = stride
    both = nn.Conv2d(conv.in_channels, conv.out_channels, (down, across), (down, across), bias=False)
    both.weight = nn.Parameter((conv.weight / (down * across)).repeat(1, 1, down, across))
    return both


class _Examples(CalibrationDataReader):
    """Drawn lines that show ONNX Runtime the range of each activation; they do it as well as lines of the data sets."""

    def __init__(self) -> None:
        rng = np.random.default_rng(SEED)
        drawn = [line.image(rng) for part in made_up(EXAMPLES // 12, 4, SEED) for line in part.samples]
        self.lines = iter([normalize_line(augment(crop, rng)) for crop in drawn])

    def get_next(self) -> dict[str, np.ndarray] | None:
        line = next(self.lines, None)
        return None if line is None else {"ink": side_by_side([line])}


def export_model(folder: Path) -> None:
    """Write `model.onnx` beside the weights in `folder`.

    Convolutions are quantized with the ranges that example lines show, a scale a channel, and what is left of their
    outputs by ReLU alone; LSTMs and linear layers as they run. It reads as well as in single precision and takes about
    half of the time.
    """
    model, _, _ = load(folder)
    with tempfile.TemporaryDirectory(dir=folder) as workshop:
        single, half_way, final = (Path(workshop) / name for name in ("single.onnx", "half_way.onnx", "final.onnx"))
        with warnings.catch_warnings():
            # The tracing exporter is deprecated, but it alone handles an LSTM with batches of any size.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                _Served(model), (torch.zeros(2, 1, 64, 256, dtype=torch.uint8),), single,
                input_names=["ink"], output_names=["log_probs"], dynamo=False,
                dynamic_axes={"ink": {0: "lines", 3: "width"}, "log_probs": {0: "lines", 1: "steps"}},
            )  # fmt: skip
        logging.disable(logging.WARNING)  # the quantizer advises steps that the exporter has done already
        quantize_static(
            single, half_way, _Examples(),
            op_types_to_quantize=["Conv", "Relu"], nodes_to_exclude=[FIRST], per_channel=True,
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            # Seven bits for weights: processors without VNNI add two products in 16 bits, which eight would overflow.
            reduce_range=True,
        )  # fmt: skip
        quantize_dynamic(half_way, final, op_types_to_quantize=["LSTM", "MatMul"], weight_type=QuantType.QInt8)
        logging.disable(logging.NOTSET)
        onnx.checker.check_model(onnx.load(final))
        os.replace(final, folder / "model.onnx")

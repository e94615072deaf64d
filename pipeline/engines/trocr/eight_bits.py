"""TrOCR's encoder with eight-bit weights and activations, for CPUs; made once a model and kept beside its weights."""

import logging
import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from pipeline.engines.hub import WEIGHTS, first_line
from pipeline.engines.sessions import open_session
from pipeline.errors import EngineError


class _Seen(nn.Module):
    def __init__(self, encoder: Any):
        super().__init__()
        self.encoder = encoder

    def forward(self, pixels: Tensor) -> Tensor:
        seen: Tensor = self.encoder(pixel_values=pixels).last_hidden_state
        return seen


def eight_bit_encoder(encoder: Any, folder: Path) -> Callable[[Tensor], Tensor]:
    """What turns pixels, (B, 3, H, W), into what the encoder saw of them, (B, S, C), both in single precision.

    folder: of the model. Raises EngineError where nothing can be written there and it was not made before.
    """
    weights = next(folder / name for name in WEIGHTS if (folder / name).exists()).stat()
    # Of other weights under the same name it would see something else.
    file = folder / f"encoder-int8-{weights.st_size:x}-{weights.st_mtime_ns:x}.onnx"
    if not file.exists():
        try:
            export_encoder(encoder, file)
        except OSError as error:
            raise EngineError(
                f"The eight-bit encoder can't be kept in {folder}: {first_line(error)}. "
                "Make room there, or set INKLINE_TROCR_PRECISION to auto."
            ) from error
    return load_encoder(file)


def load_encoder(file: Path) -> Callable[[Tensor], Tensor]:
    """See `eight_bit_encoder`."""
    session = open_session(file, torch.get_num_threads())
    return lambda pixels: torch.from_numpy(session.run(None, {"pixels": pixels.contiguous().numpy()})[0])


def export_encoder(encoder: Any, file: Path) -> None:
    """Write the encoder in eight bits to `file`, in place of those of other weights beside it."""
    size = encoder.config.image_size
    height, width = (size, size) if isinstance(size, int) else size
    with tempfile.TemporaryDirectory(dir=file.parent) as workshop:
        single, final = Path(workshop) / "single.onnx", Path(workshop) / "final.onnx"
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # the tracing exporter is deprecated, but alone needs no further package
            torch.onnx.export(
                _Seen(encoder), (torch.zeros(2, encoder.config.num_channels, height, width),), single,
                input_names=["pixels"], output_names=["seen"], dynamo=False,
                dynamic_axes={"pixels": {0: "lines"}, "seen": {0: "lines"}},
            )  # fmt: skip
        logging.disable(logging.WARNING)  # the quantizer advises steps that change nothing here
        try:
            # Seven bits for weights: processors without VNNI add two products in 16 bits, which eight would overflow.
            quantize_dynamic(
                single, final, op_types_to_quantize=["MatMul"], per_channel=True, reduce_range=True,
                weight_type=QuantType.QInt8,
            )  # fmt: skip
        finally:
            logging.disable(logging.NOTSET)
        for old in set(file.parent.glob("encoder-int8-*.onnx")) - {file}:
            old.unlink(missing_ok=True)
        os.replace(final, file)

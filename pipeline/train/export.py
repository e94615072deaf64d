"""From a training run to the model folder that the engine serves: ONNX, characters and what is known of it."""

import json
import os
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from pipeline.train.crnn import load
from pipeline.train.network import CRNN


class _Served(nn.Module):
    """The network with the scaling of pixels built in: uint8 ink in, log-probabilities out."""

    def __init__(self, model: CRNN):
        super().__init__()
        self.model = model

    def forward(self, ink: Tensor) -> Tensor:
        return self.model(ink.float() / 255)


def export_model(run: Path, out: Path) -> None:
    """Write `out/model.onnx` and `out/model.json` from the best weights of a training run.

    The weights are stored in half precision; computing stays in single precision.
    """
    model, _, about = load(run)
    out.mkdir(parents=True, exist_ok=True)
    example = torch.zeros(2, 1, 64, 256, dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter is deprecated, but alone handles a dynamic LSTM batch
        torch.onnx.export(
            _Served(model),
            (example,),
            out / "model.new",
            input_names=["ink"],
            output_names=["log_probs"],
            dynamic_axes={"ink": {0: "lines", 3: "width"}, "log_probs": {0: "lines", 1: "steps"}},
            dynamo=False,
        )
    graph = onnx.load(out / "model.new")
    halve_weights(graph)
    onnx.checker.check_model(graph)
    onnx.save(graph, out / "model.new")
    os.replace(out / "model.new", out / "model.onnx")
    (out / "model.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def halve_weights(graph: onnx.ModelProto) -> None:
    """Store large float32 weights as float16, each behind a cast that ONNX Runtime folds away when it loads them."""
    casts = []
    for weight in graph.graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size > 256:
            half = onnx.numpy_helper.from_array(values.astype(np.float16), weight.name + "_half")
            casts.append(onnx.helper.make_node("Cast", [half.name], [weight.name], to=onnx.TensorProto.FLOAT))
            weight.CopyFrom(half)
    for cast in reversed(casts):
        graph.graph.node.insert(0, cast)

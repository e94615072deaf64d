"""A real training run in small: learn a few words, serve them through ONNX."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from pipeline.engines.crnn import CRNNEngine, _log_probs
from pipeline.train.crnn import Charset, CRNNLearner, load, new_crnn
from pipeline.train.data import Part
from pipeline.train.export import _Served, export_model
from pipeline.train.loop import train
from pipeline.train.metrics import error_rate
from pipeline.train.network import CRNN, SPAN, hide_spans
from pipeline.train.sources import read_folder
from pipeline.train.trainer import Recipe
from tests.train.lines import draw_line, write_folder

WORDS = ["on", "no", "to", "not"]


CHARSET = Charset("not")


def start() -> CRNNLearner:
    return new_crnn(CHARSET, "crnn")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training run on a few drawn words."""
    folder = tmp_path_factory.mktemp("training")
    lines = read_folder(write_folder(folder / "train", WORDS * 12))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # one thread, one process: the run stays inside this test
    train(start, [Part(lines)], {}, folder / "run", Recipe(epochs=24, batch_size=8, averaging=0.9, warm_up=1))
    torch.set_num_threads(threads)
    rows = [json.loads(row) for row in (folder / "run" / "curve.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < rows[0]["loss"] / 4
    return folder / "run"


def test_the_trained_model_reads_its_words_through_the_engine(run: Path) -> None:
    export_model(run)
    engine = CRNNEngine(run)
    read = engine.transcribe([draw_line(word) for word in WORDS])
    assert error_rate(zip(WORDS, (transcription.text for transcription in read), strict=True)) <= 0.1
    assert all(0 < transcription.confidence <= 1 for transcription in read)


def test_the_served_model_agrees_with_the_trained_one(run: Path) -> None:
    model, charset, _ = load(run)
    export_model(run)
    engine = CRNNEngine(run)
    ink = np.random.default_rng(2).integers(0, 255, (64, 320), np.uint8)
    served = _log_probs(engine.session, 1 + len(charset.characters), ink)
    with torch.inference_mode():
        trained = model(torch.from_numpy(ink)[None, None].float() / 255)[0].numpy()
    assert served.shape == (80, len(charset.characters) + 1)
    # It is served in eight bits.
    assert np.abs(np.exp(served) - np.exp(trained)).mean() < 0.01


def test_what_is_served_pools_and_convolves_at_once_to_the_same_end() -> None:
    torch.manual_seed(3)
    model = CRNN(classes=5).eval()
    ink = torch.randint(0, 256, (2, 1, 64, 96), dtype=torch.uint8)
    with torch.inference_mode():
        trained = model(ink.float() / 255)
        served = _Served(model)(ink)
    assert not any(isinstance(module, nn.AvgPool2d) for module in model.modules())
    assert torch.allclose(served, trained, atol=1e-5)


def test_no_processor_overflows_on_the_served_weights(run: Path) -> None:
    """Without VNNI two products of a weight and an activation (0..255) are added in 16 bits, sign included."""
    export_model(run)
    stored = [numpy_helper.to_array(tensor) for tensor in onnx.load(run / "model.onnx").graph.initializer]
    kernels = [array.astype(int) for array in stored if array.dtype == np.int8 and array.ndim == 4]
    assert len(kernels) > 10
    assert max(np.abs(kernel).max() for kernel in kernels) * 255 * 2 < 2**15


def test_all_layers_but_the_first_are_served_in_eight_bits_with_their_rectifiers(run: Path) -> None:
    export_model(run)
    graph = onnx.load(run / "model.onnx").graph
    rounded = {name for node in graph.node if node.op_type == "DequantizeLinear" for name in node.output}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    assert [node.name for node in convolutions if node.input[1] not in rounded] == [convolutions[0].name]
    rectified = {name for node in graph.node if node.op_type == "Relu" for name in node.input}
    assert [node.name for node in convolutions if node.output[0] in rectified] == [convolutions[0].name]


def test_a_network_gives_a_step_for_four_columns() -> None:
    model = CRNN(classes=5).eval()
    with torch.inference_mode():
        assert model(torch.zeros(3, 1, 64, 96)).shape == (3, 24, 5)


def test_a_charset_codes_and_decodes() -> None:
    charset = Charset("abc")
    assert charset.encode("cab?") == [3, 1, 2]
    assert charset.decode([0, 1, 1, 0, 1, 2, 2, 0]) == "aab"


def test_spans_are_hidden_in_every_second_line_while_training() -> None:
    torch.manual_seed(1)
    hidden = hide_spans(torch.ones(400, 3, 120)) == 0
    assert torch.equal(hidden.any(1), hidden.all(1))  # whole columns
    assert 0.07 < hidden.float().mean() < 0.12
    assert 0.4 < hidden.flatten(1).any(1).float().mean() < 0.6


def test_spans_are_some_columns_long() -> None:
    torch.manual_seed(2)
    rows = (hide_spans(torch.ones(20, 1, 500)) == 0).flatten(1).int().tolist()
    spans = [span for row in rows for span in "".join(map(str, row)).rstrip("1").split("0") if span]
    assert len(spans) > 100
    assert min(map(len, spans)) == SPAN

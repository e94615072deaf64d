"""Fine-tuning TrOCR in small: an untrained tiny one learns a few drawn words."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from pipeline.engines.trocr import TrOCREngine
from pipeline.errors import EngineError
from pipeline.train.data import Part
from pipeline.train.loop import train
from pipeline.train.sources import read_folder
from pipeline.train.start import learner
from pipeline.train.tiny_trocr import Recipe as TinyRecipe
from pipeline.train.tiny_trocr import make_model, make_processor
from pipeline.train.trainer import Recipe
from tests.train.lines import write_folder

WORDS = ["on", "no", "to", "not"]


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, recipe = tmp_path_factory.mktemp("untrained"), TinyRecipe(hidden=32, encoder_layers=1)
    torch.manual_seed(1)
    make_model(recipe).save_pretrained(folder)
    make_processor(recipe).save_pretrained(folder)
    return folder


def test_a_trocr_is_fine_tuned_resumed_and_read_with(untrained: Path, tmp_path: Path) -> None:
    lines = read_folder(write_folder(tmp_path / "lines", WORDS * 8))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    start, recipe = partial(learner, "trocr", "", str(untrained)), Recipe(epochs=2, batch_size=8, learning_rate=3e-3)
    train(start, [Part(lines)], {"dev": lines[:4]}, tmp_path / "run", recipe)
    train(
        start, [Part(lines)], {"dev": lines[:4]}, tmp_path / "run", Recipe(epochs=6, batch_size=8, learning_rate=3e-3)
    )
    torch.set_num_threads(threads)
    rows = [json.loads(row) for row in (tmp_path / "run/curve.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[-1]["loss"] < rows[0]["loss"] / 2
    (read,) = TrOCREngine(tmp_path / "run").transcribe([lines[0].image(np.random.default_rng(1))])
    assert set(read.text) <= set("abcdefghijklmnopqrstuvwxyz")


def test_lora_trains_few_weights_resumes_and_leaves_an_ordinary_trocr(
    untrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = read_folder(write_folder(tmp_path / "lines", WORDS * 8))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    start, run = partial(learner, "trocr", "", str(untrained), 4), tmp_path / "run"
    weights = list(start().model.parameters())
    few = sum(weight.numel() for weight in weights if weight.requires_grad)
    assert 0 < few < sum(weight.numel() for weight in weights) / 10
    for epochs in (2, 6):
        train(start, [Part(lines)], {"dev": lines[:4]}, run, Recipe(epochs=epochs, batch_size=8, learning_rate=1e-2))
    rows = [json.loads(row) for row in (run / "curve.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[-1]["loss"] < 0.9 * rows[0]["loss"]
    TrOCREngine(run).transcribe([lines[0].image(np.random.default_rng(1))])
    # Elsewhere there is no peft, and nothing that asks for it.
    code = (
        "import sys; sys.modules['peft'] = None; from transformers import VisionEncoderDecoderModel as Model;"
        f"_, report = Model.from_pretrained({str(run)!r}, output_loading_info=True);"
        "print(len(report['missing_keys']) + len(report['unexpected_keys']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0"]
    before, after = (load_file(folder / "model.safetensors") for folder in (untrained, run))
    assert before.keys() == after.keys()
    name = "decoder.model.decoder.layers.0.fc1.weight"
    assert not torch.equal(before[name], after[name])


def test_a_model_that_is_no_trocr_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="can't be loaded as a TrOCR"):
        learner("trocr", "", str(tmp_path))

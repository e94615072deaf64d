"""Fine-tuning TrOCR in small: an untrained tiny one learns a few drawn words."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

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


def test_a_model_that_is_no_trocr_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="can't be loaded as a TrOCR"):
        learner("trocr", "", str(tmp_path))

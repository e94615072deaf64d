"""A real training run in small: learn a few words, serve them through ONNX."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.engines.crnn import CRNNEngine
from pipeline.train.crnn import Charset, Recipe, evaluate, load, train
from pipeline.train.data import read_folder
from pipeline.train.export import export_model
from pipeline.train.metrics import error_rate
from pipeline.train.network import CRNN
from tests.train.lines import draw_line, write_folder

WORDS = ["on", "no", "to", "not"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training run on a few drawn words that crashed half-way and was taken up again."""
    folder = tmp_path_factory.mktemp("training")
    samples = read_folder(write_folder(folder / "train", WORDS * 24))
    dev = {"drawn": read_folder(write_folder(folder / "dev", WORDS))}
    recipe = Recipe(epochs=24, batch_size=8, learning_rate=2e-3)
    evaluations = []

    def crash_in_twelfth_epoch(model: CRNN, charset: Charset, part: list) -> float:
        evaluations.append(1)
        if len(evaluations) == 12:
            raise RuntimeError("power cut")
        return evaluate(model, charset, part)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # one thread, one process: the run stays inside this test
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.train.crnn.evaluate", crash_in_twelfth_epoch)
        with pytest.raises(RuntimeError, match="power cut"):
            train(samples, dev, folder / "run", recipe)
        train(samples, dev, folder / "run", recipe)
    torch.set_num_threads(threads)
    return folder / "run"


def test_training_goes_on_where_it_was_broken_off(run: Path) -> None:
    rows = [json.loads(row) for row in (run / "curve.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == list(range(1, 25))
    assert rows[-1]["loss"] < rows[0]["loss"] / 4


def test_the_trained_model_reads_its_words_through_the_engine(run: Path, tmp_path: Path) -> None:
    export_model(run, tmp_path / "model")
    engine = CRNNEngine(tmp_path / "model")
    read = engine.transcribe([draw_line(word) for word in WORDS])
    assert error_rate(zip(WORDS, (transcription.text for transcription in read), strict=True)) <= 0.1
    assert all(0 < transcription.confidence <= 1 for transcription in read)


def test_the_served_model_agrees_with_the_trained_one(run: Path, tmp_path: Path) -> None:
    model, charset, _ = load(run)
    export_model(run, tmp_path / "model")
    engine = CRNNEngine(tmp_path / "model")
    ink = np.random.default_rng(2).integers(0, 255, (64, 320), np.uint8)
    (served,) = engine._log_probs([ink])
    with torch.inference_mode():
        trained = model(torch.from_numpy(ink)[None, None].float() / 255)[0].numpy()
    assert served.shape == (80, len(charset.characters) + 1)
    # The weights are served in half precision.
    assert np.abs(np.exp(served) - np.exp(trained)).max() < 0.02


def test_a_network_gives_a_step_for_four_columns() -> None:
    model = CRNN(classes=5).eval()
    with torch.inference_mode():
        assert model(torch.zeros(3, 1, 64, 96)).shape == (3, 24, 5)


def test_a_charset_codes_and_decodes() -> None:
    charset = Charset("abc")
    assert charset.encode("cab?") == [3, 1, 2]
    assert charset.decode([0, 1, 1, 0, 1, 2, 2, 0]) == "aab"

"""TrOCR's encoder in eight bits or in single precision, as `INKLINE_TROCR_PRECISION` has it."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.engines import load_engine
from pipeline.engines.trocr import TrOCREngine, eight_bits
from pipeline.errors import EngineError, SettingsError
from pipeline.settings import read_settings
from pipeline.train.tiny_trocr import Recipe, make_model, make_processor, render

pytestmark = pytest.mark.usefixtures("one_thread")


def save(folder: Path, seed: int) -> None:
    recipe = Recipe()
    torch.manual_seed(seed)
    make_model(recipe).save_pretrained(folder)
    make_processor(recipe).save_pretrained(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A TrOCR with random weights."""
    save(tmp_path, seed=3)
    return tmp_path


def seen(engine: Any) -> np.ndarray:
    """What the engine's encoder makes of three words."""
    rng = np.random.default_rng(1)
    with torch.inference_mode():
        image: np.ndarray = engine._write.encode(engine._images([render(word, rng) for word in ("we", "see", "it")]))
    return np.asarray(image)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("encoder-int8-*.onnx"))


def test_eight_bits_see_about_the_same_and_are_made_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings({"INKLINE_TROCR_PRECISION": "int8"})
    engine = load_engine(str(folder), settings)
    single = TrOCREngine(folder, precision="fp32")
    assert 1e-4 < distance(seen(engine), seen(single)) < 0.05
    assert len(engine.transcribe([render("see", np.random.default_rng(1))])) == 1
    (file,) = kept(folder)
    assert file.stat().st_size < (folder / "model.safetensors").stat().st_size
    assert not [path for path in folder.iterdir() if path.is_dir()]

    def fail(*_: Any) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(eight_bits, "export_encoder", fail)
    assert np.array_equal(seen(TrOCREngine(folder, precision="int8")), seen(engine))


def test_readers_of_both_precisions_are_kept_apart(folder: Path) -> None:
    readers = [load_engine(str(folder), read_settings({"INKLINE_TROCR_PRECISION": kind})) for kind in ("int8", "fp32")]
    assert distance(seen(readers[0]), seen(readers[1])) > 1e-4


def test_other_weights_under_the_same_name_get_eight_bits_of_their_own(folder: Path) -> None:
    before = seen(TrOCREngine(folder, precision="int8"))
    old = (folder / "model.safetensors").stat()
    save(folder, seed=4)
    os.utime(folder / "model.safetensors", ns=(0, old.st_mtime_ns - 10**9))  # older, as from a backup
    now = TrOCREngine(folder, precision="int8")
    assert len(kept(folder)) == 1
    assert distance(seen(now), before) > 0.1
    assert distance(seen(now), seen(TrOCREngine(folder, precision="fp32"))) < 0.05


def test_a_folder_that_takes_no_files_is_said_in_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(eight_bits.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(EngineError, match=r"can't be kept in .*Read-only file system.*INKLINE_TROCR_PRECISION"):
        TrOCREngine(folder, precision="int8")
    assert TrOCREngine(folder).transcribe([render("see", np.random.default_rng(1))])


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(SettingsError, match="INKLINE_TROCR_PRECISION is 'int4', but must be one of auto, fp32, int8"):
        read_settings({"INKLINE_TROCR_PRECISION": "int4"})

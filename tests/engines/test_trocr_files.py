"""The files of a TrOCR: those of all ages are understood, and incomplete ones refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from transformers import TrOCRProcessor

from pipeline.engines import load_engine
from pipeline.engines.trocr import TrOCREngine
from pipeline.errors import EngineError
from pipeline.settings import read_settings
from tests.engines.trocrs import crops

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_registry_loads_a_folder_once_and_names_it(untrained: Path, tmp_path: Path) -> None:
    settings = replace(read_settings({}), models_dir=tmp_path)
    engine = load_engine(str(untrained), settings)
    assert isinstance(engine, TrOCREngine)
    assert load_engine(str(untrained), settings) is engine
    (line,) = engine.transcribe(crops(1))
    assert line.engine == engine.name == "untrained"


def test_older_weights_files_load_too(untrained: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(untrained, tmp_path / "older")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    lines = crops(2)
    assert [line.text for line in TrOCREngine(folder).transcribe(lines)] == [
        line.text for line in TrOCREngine(untrained).transcribe(lines)
    ]


def test_the_files_of_trocr_small_are_understood(tmp_path: Path) -> None:
    """Microsoft's small model has a SentencePiece tokenizer and an image processor of the oldest format."""
    text = tmp_path / "text.txt"
    text.write_text("\n".join(f"hello world, this is line number {number}" for number in range(200)))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(tmp_path / "sentencepiece.bpe"), vocab_size=40, minloglevel=2
    )
    files = {
        "config.json": {"model_type": "vision-encoder-decoder", "encoder": {"model_type": "deit"}},
        "tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer"},
        "preprocessor_config.json": {
            "feature_extractor_type": "DeiTFeatureExtractor", "size": 384, "do_center_crop": False, "resample": 3,
            "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
        },
    }  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))
    processor = TrOCRProcessor.from_pretrained(tmp_path, local_files_only=True)
    tokens = processor.tokenizer("hello world").input_ids
    assert processor.tokenizer.decode(tokens, skip_special_tokens=True) == "hello world"
    assert processor(images=[np.zeros((40, 300, 3), np.uint8)], return_tensors="pt").pixel_values.shape == (
        1,
        3,
        384,
        384,
    )


def without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def with_half_the_weights(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    save_file(
        {name: tensor for name, tensor in weights.items() if "decoder.layers" not in name}, folder / "model.safetensors"
    )


def with_damaged_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 100)


def without_a_tokenizer(folder: Path) -> None:
    for name in ("tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json"):
        (folder / name).unlink(missing_ok=True)


@pytest.mark.parametrize("harm", [without_weights, with_half_the_weights, with_damaged_weights, without_a_tokenizer])
def test_an_incomplete_model_is_refused_instead_of_reading_nonsense(untrained: Path, tmp_path: Path, harm) -> None:
    folder = shutil.copytree(untrained, tmp_path / "harmed")
    harm(folder)
    with pytest.raises(EngineError, match="harmed"):
        TrOCREngine(folder)

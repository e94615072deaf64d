"""TrOCR through the path users take: a folder of files, `load_engine`, `transcribe`."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from transformers import TrOCRProcessor

from pipeline.document import Transcription
from pipeline.engines import load_engine
from pipeline.engines.trocr import TrOCREngine
from pipeline.engines.trocr import engine as trocr_module
from pipeline.engines.trocr.decoder import Decoder
from pipeline.engines.trocr.graphs import PlainSteps
from pipeline.engines.trocr.greedy import write
from pipeline.engines.trocr.images import Images
from pipeline.engines.trocr.loading import load_trocr
from pipeline.engines.trocr.pieces import cut, reach
from pipeline.errors import EngineError
from pipeline.settings import read_settings
from pipeline.train.tiny_trocr import UNSEEN, Recipe, make_batch, make_model, make_processor, measure, render, train
from tests.engines.trocrs import usual_tokens

SMALL = Recipe(hidden=32, encoder_layers=1, decoder_layers=1)
MAX_TOKENS = 64  # of the tiny decoder


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small run fastest on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TrOCR with random weights that writes letters, up to its limit, and never ends a line."""
    folder = tmp_path_factory.mktemp("models") / "untrained"
    torch.manual_seed(3)
    processor, model = make_processor(SMALL), make_model(SMALL)
    letters = processor.tokenizer(SMALL.letters, add_special_tokens=False).input_ids
    mask = torch.zeros(model.config.decoder.vocab_size, 1)
    mask[letters] = 1
    with torch.no_grad():
        # Input and output embeddings are one matrix: what is no letter gets the logit 0, below the best letter's.
        model.decoder.model.decoder.embed_tokens.weight.mul_(mask)
        # Large enough that what is written depends on the image.
        for name, weight in model.named_parameters():
            if "encoder_attn.v_proj.weight" in name or "encoder_attn.out_proj.weight" in name:
                weight.mul_(8)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def crops(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    return [render(word, rng) for word in UNSEEN[:count]]


def as_written(line: Transcription) -> str:
    """All that the model wrote, with tails that repeat themselves."""
    return (*line.alternatives, line.text)[0]


def copy_of(folder: Path, to: Path) -> Path:
    to.mkdir()
    for file in folder.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    return to


def test_a_line_reads_the_same_alone_as_in_a_batch(untrained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trocr_module, "BATCH_SIZES", {"cpu": 4})
    engine = TrOCREngine(untrained)
    lines = crops(6)  # two batches
    together = engine.transcribe(lines)
    alone = [engine.transcribe([line])[0] for line in lines]
    assert [line.text for line in together] == [line.text for line in alone]
    assert [line.confidence for line in together] == pytest.approx([line.confidence for line in alone], abs=1e-3)
    assert len({line.text for line in together}) > 1


def test_lines_are_not_cut_at_twenty_tokens(untrained: Path, tmp_path: Path) -> None:
    # As Microsoft's checkpoints have it, where plain `generate` cuts every line.
    folder = copy_of(untrained, tmp_path / "cut")
    for name in ("config.json", "generation_config.json"):
        settings = json.loads((folder / name).read_text())
        settings |= {"max_length": 20, "use_cache": False} if name == "generation_config.json" else {}
        (folder / name).write_text(json.dumps(settings))
    (line,) = TrOCREngine(folder).transcribe(crops(1))
    assert len(as_written(line)) == MAX_TOKENS


def test_a_line_that_never_ends_has_no_confidence(untrained: Path) -> None:
    (line,) = TrOCREngine(untrained).transcribe(crops(1))
    assert line.text
    assert line.confidence == 0


@pytest.mark.parametrize(
    "blank",
    [
        np.full((64, 600), 255, np.uint8),
        np.full((40, 300), 128, np.uint8),
        np.tile(np.linspace(150, 230, 500).astype(np.uint8), (60, 1)),
        np.random.default_rng(0).normal(200, 6, (64, 500)).astype(np.uint8),
        np.zeros((0, 10), np.uint8),
    ],
    ids=["white", "grey", "shaded", "noisy", "no pixels"],
)
def test_blank_crops_are_empty_without_asking_the_model(
    untrained: Path, monkeypatch: pytest.MonkeyPatch, blank: np.ndarray
) -> None:
    engine = TrOCREngine(untrained)
    inked = crops(2)
    expected = engine.transcribe(inked)
    asked: list[int] = []
    read = engine._read
    monkeypatch.setattr(engine, "_read", lambda batch: asked.append(len(batch)) or read(batch))
    first, empty, last = engine.transcribe([inked[0], blank, inked[1]])
    assert (empty.text, empty.confidence) == ("", 0.0)
    assert [first, last] == expected
    assert asked == [2]


def test_no_lines_give_no_transcriptions(untrained: Path) -> None:
    assert TrOCREngine(untrained).transcribe([]) == []


def test_colour_crops_read_like_grey_ones(untrained: Path) -> None:
    engine = TrOCREngine(untrained)
    (grey,) = crops(1)
    assert engine.transcribe([np.stack([grey] * 3, axis=-1)]) == engine.transcribe([grey])


@pytest.mark.parametrize("room", [3, 1])
def test_less_memory_means_smaller_batches_with_the_same_text(
    untrained: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    engine = TrOCREngine(untrained)
    lines = crops(4)
    expected = [line.text for line in engine.transcribe(lines)]
    read = engine._read

    def read_in_little_memory(batch: list[np.ndarray]) -> object:
        if len(batch) > room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return read(batch)

    monkeypatch.setattr(engine, "_read", read_in_little_memory)
    assert [line.text for line in engine.transcribe(lines)] == expected


def test_too_little_memory_for_one_line_is_said_in_a_sentence(untrained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = TrOCREngine(untrained)

    def fail(batch: list[np.ndarray]) -> object:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(engine, "_read", fail)
    with pytest.raises(EngineError, match="too little memory"):
        engine.transcribe(crops(2))


def test_a_long_line_is_read_in_pieces_that_are_joined(untrained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = TrOCREngine(untrained)
    words = crops(4)
    line = np.concatenate(words, axis=1)  # 16 times as wide as high, where the model's image is 4 times
    pieces = cut(line, reach(32, 128))
    assert len(pieces) == 3
    before, whole, after = engine.transcribe([words[0], line, words[1]])
    assert [before, after] == engine.transcribe(words[:2])
    monkeypatch.setattr(engine, "_reach", 100.0)  # now nothing is cut
    assert as_written(whole) == " ".join(as_written(piece) for piece in engine.transcribe(pieces))
    assert whole != engine.transcribe([line])[0]


def test_empty_paper_beside_a_line_is_not_read(untrained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = TrOCREngine(untrained)
    (word,) = crops(1)
    margin = np.full((word.shape[0], 8 * word.shape[1], *word.shape[2:]), 255, np.uint8)
    line = np.concatenate([margin, word], axis=1)
    assert len(cut(line, reach(32, 128))) > 1
    seen: list[np.ndarray] = []
    read = engine._read
    monkeypatch.setattr(engine, "_read", lambda batch: seen.extend(batch) or read(batch))
    engine.transcribe([line])
    assert seen
    assert all(piece.min() < 128 for piece in seen)


def test_lines_of_several_threads_get_their_own_readings(untrained: Path) -> None:
    engine = TrOCREngine(untrained)
    lines = crops(9)
    expected = [line.text for line in engine.transcribe(lines)]
    with ThreadPoolExecutor(3) as pool:
        parts = pool.map(engine.transcribe, [lines[:2], lines[2:3], lines[3:]])
        assert [line.text for part in parts for line in part] == expected


def test_the_registry_loads_a_folder_once_and_names_it(untrained: Path, tmp_path: Path) -> None:
    settings = replace(read_settings({}), models_dir=tmp_path)
    engine = load_engine(str(untrained), settings)
    assert isinstance(engine, TrOCREngine)
    assert load_engine(str(untrained), settings) is engine
    (line,) = engine.transcribe(crops(1))
    assert line.engine == engine.name == "untrained"


def test_older_weights_files_load_too(untrained: Path, tmp_path: Path) -> None:
    folder = copy_of(untrained, tmp_path / "older")
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
    folder = copy_of(untrained, tmp_path / "harmed")
    harm(folder)
    with pytest.raises(EngineError, match="harmed"):
        TrOCREngine(folder)


def test_a_tiny_trocr_can_be_trained_on_lines_of_several_words() -> None:
    recipe, rng = replace(SMALL, words=2, paper=(100, 300)), np.random.default_rng(2)
    processor = make_processor(recipe)
    pixels, labels = make_batch(recipe, 4, 2, processor, rng)
    assert pixels.shape == (recipe.batch_size, 3, recipe.height, recipe.width)
    texts = processor.batch_decode(labels.clamp(min=0), skip_special_tokens=True)
    assert {len(text.split()) for text in texts} == {1, 2}
    line = render("tea ant iron sort", rng, 100)
    pieces = cut(line, 3)
    assert len(pieces) == np.ceil(line.shape[1] / line.shape[0] / 3)
    # Between words there is nothing but paper.
    assert all((piece[:, [0, -1]] > 150).all() for piece in pieces)


def test_training_from_scratch_ends_in_a_folder_that_reads(tmp_path: Path) -> None:
    recipe = Recipe(letters="iw", longest=1, unseen=(), hidden=48, encoder_layers=1, steps=100, batch_size=16)
    train(tmp_path, recipe, lambda line: None)
    assert measure(tmp_path, "iwwiwiiw") == 0
    processor, model = load_trocr(tmp_path, "iw", torch.device("cpu"))
    rng = np.random.default_rng(5)
    pixels = Images(processor.image_processor, model.device)([render(letter, rng) for letter in "iwwiwi"])
    expected, settings = usual_tokens(model, pixels, 6), model.generation_config
    with torch.inference_mode():
        seen = model.encoder(pixel_values=pixels).last_hidden_state
    for absorb in (False, True):
        decoder = Decoder(model, 6, absorb=absorb)
        lines = write(decoder, PlainSteps(decoder), seen, settings.decoder_start_token_id, [settings.eos_token_id])
        assert [line.tokens for line in lines] == expected

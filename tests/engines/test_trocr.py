"""TrOCR through the path users take: a folder of files, `load_engine`, `transcribe`."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.document import Transcription
from pipeline.engines.trocr import TrOCREngine
from pipeline.engines.trocr import engine as trocr_module
from pipeline.engines.trocr.pieces import cut, reach
from pipeline.errors import EngineError
from tests.engines.trocrs import crops

pytestmark = pytest.mark.usefixtures("one_thread")

MAX_TOKENS = 64  # of the tiny decoder


def as_written(line: Transcription) -> str:
    """All that the model wrote, with tails that repeat themselves."""
    return (*line.alternatives, line.text)[0]


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
    folder = shutil.copytree(untrained, tmp_path / "cut")
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
    line = np.concatenate(words, axis=1)
    pieces = cut(line, reach(32, 128))
    assert len(pieces) == 4  # of a word each: two are longer than the model reaches
    assert 2 * words[0].shape[1] > reach(32, 128) * words[0].shape[0]
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

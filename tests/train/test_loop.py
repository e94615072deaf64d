"""Training runs in small: stopped and resumed, twice the same, ended early."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from pipeline.errors import SourceError
from pipeline.train.crnn import Charset, CRNNLearner, channels_last, load
from pipeline.train.data import Labelled, Part
from pipeline.train.loop import only_one, train
from pipeline.train.network import CRNN, Shape
from pipeline.train.sources import read_folder
from pipeline.train.trainer import CHECKPOINT, Recipe, Trainer
from tests.train.lines import write_folder

WORDS = ["on", "no", "to", "not"]
TINY = Shape((8, 8, 16), (1, 1, 1), hidden=16, layers=1)
RECIPE = Recipe(epochs=2, batch_size=4, learning_rate=5e-3, decay=0.5, checkpoint_minutes=0)


@pytest.fixture(autouse=True)
def _one_process() -> object:
    """One thread, so one process: the run stays inside the test."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Labelled]:
    return list(read_folder(write_folder(tmp_path_factory.mktemp("lines"), WORDS * 3)))


def tiny_learner() -> CRNNLearner:
    charset = Charset("not")
    return CRNNLearner(channels_last(CRNN(4, TINY)), charset, TINY)


def weights_after(
    out: Path, lines: Sequence[Labelled], recipe: Recipe = RECIPE, dev: Sequence[Labelled] = ()
) -> dict[str, Tensor]:
    train(tiny_learner, [Part(lines)], {"dev": dev} if dev else {}, out, recipe)
    return load(out)[0].state_dict()


def place_of(out: Path) -> tuple[int, int]:
    """The epochs done and the steps of the next one, as the checkpoint tells them."""
    with safe_open(out / CHECKPOINT, "pt") as file:
        place = json.loads(file.metadata()["place"])
    return place["epoch"], place["step"]


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


def test_a_run_broken_off_within_an_epoch_ends_as_if_nothing_had_happened(
    tmp_path: Path, lines: list[Labelled], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = weights_after(tmp_path / "whole", lines)
    step, steps = Trainer.train_step, []

    def power_cut(trainer: Trainer, *batch: object) -> float:
        steps.append(1)
        if len(steps) == 5:
            raise RuntimeError("power cut")
        return step(trainer, *batch)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "train_step", power_cut)
        with pytest.raises(RuntimeError, match="power cut"):
            weights_after(tmp_path / "broken", lines)
    assert place_of(tmp_path / "broken") == (1, 1)
    assert same(weights_after(tmp_path / "broken", lines), whole)
    rows = [json.loads(row) for row in (tmp_path / "broken/curve.jsonl").read_text().splitlines()]
    assert rows == [json.loads(row) for row in (tmp_path / "whole/curve.jsonl").read_text().splitlines()]


def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path: Path, lines: list[Labelled]) -> None:
    first = weights_after(tmp_path / "a", lines)
    assert same(first, weights_after(tmp_path / "b", lines))
    assert not same(first, weights_after(tmp_path / "c", lines, replace(RECIPE, seed=8)))


def test_a_run_that_no_longer_gets_better_stops_and_keeps_its_best(tmp_path: Path, lines: list[Labelled]) -> None:
    # A rate of almost nothing: the readings never change, so no later epoch is better than the first.
    recipe = replace(RECIPE, epochs=50, learning_rate=1e-12, patience=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "measure", lambda trainer, part: 0.5 + trainer.epoch / 100)
        weights_after(tmp_path, lines, recipe, dev=lines)
    assert len((tmp_path / "curve.jsonl").read_text().splitlines()) == 4
    assert json.loads((tmp_path / "model.json").read_text())["epoch"] == 1


def test_the_curve_is_drawn_with_a_line_a_set(tmp_path: Path, lines: list[Labelled]) -> None:
    weights_after(tmp_path, lines, dev=lines)
    picture = ElementTree.parse(tmp_path / "curve.svg").getroot()
    assert len(picture.findall("{*}polyline")) == 1
    assert any("dev" in (text.text or "") for text in picture.findall(".//{*}text"))


@pytest.mark.parametrize(("epochs_done", "share"), [(0, 0.02), (0.5, 0.5), (1, 1), (7, 1), (9, 0.5), (10, 0)])
def test_the_rate_rises_holds_and_falls(epochs_done: float, share: float) -> None:
    recipe = Recipe(epochs=10, learning_rate=1.0, warm_up=1, decay=0.2)
    assert recipe.rate_at(epochs_done) == pytest.approx(share)


def test_two_processes_train_together(tmp_path: Path, lines: list[Labelled]) -> None:
    torch.set_num_threads(2)
    train(partial(tiny_learner), [Part(lines)], {"dev": lines}, tmp_path, RECIPE)
    rows = [json.loads(row) for row in (tmp_path / "curve.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2]
    assert all(row["cer"]["dev"] >= 0 for row in rows)


def test_a_folder_takes_one_training_at_a_time(tmp_path: Path, lines: list[Labelled]) -> None:
    with only_one(tmp_path), pytest.raises(SourceError, match="Another training is writing"):
        weights_after(tmp_path, lines)


def test_after_kill_9_no_process_of_the_training_goes_on_writing(tmp_path: Path) -> None:
    folder, out = write_folder(tmp_path / "set", WORDS * 3), tmp_path / "run"
    endless = (
        "import sys; from pathlib import Path; from tests.train.test_loop import *; torch.set_num_threads(2);"
        "lines = read_folder(Path(sys.argv[1]));"
        "train(tiny_learner, [Part(lines)], {}, Path(sys.argv[2]), replace(RECIPE, epochs=9999))"
    )
    training = subprocess.Popen([sys.executable, "-c", endless, str(folder), str(out)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (out / "curve.jsonl").exists():
        assert time.monotonic() < deadline, "the training did not begin"
        time.sleep(0.2)
    training.kill()
    training.wait()
    still, since = b"", time.monotonic()
    while time.monotonic() - since < 4:  # a step takes a few hundredths of a second
        assert time.monotonic() < deadline, "somebody is still writing"
        if (now := (out / CHECKPOINT).read_bytes()) != still:
            still, since = now, time.monotonic()
        time.sleep(0.2)
    done, _ = place_of(out)
    weights_after(out, read_folder(folder), replace(RECIPE, epochs=done + 1))
    rows = [json.loads(row)["epoch"] for row in (out / "curve.jsonl").read_text().splitlines()]
    assert rows[-1] == done + 1
    assert set(rows) == set(range(1, done + 2))

"""Fine-tuning learns a hand, leaves what it started from alone, and can go part of the way."""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.train import fine_tune as module
from pipeline.train.crnn import Charset, CRNNLearner
from pipeline.train.fine_tune import Plan, Row, Seen, blend, how_far, learn, measure, mistaken, split
from pipeline.train.network import CRNN, Shape
from pipeline.train.sources import Sample, read_folder
from tests.train.lines import write_folder

CHARSET = Charset(" notw")
SHAPE = Shape((8, 8, 16), (1, 1, 1), 16, 1)
PLAN = Plan(passes=5, batch_size=3, learning_rate=2e-2, seconds=3600)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    return read_folder(write_folder(tmp_path_factory.mktemp("hand") / "set", ["no", "on", "to", "two", "not", "won"]))


def untrained() -> CRNNLearner:
    return CRNNLearner(CRNN(len(CHARSET.characters) + 1, SHAPE).eval(), CHARSET, SHAPE)


@pytest.fixture
def start() -> CRNNLearner:
    torch.manual_seed(4)
    return untrained()


NOTHING: tuple[list[int], list[int]] = ([], [])  # is held back: each of the two learns all


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[int, list[str]]:
    """Texts of the lines drawn to learn from, by the id of who learns."""
    texts: dict[int, list[str]] = defaultdict(list)
    loss = CRNNLearner.loss

    def note_texts(learner: CRNNLearner, *batch: Any) -> Tensor:
        texts[id(learner)] += batch[2]
        return loss(learner, *batch)

    monkeypatch.setattr(CRNNLearner, "loss", note_texts)
    return texts


@pytest.mark.parametrize(("lines", "held_back"), [(20, 4), (40, 8), (57, 11), (5, 1)])
def test_each_holds_back_another_fifth_of_the_lines_from_all_over(lines: int, held_back: int) -> None:
    folds = split(lines, Plan())
    assert len({*folds[0], *folds[1]}) == 2 * held_back
    for fold in folds:
        assert len(fold) == held_back
        assert fold == sorted(fold)
        assert max(b - a for a, b in zip([0, *fold], [*fold, lines], strict=True)) <= 10
    assert split(lines, Plan()) == folds


def test_learning_lowers_the_loss_and_leaves_its_start_and_batch_norm_alone(
    start: CRNNLearner, samples: list[Sample]
) -> None:
    before = {name: value.clone() for name, value in start.model.state_dict().items()}
    rows: list[Row] = []
    progress: list[float] = []
    copies, _ = learn(start, samples, ([1], [4]), PLAN, rows.append, progress.append)
    for learned in copies:
        assert measure(learned, samples).loss < 0.8 * measure(start, samples).loss
    assert rows[-1].progress == progress[-1] == 1.0
    assert progress == sorted(progress)
    assert all((value == before[name]).all() for name, value in start.model.state_dict().items())
    statistics = [name for name in before if "running_" in name or "num_batches" in name]
    assert statistics
    for after in (learned.model.state_dict() for learned in copies):
        assert all((after[name] == before[name]).all() for name in statistics)
        assert (after["head.weight"] != before["head.weight"]).any()


def test_the_same_seed_learns_the_same_whichever_core_is_quicker(
    start: CRNNLearner, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(PLAN, passes=2)
    one = learn(start, samples, ([1], [4]), plan)[0]
    look_over = module.mistaken

    def look_over_slowly(*arguments: Any) -> set[int]:
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.2)
        return look_over(*arguments)

    monkeypatch.setattr(module, "mistaken", look_over_slowly)
    two = learn(start, samples, ([1], [4]), plan)[0]
    for before, after in zip(one, two, strict=True):
        weights = after.model.state_dict()
        assert all(torch.equal(value, weights[name]) for name, value in before.model.state_dict().items())


def test_each_learns_all_lines_but_those_held_back_from_it(
    start: CRNNLearner, samples: list[Sample], drawn: dict[int, list[str]]
) -> None:
    copies, _ = learn(start, samples, ([0, 4], [3]), PLAN)
    texts = [{sample.text for sample in samples} - held_back for held_back in ({"no", "not"}, {"two"})]
    assert [set(drawn[id(learner)]) for learner in copies] == texts


@dataclass
class Mislabelled:
    """One line's ink with another's text."""

    ink: Sample
    text: str
    writer: str = "drawn"

    def image(self, rng: np.random.Generator) -> np.ndarray:
        return self.ink.image(rng)


def test_a_line_that_says_something_else_is_found_once_the_others_are_half_learned(
    start: CRNNLearner, samples: list[Sample]
) -> None:
    lines = [*samples, Mislabelled(samples[0], "two won not")]
    assert samples[0].text == "no"
    (half_learned, _), _ = learn(start, samples * 4, NOTHING, replace(PLAN, passes=100, learning_rate=1e-2))
    assert mistaken(half_learned, lines) == {len(samples)}
    assert mistaken(half_learned, samples) == set()


def test_few_characters_and_the_harder_of_two_hands_are_not_taken_for_mistakes(
    start: CRNNLearner, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    ink = samples[0]
    easy = [(Mislabelled(ink, "read at once", "neat"), 0.1)] * 8
    hard = [(Mislabelled(ink, "hardly read at all", "hasty"), 2.0)] * 3
    wrong = [(Mislabelled(ink, "another line", "neat"), 1.0), (Mislabelled(ink, "another line", "hasty"), 4.0)]
    short = [(Mislabelled(ink, "x2 + 7", "neat"), 3.0)]
    lines, losses = zip(*easy, *hard, *wrong, *short, strict=True)
    monkeypatch.setattr(module, "read", lambda learner, lines: [Seen("?", loss) for loss in losses])
    assert mistaken(start, lines) == {11, 12}


def test_lines_left_out_are_named_and_drawn_no_more(
    start: CRNNLearner, samples: list[Sample], drawn: dict[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_over(learner: CRNNLearner, lines: list[Sample]) -> set[int]:
        drawn[id(learner)].append("looked over")
        return {place for place, line in enumerate(lines) if line.text in ("to", "not")}

    monkeypatch.setattr(module, "mistaken", look_over)
    copies, left_out = learn(start, samples, ([0], [3]), PLAN)
    assert left_out == [samples[2], samples[4]]
    for learner, learned in zip(copies, [{"on", "two", "won"}, {"no", "on", "won"}], strict=True):
        texts = drawn[id(learner)]
        before, after = texts[: texts.index("looked over")], texts[texts.index("looked over") + 1 :]
        assert {"to", "not"} <= set(before)
        assert set(after) == learned


def test_a_line_is_left_out_if_all_doubt_it_to_whom_it_was_shown(
    start: CRNNLearner, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    doubted = {"one": ["on", "to", "no"], "other": ["to", "two"]}

    def look_over(learner: CRNNLearner, lines: list[Sample]) -> set[int]:
        who = "one" if threading.current_thread() is threading.main_thread() else "other"
        return {place for place, line in enumerate(lines) if line.text in doubted[who]}

    monkeypatch.setattr(module, "mistaken", look_over)
    _, left_out = learn(start, samples, ([3], [0]), PLAN)
    assert [line.text for line in left_out] == ["no", "to", "two"]


def test_nobody_goes_on_learning_once_the_other_was_stopped(start: CRNNLearner, samples: list[Sample]) -> None:
    def stop(progress: float) -> None:
        raise KeyboardInterrupt

    threads, began = threading.active_count(), time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        learn(start, samples, NOTHING, replace(PLAN, passes=10_000), on_step=stop)
    assert threading.active_count() == threads
    assert time.monotonic() - began < 30


def test_a_slow_machine_makes_fewer_passes(start: CRNNLearner, samples: list[Sample]) -> None:
    progress: list[float] = []
    learn(start, samples, NOTHING, Plan(passes=1000, seconds=0.01), on_step=progress.append)
    assert len(progress) <= 2
    assert progress[-1] == 1.0


def test_a_blend_lies_between_both(start: CRNNLearner) -> None:
    one, other = start.model.state_dict(), untrained().model.state_dict()
    assert all(torch.equal(value, one[name]) for name, value in blend(one, other, 0.0).items())
    halfway = blend(one, other, 0.5)["head.weight"]
    assert torch.allclose(halfway, (one["head.weight"] + other["head.weight"]) / 2)


def test_the_worse_a_hand_was_read_the_further_it_goes() -> None:
    far = [how_far(loss) for loss in (0.0, 0.1, 0.5, 1.0, 3.0)]
    assert far == sorted(far)
    assert 0.5 < far[0] < 0.8
    assert far[-2:] == [1.0, 1.0]

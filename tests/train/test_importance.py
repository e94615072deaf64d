"""Weights that matter to reading in general are told apart, and held when a hand is learned."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pipeline.train.crnn import Charset
from pipeline.train.fine_tune import Plan, learn
from pipeline.train.importance import MOST, importance, load_importance, save_importance
from pipeline.train.network import CRNN, Shape
from pipeline.train.sources import Sample, read_folder
from tests.train.lines import write_folder

CHARSET, SHAPE = Charset(" notw"), Shape((8, 8, 16), (1, 1, 1), 16, 1)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    return read_folder(write_folder(tmp_path_factory.mktemp("hand") / "set", ["no", "on", "to", "two"]))


@pytest.fixture
def model() -> CRNN:
    torch.manual_seed(4)
    return CRNN(len(CHARSET.characters) + 1, SHAPE).eval()


def test_importance_is_a_share_of_the_mean_and_leaves_the_network_alone(model: CRNN, samples: list[Sample]) -> None:
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = importance(model, CHARSET, SHAPE, samples)
    assert found.keys() == dict(model.named_parameters()).keys()
    values = torch.cat([part.reshape(-1) for part in found.values()])
    assert 0 <= float(values.min()) < float(values.max()) <= MOST
    assert 0.2 < float(values.mean()) <= 1.01
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_it_lies_beside_the_weights_or_is_nothing(model: CRNN, samples: list[Sample], tmp_path: Path) -> None:
    assert load_importance(tmp_path) == {}
    found = importance(model, CHARSET, SHAPE, samples)
    save_importance(tmp_path, found)
    loaded = load_importance(tmp_path)
    assert all(torch.allclose(part, found[name], rtol=1e-3, atol=1e-6) for name, part in loaded.items())


def test_weights_that_matter_move_less(model: CRNN, samples: list[Sample]) -> None:
    plan = Plan(passes=6, batch_size=4, learning_rate=1e-2, anchor=30.0, seconds=3600)
    matters = {
        name: torch.full_like(weight, 50.0) for name, weight in model.named_parameters() if name == "head.weight"
    }

    def moved(plan: Plan) -> float:
        learned = learn(model, CHARSET, samples, [], samples, plan, importance=matters)
        return float((learned.head.weight - model.head.weight).detach().abs().mean())

    assert moved(plan) < 0.7 * moved(replace(plan, anchor=0.0))

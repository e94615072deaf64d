import pytest
import torch
from torch import nn

from pipeline.train.optimizer import Muon, orthogonalize, share_out


@pytest.mark.parametrize("shape", [(16, 48), (48, 16), (4, 24, 24)])
def test_steps_are_nearly_orthogonal(shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    sizes = torch.linalg.svdvals(orthogonalize(torch.randn(shape)).float())
    assert sizes.min() > 0.5
    assert sizes.max() < 1.4


def test_muon_finds_the_matrix_that_gave_the_answers() -> None:
    torch.manual_seed(1)
    wanted, layer = torch.randn(8, 8), nn.Linear(8, 8, bias=False)
    optimizer = Muon([layer.weight], [], lr=0.1, weight_decay=0)
    x = torch.randn(64, 8)
    for step in range(300):
        optimizer.param_groups[0]["lr"] = 0.1 * (1 - step / 300)
        optimizer.zero_grad()
        (layer(x) - x @ wanted.T).square().mean().backward()
        optimizer.step()
    assert torch.allclose(layer.weight, wanted, atol=0.05)


def test_each_gate_of_an_lstm_is_made_orthogonal_by_itself() -> None:
    weight = nn.Parameter(torch.zeros(4 * 6, 6))
    weight.grad = torch.randn(24, 6)
    Muon([], [weight], lr=1.0, weight_decay=0).step()
    sizes = torch.linalg.svdvals(weight.detach().view(4, 6, 6)) / (0.2 * 6**0.5)
    assert sizes.min() > 0.4
    assert sizes.max() < 1.4


def test_work_is_shared_out_evenly() -> None:
    owners = share_out([5, 4, 3, 3, 3], 2)
    loads = [sum(cost for cost, owner in zip([5, 4, 3, 3, 3], owners, strict=True) if owner == who) for who in (0, 1)]
    assert sorted(loads) == [8, 10]

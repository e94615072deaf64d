"""Muon: momentum whose every step is made orthogonal, for the matrices inside a network.

After K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024), with the step size of
J. Liu et al., "Muon is scalable for LLM training" (2025), which lets it share AdamW's learning rate.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from pipeline.engines.precision import has_bfloat16

GATES = 4  # an LSTM keeps the matrices of its gates stacked in one


def orthogonalize(matrices: Tensor) -> Tensor:
    """The nearest (semi-)orthogonal matrices, roughly: (..., m, n), by five Newton-Schulz iterations."""
    x = matrices.bfloat16() if has_bfloat16(matrices.device.type) else matrices
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Updates 2-D weights and the kernels of convolutions; `gates` names weights that are stacks of four matrices."""

    def __init__(self, weights: list[nn.Parameter], gates: list[nn.Parameter], lr: float, weight_decay: float):
        groups = [{"params": weights, "parts": 1}, {"params": gates, "parts": GATES}]
        super().__init__([g for g in groups if g["params"]], {"lr": lr, "weight_decay": weight_decay, "momentum": 0.95})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Take one step. With several processes, each works out its share of the updates and they exchange them."""
        team = torch.distributed.is_initialized()
        rank, size = (torch.distributed.get_rank(), torch.distributed.get_world_size()) if team else (0, 1)
        jobs = [(group, weight) for group in self.param_groups for weight in group["params"]]
        updates = [torch.zeros(weight.numel()) if team else torch.empty(0) for _, weight in jobs]
        owners = share_out([cost(weight, group["parts"]) for group, weight in jobs], size)
        for i, (group, weight) in enumerate(jobs):
            memory = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
            memory.lerp_(weight.grad, 1 - group["momentum"])
            if owners[i] == rank:
                ahead = weight.grad.lerp(memory, group["momentum"])
                matrices = ahead.reshape(group["parts"], -1, ahead[0].numel())
                scale = 0.2 * math.sqrt(max(matrices.shape[-2:]))
                updates[i] = (orthogonalize(matrices).float() * scale).reshape(-1)
        if team:
            together = torch.cat(updates)
            torch.distributed.all_reduce(together)
            updates = list(together.split([weight.numel() for _, weight in jobs]))
        for (group, weight), update in zip(jobs, updates, strict=True):
            weight.mul_(1 - group["lr"] * group["weight_decay"])
            weight.add_(update.view(weight.shape), alpha=-group["lr"])


def cost(weight: Tensor, parts: int) -> float:
    """Multiplications of an orthogonalization, up to a factor."""
    rows, columns = weight.shape[0] // parts, weight[0].numel()
    return parts * min(rows, columns) ** 2 * max(rows, columns)


def share_out(costs: list[float], workers: int) -> list[int]:
    """Which worker does which job, so that all finish at about the same time: dearest jobs first."""
    loads, owners = [0.0] * workers, [0] * len(costs)
    for job in sorted(range(len(costs)), key=costs.__getitem__, reverse=True):
        owners[job] = min(range(workers), key=loads.__getitem__)
        loads[owners[job]] += costs[job]
    return owners

"""Where a training stands, as safetensors: weights and the optimizers' memories, never pickled."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn


def save_checkpoint(
    path: Path, models: Mapping[str, nn.Module], optimizers: Sequence[torch.optim.Optimizer], place: dict[str, Any]
) -> None:
    """Write all that a training needs to go on; a crash half-way leaves the old file whole. place: plain numbers."""
    tensors = {f"{name}/{key}": tensor for name, model in models.items() for key, tensor in model.state_dict().items()}
    for number, optimizer in enumerate(optimizers):
        for weight, memory in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer {number}/{weight}/{key}": tensor for key, tensor in memory.items()}
    # Cloned, as weights that are one and the same in memory can't be stored twice.
    whole = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    fresh = path.with_suffix(".new")
    save_file(whole, fresh, metadata={"place": json.dumps(place)})
    os.replace(fresh, path)


def load_checkpoint(
    path: Path, models: Mapping[str, nn.Module], optimizers: Sequence[torch.optim.Optimizer], device: torch.device
) -> dict[str, Any]:
    """Take up what `save_checkpoint` wrote. Returns the place. Raises RuntimeError where the network is another one."""
    with safe_open(path, "pt", device=str(device)) as file:
        place = json.loads(file.metadata()["place"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    for name, model in models.items():
        model.load_state_dict(_under(name, tensors))
    for number, optimizer in enumerate(optimizers):
        memories: dict[int, dict[str, Tensor]] = {}
        for key, tensor in _under(f"optimizer {number}", tensors).items():
            weight, what = key.split("/")
            memories.setdefault(int(weight), {})[what] = tensor
        optimizer.load_state_dict(optimizer.state_dict() | {"state": memories})
    return place


def _under(name: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(f"{name}/"): tensor for key, tensor in tensors.items() if key.startswith(f"{name}/")}

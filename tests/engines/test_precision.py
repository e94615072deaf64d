"""Half precision only where the hardware computes in it."""

from collections.abc import Iterator

import pytest
import torch

from pipeline.engines.precision import autocast, has_bfloat16


@pytest.fixture(autouse=True)
def unasked() -> Iterator[None]:
    has_bfloat16.cache_clear()
    yield
    has_bfloat16.cache_clear()


@pytest.mark.parametrize(
    ("can", "kind"),
    [
        ({"avx2": True, "avx512_bf16": False}, torch.float32),  # only imitates it, ten times slower
        ({"avx2": True, "avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"neon": True, "bf16": True}, torch.bfloat16),
        ({"neon": True, "bf16": False}, torch.float32),
    ],
)
def test_networks_compute_in_what_the_processor_computes_in(
    can: dict[str, bool], kind: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: can)
    with autocast("cpu"):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == kind


def test_whoever_wants_all_digits_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    with autocast("cpu", enabled=False):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32

"""Half the digits where that is faster: bfloat16 on processors and GPUs that compute in it.

Processors without it only imitate it, some ten times slower than single precision.
"""

from functools import cache

import torch


@cache
def has_bfloat16(device_type: str) -> bool:
    """Whether a "cpu" or "cuda" device here computes in bfloat16 itself."""
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    can = torch.cpu.get_capabilities()
    return device_type == "cpu" and bool(can.get("avx512_bf16") or can.get("amx_bf16") or can.get("bf16"))


def autocast(device_type: str, *, enabled: bool = True) -> torch.autocast:
    """Where networks compute in bfloat16 if the device does, and else in single precision."""
    return torch.autocast(device_type, torch.bfloat16, enabled=enabled and has_bfloat16(device_type))

"""Which accelerator is here, found without importing torch on machines that have none."""

import platform
import shutil
from functools import cache
from pathlib import Path

# Device nodes of NVIDIA's driver, of AMD's, and of either under WSL.
GPU_NODES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")


@cache
def gpu() -> str:
    """ "cuda" (NVIDIA or AMD), "mps" (Apple), or "" where torch can use no GPU."""
    if not (_is_apple() or shutil.which("nvidia-smi") or any(Path(node).exists() for node in GPU_NODES)):
        return ""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else ""


def _is_apple() -> bool:
    return platform.system() == "Darwin" and platform.machine() == "arm64"

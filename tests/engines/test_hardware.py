"""Finding a GPU."""

import subprocess
import sys

import pytest

from pipeline.engines import hardware


def test_a_machine_without_gpu_driver_is_known_without_importing_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware.shutil, "which", lambda name: None)
    monkeypatch.setattr(hardware, "GPU_NODES", ())
    monkeypatch.setattr(hardware, "_is_apple", lambda: False)
    monkeypatch.setitem(sys.modules, "torch", None)  # an import of torch would now fail
    assert hardware.gpu.__wrapped__() == ""


@pytest.mark.parametrize(("cuda", "mps", "expected"), [(True, False, "cuda"), (False, True, "mps"), (False, False, "")])
def test_torch_decides_where_there_might_be_one(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, expected: str
) -> None:
    import torch

    monkeypatch.setattr(hardware.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert hardware.gpu.__wrapped__() == expected


def test_importing_the_readers_does_not_import_torch() -> None:
    code = "import sys, pipeline.engines; sys.exit(bool({'torch', 'transformers', 'onnxruntime'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

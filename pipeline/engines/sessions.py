"""ONNX Runtime beside the other models and the screens of this process."""

import os
from pathlib import Path

import onnxruntime


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_session(file: Path, threads: int = 0) -> onnxruntime.InferenceSession:
    """A network in an ONNX file, to be run on the CPU. threads: 0 for as many as there are cores for this process."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or cores()
    # Spinning threads would starve the other models and the screens of this process.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(file, options, ["CPUExecutionProvider"])

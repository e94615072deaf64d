"""What a measurement was made with, so that it can be made again."""

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.engines import Engine, lines_at_once

# Libraries whose version can change a reading; only those this process loaded are named.
LIBRARIES = ("onnxruntime", "torch", "transformers", "cv2", "numpy", "rapidfuzz")


@dataclass(frozen=True, slots=True)
class About:
    """The reader by its own name and as it was asked for, the sets, the machine, and when."""

    engine: str
    asked: str
    data: tuple[str, ...]
    made: datetime
    versions: dict[str, str]
    machine: str
    cores: int
    load: float  # processes that wanted a core in the last minute, on average; this one among them
    batch: int  # lines handed to the reader at a time


def about(engine: Engine, asked: str, data: Sequence[str]) -> About:
    loaded = {name: str(getattr(sys.modules[name], "__version__", "")) for name in LIBRARIES if name in sys.modules}
    return About(
        engine=engine.name,
        asked=asked,
        data=tuple(data),
        made=datetime.now().astimezone(),
        versions={"Python": platform.python_version(), **loaded},
        machine=f"{platform.system()} {platform.machine()}",
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0,
        batch=lines_at_once(engine),
    )

"""A worker for tests to kill: `python -m tests.jobs.slow_worker DATA`. It writes down each page it begins."""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.document import Page
from pipeline.engines import Engine
from pipeline.ingest import PageImage
from tests.jobs.helpers import STEPS, read_page, worker_on
from tests.store.helpers import store_in

folder = Path(sys.argv[1])


def slow(image: PageImage, index: int, engine: Engine, on_stage: Callable[[str, int, int], None]) -> Page:
    with (folder / "begun.log").open("a") as log:
        log.write(f"{index}\n")
    time.sleep(0.2)
    return read_page(image, index, engine, on_stage)


worker_on(store_in(folder), folder, replace(STEPS, read_page=slow)).start()
time.sleep(60)

"""A task in a process of its own: `python -m pipeline.jobs.child` reads the task from stdin and tells how it goes.

Each row on stdout is JSON with one of `progress` (with its `stage`), `row` (of the curve), `result` or `error`.
A model it makes lies where only the runner looks, which takes it from there once nobody can cancel the task any more.
"""

import base64
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pipeline.engines import load_engine
from pipeline.errors import EngineError, InklineError, SourceError
from pipeline.models import find_model
from pipeline.retouch import reread_document
from pipeline.settings import Settings, read_settings
from pipeline.store import open_store

if TYPE_CHECKING:
    from pipeline.train.data import Labelled
    from pipeline.train.report.measure import LineResult

Tell = Callable[..., None]
Wanted = Mapping[str, Any]
TELL_S = 0.5
STRIP = (600, 80)
WORST, NAMED = 8, 10


def main() -> None:
    """Nobody but the runner reads stdout: what libraries print goes to stderr."""
    os.nice(5)  # the screens go first
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def tell(**row: object) -> None:
        # Once the server is gone this fails, and so ends the process.
        out.write(json.dumps(row) + "\n")

    task = json.load(sys.stdin)
    try:
        tell(result=WORK[task["kind"]](task["wanted"], Path(task["out"]), read_settings(), tell))
    except InklineError as error:
        tell(error=str(error))


def adapt_hand(wanted: Wanted, out: Path, settings: Settings, tell: Tell) -> dict[str, Any]:
    """Learn from confirmed lines; `out` is a model folder then, if the model is worth keeping."""
    from pipeline.train.adapt import adapt
    from pipeline.train.sources import decoded, read_lines

    source = find_model(wanted["model"], settings).folder
    if source is None:
        raise EngineError(f"{wanted['model']} is not on this machine, so it can't learn.")
    tell(stage="lines", progress=0.0)
    read = decoded(read_lines(wanted["data"]))
    bad = [str(row) for row in read.bad]
    try:
        outcome = adapt(
            source, read.samples, out, title=wanted["title"],
            on_progress=at_times(tell), on_row=lambda row: tell(row=asdict(row)),
        )  # fmt: skip
    except SourceError as error:  # too few lines: those that were left out may be why
        raise SourceError(" ".join([str(error), *bad_rows_in_short(bad)])) from error
    readings = [
        {"ink": ink_of(reading.line), "truth": reading.truth, "before": reading.before, "after": reading.after}
        for reading in outcome.readings
    ]
    mistaken = [{"ink": ink_of(line), "truth": line.text} for line in outcome.mistaken]
    return outcome.figures() | {"readings": readings, "mistaken": mistaken} | left_out(bad)


def evaluate(wanted: Wanted, _out: Path, settings: Settings, tell: Tell) -> dict[str, Any]:
    """Read labelled lines, a folder's or those a person confirmed, and count what is wrong."""
    from pipeline.train.report.measure import measure, speed
    from pipeline.train.report.summary import rates_of_set, worst
    from pipeline.train.sources import read_lines

    tell(stage="lines", progress=0.0)
    read = read_lines(wanted["data"])
    tell(stage="load", progress=0.0)
    engine = load_engine(wanted["model"], settings)
    show, done = at_times(tell), 0

    def after_batch(lines: "list[LineResult]", bad: list[str]) -> None:
        nonlocal done
        done += len(lines) + len(bad)
        show("read", done / len(read.samples))

    part = measure(wanted["data"], read.samples, engine, after_batch, [str(row) for row in read.bad])
    if not part.lines:
        raise SourceError(" ".join([f"Not one line of {wanted['data']} could be read.", *bad_rows_in_short(part.bad)]))
    rates = rates_of_set(part)
    low, high = rates.cer_interval
    bad_lines = worst(part.lines, WORST)
    return {
        "cer": rates.cer, "wer": rates.wer, "low": low, "high": high, "lines": rates.lines,
        "ms_a_line": 1000 / speed([part]).lines_per_second,
        "worst": [{"ink": strip(line.crop()), "truth": line.truth, "read": line.read} for line in bad_lines],
        **left_out(part.bad),
    }  # fmt: skip


def reread(wanted: Wanted, _out: Path, settings: Settings, tell: Tell) -> dict[str, Any]:
    """Propose another reader's texts for the lines of a document that nobody has confirmed."""
    tell(stage="load", progress=0.0)
    store, show = open_store(settings), at_times(tell)
    try:
        lines = reread_document(
            store, settings, wanted["document"], wanted["engine"], lambda share: show("read", share)
        )
    finally:
        store.close()
    return {"document": wanted["document"], "lines": lines}


def left_out(bad: Sequence[str]) -> dict[str, Any]:
    """For the result: how many rows could not be used, and sentences on the first of them."""
    return {"left_out": len(bad), "bad": list(bad[:NAMED])}


def bad_rows_in_short(bad: Sequence[str]) -> list[str]:
    """A sentence on the rows that could not be used, if there are any."""
    if not bad:
        return []
    return [f"{'1 row' if len(bad) == 1 else f'{len(bad)} rows'} can't be used; the first: {bad[0]}"]


def at_times(tell: Tell) -> Callable[[str, float], None]:
    """Tells stage and progress, but not more often than anyone looks."""
    last: list[Any] = ["", 0.0]

    def show(stage: str, progress: float) -> None:
        if stage != last[0] or time.monotonic() - last[1] > TELL_S:
            last[:] = stage, time.monotonic()
            tell(stage=stage, progress=progress)

    return show


def ink_of(line: "Labelled") -> str:
    """A line's picture for a table cell."""
    return strip(line.image(np.random.default_rng(0)))


def strip(image: np.ndarray) -> str:
    """A line's ink, (H, W) grey, as a WebP data URL, 600 x 80, transparent beside it: table cells crop wider ones."""
    scale = min(STRIP[0] / image.shape[1], STRIP[1] / image.shape[0])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[: STRIP[1], : STRIP[0]]
    picture = np.zeros((STRIP[1], STRIP[0], 4), np.uint8)
    top = (STRIP[1] - len(small)) // 2
    place = picture[top : top + len(small), : small.shape[1]]
    place[..., :3], place[..., 3] = small[..., None], 255
    data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, 60])[1].tobytes()
    return "data:image/webp;base64," + base64.b64encode(data).decode("ascii")


WORK: Mapping[str, Callable[[Wanted, Path, Settings, Tell], dict[str, Any]]] = {
    "adapt": adapt_hand,
    "evaluate": evaluate,
    "reread": reread,
}

if __name__ == "__main__":
    main()

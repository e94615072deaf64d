"""A task in a process of its own: `python -m pipeline.jobs.child` reads the task from stdin and tells how it goes.

Each row on stdout is JSON with one of `progress` (with its `stage`), `row` (of the curve), `result` or `error`.
"""

import base64
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pipeline.engines import load_engine
from pipeline.engines.default import make_default
from pipeline.errors import EngineError, InklineError
from pipeline.models import find_model, new_folder, sweep_half_made
from pipeline.settings import Settings, read_settings

if TYPE_CHECKING:
    from pipeline.train.data import Labelled

Tell = Callable[..., None]
Wanted = Mapping[str, Any]
TELL_S = 0.5
BATCH = 8
STRIP = (600, 80)
WORST = 8


def main() -> None:
    """Nobody but the runner reads stdout: what libraries print goes to stderr."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def tell(**row: object) -> None:
        # Once the server is gone this fails, and so ends the process.
        out.write(json.dumps(row) + "\n")

    task = json.load(sys.stdin)
    try:
        tell(result=WORK[task["kind"]](task["wanted"], read_settings(), tell))
    except InklineError as error:
        tell(error=str(error))


def adapt_hand(wanted: Wanted, settings: Settings, tell: Tell) -> dict[str, Any]:
    """Learn from confirmed lines; a model that was kept becomes the default."""
    from pipeline.train.adapt import adapt, general_lines
    from pipeline.train.sources import read_lines, readable

    sweep_half_made(settings)
    source = find_model(wanted["model"], settings).folder
    if source is None:
        raise EngineError(f"{wanted['model']} is not on this machine, so it can't learn.")
    out = new_folder(wanted["title"], settings)
    tell(stage="lines", progress=0.0)
    samples = readable(read_lines(wanted["data"]).samples)
    outcome = adapt(
        source, samples, out, general_lines(), title=wanted["title"],
        on_progress=at_times(tell), on_row=lambda row: tell(row=asdict(row)),
    )  # fmt: skip
    strips = {sample.text: strip(sample) for sample in samples}
    if outcome.kept:
        make_default(str(out), settings)
    readings = [asdict(reading) | {"ink": strips[reading.truth]} for reading in outcome.readings]
    return asdict(outcome) | {"readings": readings, "model": str(out) if outcome.kept else ""}


def evaluate(wanted: Wanted, settings: Settings, tell: Tell) -> dict[str, Any]:
    """Read labelled lines, a folder's or those a person confirmed, and count what is wrong."""
    from pipeline.train.metrics import confidence_interval, error_counts
    from pipeline.train.sources import read_lines, readable

    tell(stage="lines", progress=0.0)
    samples = readable(read_lines(wanted["data"]).samples)
    tell(stage="load", progress=0.0)
    engine = load_engine(wanted["model"], settings)
    texts: list[str] = []
    show, seconds = at_times(tell), 0.0
    for start in range(0, len(samples), BATCH):
        show("read", start / len(samples))
        crops = [sample.image(np.random.default_rng(0)) for sample in samples[start : start + BATCH]]
        began = time.monotonic()
        texts += [line.text for line in engine.transcribe(crops)]
        seconds += time.monotonic() - began
    letters = [error_counts(sample.text, text) for sample, text in zip(samples, texts, strict=True)]
    words = [error_counts(sample.text, text, words=True) for sample, text in zip(samples, texts, strict=True)]
    edits, lengths = zip(*letters, strict=True)
    low, high = confidence_interval(edits, lengths, [sample.writer for sample in samples])
    order = sorted(range(len(samples)), key=lambda i: -edits[i] / max(lengths[i], 1))[:WORST]
    worst = [{"ink": strip(samples[i]), "truth": samples[i].text, "read": texts[i]} for i in order if edits[i]]
    return {
        "cer": sum(edits) / max(sum(lengths), 1),
        "wer": sum(w[0] for w in words) / max(sum(w[1] for w in words), 1),
        "low": low, "high": high, "lines": len(samples), "ms_a_line": 1000 * seconds / len(samples), "worst": worst,
    }  # fmt: skip


def at_times(tell: Tell) -> Callable[[str, float], None]:
    """Tells stage and progress, but not more often than anyone looks."""
    last: list[Any] = ["", 0.0]

    def show(stage: str, progress: float) -> None:
        if stage != last[0] or time.monotonic() - last[1] > TELL_S:
            last[:] = stage, time.monotonic()
            tell(stage=stage, progress=progress)

    return show


def strip(sample: "Labelled") -> str:
    """A line's ink as a WebP data URL, 600 x 80, transparent beside it: table cells crop what is wider than they."""
    image = sample.image(np.random.default_rng(0))
    scale = min(STRIP[0] / image.shape[1], STRIP[1] / image.shape[0])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[: STRIP[1], : STRIP[0]]
    picture = np.zeros((STRIP[1], STRIP[0], 4), np.uint8)
    top = (STRIP[1] - len(small)) // 2
    place = picture[top : top + len(small), : small.shape[1]]
    place[..., :3], place[..., 3] = small[..., None], 255
    data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, 60])[1].tobytes()
    return "data:image/webp;base64," + base64.b64encode(data).decode("ascii")


WORK: Mapping[str, Callable[[Wanted, Settings, Tell], dict[str, Any]]] = {"adapt": adapt_hand, "evaluate": evaluate}

if __name__ == "__main__":
    main()

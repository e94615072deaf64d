"""A measurement as JSON, down to each line, for programs and for comparing two readers."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pipeline.train.metrics import DRAWS
from pipeline.train.report.about import About
from pipeline.train.report.measure import LineResult, SetResult, speed
from pipeline.train.report.summary import by_writer, rates_of_all, rates_of_set

VERSION = 1  # of this form


def to_json(sets: Sequence[SetResult], made_with: About) -> bytes:
    record = {
        "version": VERSION,
        "made": made_with.made.isoformat(timespec="seconds"),
        "engine": made_with.engine,
        "settings": {
            "data": made_with.data,
            "engine": made_with.asked,
            "batch": made_with.batch,
            "interval": f"95 %, percentile bootstrap of {DRAWS} draws",
        },
        "versions": made_with.versions,
        "machine": {"system": made_with.machine, "cores": made_with.cores, "load": round(made_with.load, 2)},
        "speed": asdict(speed(sets)),
        "total": asdict(rates_of_all(sets)),
        "sets": [_set(part) for part in sets],
    }
    # A lone surrogate, as file names can hold, becomes the escape \udcff, which JSON allows.
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8", "backslashreplace")


def _set(part: SetResult) -> dict[str, Any]:
    return {
        **asdict(rates_of_set(part)),
        "speed": asdict(speed([part])),
        "bad": part.bad,
        "by_writer": [
            {"writer": hand.name, "lines": hand.lines, "cer": hand.cer, "wer": hand.wer, "confidence": hand.confidence}
            for hand in by_writer([part])
        ],
        "by_line": [_line(line) for line in part.lines],
    }


def _line(line: LineResult) -> dict[str, Any]:
    return {
        "file": line.file,
        "writer": line.writer,
        "truth": line.truth,
        "read": line.read,
        "confidence": round(line.confidence, 4),
        "edits": line.edits,
    }

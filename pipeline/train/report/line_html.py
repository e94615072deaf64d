"""A line in the report: its picture, and truth and reading set letter below letter."""

import base64
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

import cv2
import numpy as np

from pipeline.train.report.alignment import Step, align, visible
from pipeline.train.report.measure import LineResult

SHOWN = 64, 1400  # height and greatest width of pictures, in pixels


def line_figure(line: LineResult) -> str:
    """A <figure>; without the picture where it can't be read any more."""
    try:
        picture = f'<img alt="" src="{data_url(line.crop())}">'
    except OSError:
        picture = ""
    writer = f"writer {line.writer} · " if line.writer else ""
    about = f"{line.file} · {writer}{line.edits} edits, CER {100 * line.cer:.0f} % · confidence {line.confidence:.2f}"
    text = aligned(line.truth, line.read)
    return f'<figure class="line">{picture}{text}<figcaption>{escape(about)}</figcaption></figure>'


def data_url(crop: np.ndarray) -> str:
    """A small JPEG of an (H, W) grey picture; never larger than it was."""
    scale = min(1.0, SHOWN[0] / crop.shape[0], SHOWN[1] / crop.shape[1])
    size = max(round(crop.shape[1] * scale), 1), max(round(crop.shape[0] * scale), 1)
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 72])[1].tobytes()
    return "data:image/jpeg;base64," + base64.b64encode(data).decode("ascii")


def aligned(truth: str, read: str) -> str:
    """Truth above, reading below; words wrap together, and runs of one kind share a colour."""
    words = "".join(f'<span class="word">{_word(word)}</span>' for word in _words(align(truth, read)))
    label = escape(f"written: {truth}; read: {read}", quote=True)
    return f'<div class="aligned" role="img" aria-label="{label}">{words}</div>'


def _words(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Steps cut behind each space, where a line may be broken."""
    word: list[Step] = []
    for step in steps:
        word.append(step)
        if " " in (step.truth, step.read):
            yield word
            word = []
    if word:
        yield word


def _word(steps: Sequence[Step]) -> str:
    runs = []
    for kind, group in groupby(steps, key=lambda step: step.kind):
        some = list(group)
        # Letters that differ stand each above its own; those that agree may join, as in handwriting fonts.
        for part in [some] if kind == "same" else [[step] for step in some]:
            above, below = "".join(step.truth for step in part), "".join(step.read for step in part)
            if kind != "same":
                above, below = visible(above), visible(below)
            runs.append(f'<span class="step {kind}"><b>{escape(above)}</b><i>{escape(below)}</i></span>')
    return "".join(runs)

"""Plots as SVG by hand. Colours are classes of report.css, so that they follow the light or dark page."""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from pipeline.train.metrics import calibration_bins

WIDTH, HEIGHT = 460, 320
LEFT, RIGHT, TOP, BOTTOM = 46, 24, 12, 42  # room for the axes
Points = Sequence[tuple[float, float]]


def reliability(confidences: Sequence[float], cers: Sequence[float]) -> str:
    """Mean accuracy of the lines in each tenth of confidence; the diagonal is what a well calibrated reader shows."""
    bins = calibration_bins(confidences, cers)
    most = max(bins[:, 0].max(), 1)
    parts = []
    for number, (count, sure, right) in enumerate(bins):
        if not count:
            continue
        x0, x1 = _x(number / 10) + 2, _x((number + 1) / 10) - 2
        title = f"<title>{count:.0f} lines: confidence {sure:.2f}, accuracy {right:.2f}</title>"
        parts += [
            f'<g>{title}<rect class="bar" x="{x0:.1f}" y="{_y(right):.1f}" width="{x1 - x0:.1f}" '
            f'height="{_y(0) - _y(right):.1f}"/></g>',
            f'<circle class="dot" cx="{_x(sure):.1f}" cy="{_y(right):.1f}" r="{2.5 + 5 * (count / most) ** 0.5:.1f}"/>',
            f'<text class="small" x="{(x0 + x1) / 2:.1f}" y="{_y(0) - 5:.1f}">{count:.0f}</text>',
        ]
    body = "".join(parts) + _curve([(0, 0), (1, 1)], "guide")
    return _plot(body, "confidence of the reader", "characters right", "Confidence against accuracy, by tenths")


def errors_found(confidences: Sequence[float], edits: Sequence[int]) -> str:
    """The share of all errors met by whoever checks the least certain lines first; dashed, with perfect foresight."""
    edits_by_line = np.asarray(edits, np.float64)
    held = _shares(edits_by_line[np.argsort(confidences, kind="stable")])
    best = _shares(np.sort(edits_by_line)[::-1])
    body = _curve([(0, 0), (1, 1)], "guide") + _curve(best, "dashed") + _curve(held, "curve")
    x, y = 0.2, float(np.interp(0.2, *np.transpose(held)))
    body += (
        f'<circle class="dot" cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="5"/>'
        f'<text class="label" x="{_x(x) + 10:.1f}" y="{_y(y) + 16:.1f}">20 % of lines, {100 * y:.0f} % of errors</text>'
    )
    return _plot(body, "lines checked, least certain first", "errors met", "Errors met by checking uncertain lines")


def bars(groups: Sequence[tuple[str, int, float]], label: str, what: str, title: str) -> str:
    """A share (`what`) for each of some groups of lines, given as (name, lines, share)."""
    top = _round_up(max((share for _, _, share in groups), default=0))
    step = 1 / max(len(groups), 1)
    parts = []
    for number, (name, lines, share) in enumerate(groups):
        x0, x1 = _x(number * step) + 5, _x((number + 1) * step) - 5
        y = _y(share / top)
        middle = f'x="{(x0 + x1) / 2:.1f}"'
        parts.append(
            f"<g><title>{escape(name)}: {lines} lines, {escape(what)} {100 * share:.1f} %</title>"
            f'<rect class="bar" x="{x0:.1f}" y="{y:.1f}" width="{x1 - x0:.1f}" height="{_y(0) - y:.1f}"/></g>'
            f'<text class="small" {middle} y="{y - 5:.1f}">{100 * share:.1f}</text>'
            f'<text class="tick middle" {middle} y="{_y(0) + 16}">{escape(name)}</text>'
        )
    return _plot("".join(parts), label, what, title, top=top, x_ticks=False)


def _plot(body: str, x_label: str, y_label: str, title: str, *, top: float = 1.0, x_ticks: bool = True) -> str:
    """Axes, grid and labels around what is drawn; both axes in per cent, the upright one up to `top`."""
    grid = []
    for share in np.linspace(0, 1, 6):
        y = _y(share)
        grid.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick end" x="{LEFT - 6}" y="{y + 4:.1f}">{100 * share * top:.3g} %</text>'
        )
        if x_ticks:
            grid.append(f'<text class="tick middle" x="{_x(share):.1f}" y="{_y(0) + 16}">{100 * share:.0f} %</text>')
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{"".join(grid)}{body}'
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(0)}" y2="{_y(0)}"/>'
        f'<text class="label middle" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}">{escape(x_label)}</text>'
        f'<text class="label" x="{LEFT + 6}" y="{TOP + 12}">{escape(y_label)}</text></svg>'
    )


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _curve(points: Points, name: str) -> str:
    return f'<polyline class="{name}" points="{" ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)}"/>'


def _shares(edits: NDArray[np.float64]) -> list[tuple[float, float]]:
    """(share of lines, share of edits) in the order given, at no more points than the eye can tell apart."""
    count = len(edits)
    total = max(float(edits.sum()), 1.0)
    held = np.concatenate([[0], np.cumsum(edits) / total])
    at = np.unique(np.linspace(0, count, min(count, 200) + 1).round().astype(int))
    return [(index / max(count, 1), float(held[index])) for index in at]


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50, 100 ... per cent."""
    rounds = [base * 10.0**power for power in range(-2, 2) for base in (1, 2, 5)]
    return next((limit for limit in rounds if limit >= value * 1.08), value * 1.08)

"""Learning curves as a picture: CER on each dev set, epoch by epoch, as SVG."""

import json
import math
from html import escape
from pathlib import Path
from typing import Any

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 400, 56, 44, 20, 190
COLOURS = ("#2563eb", "#d97706", "#059669", "#db2777", "#7c3aed", "#475569")
TICKS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100)  # CER in per cent
Row = dict[str, Any]  # epoch, loss, and cer by dev set


def read_curve(path: Path) -> list[Row]:
    """The rows of a `curve.jsonl`; of an epoch that was run twice, the later."""
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:  # a full disk cut it short; the other epochs are still worth seeing
            continue
        rows[row["epoch"]] = row
    return list(rows.values())


def write_curve(folder: Path, row: Row) -> None:
    """Add a row to the folder's `curve.jsonl`, in place of an earlier one of its epoch, and draw `curve.svg`."""
    rows = [kept for kept in read_curve(folder / "curve.jsonl") if kept["epoch"] < row["epoch"]] + [row]
    for name, text in (("curve.jsonl", "".join(json.dumps(r) + "\n" for r in rows)), ("curve.svg", draw_curve(rows))):
        (folder / f"{name}.new").write_text(text, encoding="utf-8")
        (folder / f"{name}.new").replace(folder / name)


def draw_curve(rows: list[Row]) -> str:
    """An SVG of CER (logarithmic) over epochs, a line a dev set, its last value beside it."""
    names = list(rows[-1]["cer"]) if rows else []
    points = {
        name: [(row["epoch"], max(100 * row["cer"][name], 0.1)) for row in rows if name in row["cer"]] for name in names
    }
    values = [cer for line in points.values() for _, cer in line] or [1.0, 100.0]
    low = max((tick for tick in TICKS if tick <= min(values)), default=min(values))
    high = min((tick for tick in TICKS if tick >= max(values)), default=max(values))
    last = max((row["epoch"] for row in rows), default=1)

    def x(epoch: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (epoch - 1) / max(last - 1, 1)

    def y(cer: float) -> float:
        height = HEIGHT - TOP - BOTTOM
        return TOP + height * (1 - math.log(cer / low) / max(math.log(high / low), 1e-9))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="13" fill="#475569"><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    ]
    for tick in TICKS:
        if low <= tick <= high:
            parts.append(f'<path d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}" stroke="#e2e8f0"/>')
            parts.append(f'<text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick} %</text>')
    for epoch in sorted({1, *range(0, last + 1, max(5 * round(last / 30), 1)), last} - {0}):
        parts.append(f'<text x="{x(epoch):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{epoch}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">epoch</text>')
    for number, (name, line) in enumerate(points.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x(epoch):.1f},{y(cer):.1f}" for epoch, cer in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        epoch, cer = line[-1]
        short = "/".join(Path(name).parts[-2:])
        label = f"{cer:.1f} % {escape(short)}"
        parts.append(f'<text x="{x(epoch) + 8:.1f}" y="{y(cer) + 4:.1f}" fill="{colour}">{label}</text>')
    return "".join(parts) + "</svg>\n"

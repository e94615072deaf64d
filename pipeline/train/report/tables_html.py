"""Error rates in the report: by data set, by writer."""

from collections.abc import Sequence
from html import escape

from pipeline.train.report.measure import SetResult
from pipeline.train.report.summary import Rates, Writer, rates_of_set
from pipeline.train.report.words import between, percent

WRITERS = 60  # how many bars are shown before the rest is folded away


def sets_section(sets: Sequence[SetResult], total: Rates) -> str:
    """One row a set, and one for all."""
    rows = [rates_of_set(part) for part in sets]
    widest = max((row.cer_interval[1] for row in [*rows, total]), default=0) or 1
    body = "".join(_set_row(row, widest, "") for row in rows)
    if len(rows) > 1:
        body += _set_row(total, widest, "total")
    return (
        '<h2>By data set</h2><p class="soft">The thin line spans the 95 % interval. '
        "ECE is how far confidence is from accuracy; the last column is the share of all errors that the least certain "
        'fifth of the lines holds.</p><div class="scroll"><table><thead><tr><th>data set</th><th>lines</th>'
        '<th>writers</th><th class="wide"></th><th>CER</th><th>WER</th><th>faultless</th><th>ECE</th>'
        f"<th>errors<br>in ⅕</th></tr></thead><tbody>{body}</tbody></table></div>"
    )


def _set_row(row: Rates, widest: float, kind: str) -> str:
    name = escape(row.name).replace("/", "/<wbr>")  # a long path may break behind a slash
    low, high = (100 * end / widest for end in row.cer_interval)
    track = (
        f'<span class="track"><i style="width:{100 * row.cer / widest:.2f}%"></i>'
        f'<u style="left:{low:.2f}%;width:{high - low:.2f}%"></u></span>'
    )
    return (
        f'<tr class="{kind}"><td>{name}</td><td>{row.lines:,}</td><td>{row.writers or ""}</td>'
        f'<td class="wide">{track}</td><td>{percent(row.cer)}<br><small>{between(row.cer_interval)}</small></td>'
        f"<td>{percent(row.wer)}<br><small>{between(row.wer_interval)}</small></td><td>{percent(row.faultless)}</td>"
        f"<td>{row.calibration_error:.3f}</td><td>{100 * row.errors_in_least_certain_fifth:.0f}\u00a0%</td></tr>"
    )


def writers_section(hands: Sequence[Writer]) -> str:
    """A small bar a hand; nothing for a single one."""
    if len(hands) < 2:
        return ""
    widest = hands[0].cer or 1
    rows = [_writer_row(hand, widest) for hand in hands]
    half = hands[len(hands) // 2].cer
    rest = "".join(rows[WRITERS:])
    return (
        f'<h2>By writer</h2><p class="soft">{len(hands)} hands, worst first, each with its number of lines. '
        f"Half of them are read with a CER of {percent(half)} or less.</p>"
        f'<div class="writers">{"".join(rows[:WRITERS])}</div>'
        + (
            f'<details><summary>{len(hands) - WRITERS} more</summary><div class="writers">{rest}</div></details>'
            if rest
            else ""
        )
    )


def _writer_row(hand: Writer, widest: float) -> str:
    more = f"{hand.set_name}: {hand.lines} lines, WER {percent(hand.wer)}"
    return (
        f'<div class="writer" title="{escape(more)}">'
        f'<span>{escape(hand.name)} <small class="soft">{hand.lines}</small></span>'
        f'<span class="track"><i style="width:{100 * hand.cer / widest:.2f}%"></i></span>'
        f"<span>{percent(hand.cer)}</span></div>"
    )

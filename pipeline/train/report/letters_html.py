"""Which characters go wrong: kinds of errors, the usual confusions, and the letters read right least often."""

from collections.abc import Sequence
from html import escape

from pipeline.train.report.alignment import Step, visible
from pipeline.train.report.measure import LineResult
from pipeline.train.report.summary import count_errors

ROWS = 12
SEEN_ENOUGH = 5  # times a letter must stand in the truth before its share says something


def letters_section(lines: Sequence[LineResult], edits: int) -> str:
    """Nothing where there are no errors."""
    if not edits:
        return ""
    errors = count_errors(lines)
    steps = {
        kind: [(step, count) for step, count in errors.steps.most_common() if step.kind == kind]
        for kind in ("wrong", "missed", "added")
    }
    hardest = sorted(
        ((lost / there, there, letter) for letter, (there, lost) in errors.letters.items() if there >= SEEN_ENOUGH),
        reverse=True,
    )
    rarely = [
        f"<tr><td>{_key(letter)}</td><td>{there:,}</td><td>{100 * (1 - share):.0f}\u00a0%</td></tr>"
        for share, there, letter in hardest[:ROWS]
        if share
    ]
    tables = [
        _table("What the errors are about", ("kind", "errors", "share"), _kinds(errors.kinds.most_common(), edits)),
        _table("Read as another", ("written → read", "times", "share"), _steps(steps["wrong"], edits)),
        _table("Missed", ("written", "times", "share"), _steps(steps["missed"], edits)),
        _table("Added", ("read", "times", "share"), _steps(steps["added"], edits)),
        _table("Read right least often", ("written", "times", "right"), rarely),
    ]
    return (
        '<h2>Which characters go wrong?</h2><p class="soft">A space shows as <kbd>␣</kbd>. '
        f'Shares are of all {edits:,} errors.</p><div class="columns">{"".join(tables)}</div>'
    )


def _table(title: str, heads: Sequence[str], rows: Sequence[str]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _kinds(kinds: Sequence[tuple[str, int]], edits: int) -> list[str]:
    return [f"<tr><td>{kind}</td><td>{count:,}</td>{_share(count, edits)}</tr>" for kind, count in kinds]


def _steps(steps: Sequence[tuple[Step, int]], edits: int) -> list[str]:
    return [
        f"<tr><td>{_confusion(step)}</td><td>{count:,}</td>{_share(count, edits)}</tr>" for step, count in steps[:ROWS]
    ]


def _confusion(step: Step) -> str:
    return " → ".join(_key(letter) for letter in (step.truth, step.read) if letter)


def _key(letter: str) -> str:
    return f"<kbd>{escape(visible(letter))}</kbd>"


def _share(count: int, edits: int) -> str:
    return f"<td>{100 * count / edits:.1f}\u00a0%</td>"

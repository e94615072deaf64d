"""The report: one HTML page that needs nothing else, without scripts, for a screen or for paper."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from pipeline.train.metrics import DRAWS, FEWEST_WRITERS
from pipeline.train.report.about import About
from pipeline.train.report.charts import bars, errors_found, reliability
from pipeline.train.report.letters_html import letters_section
from pipeline.train.report.line_html import line_figure
from pipeline.train.report.measure import LineResult, SetResult, speed
from pipeline.train.report.summary import Rates, by_length, by_quality, by_writer, rates_of_all, sure_but_wrong, worst
from pipeline.train.report.tables_html import sets_section, writers_section
from pipeline.train.report.words import between, percent

STYLE = Path(__file__).with_name("report.css")
WORST, SURE, BAD = 16, 8, 100  # how many are shown at most
LEGEND = (
    '<p class="legend"><span>Written above, read below.</span>'
    '<span><span class="key wrong">read as another</span></span>'
    '<span><span class="key missed">missed</span></span><span><span class="key added">added</span></span></p>'
)


def to_html(sets: Sequence[SetResult], made_with: About) -> bytes:
    """The report on all sets as UTF-8. Pictures of the lines shown are read once more from their files."""
    lines = [line for part in sets for line in part.lines]
    total = rates_of_all(sets)
    title = f"How well {made_with.engine} reads"
    sections = [_headline(title, sets, total, made_with)]
    if lines:
        sections += [sets_section(sets, total), writers_section(by_writer(sets)), _worst(sets), _sure(lines)]
        sections += [letters_section(lines, total.edits), _confidence(lines, total), _spread(lines)]
    sections.append(_how(sets, made_with))
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        'style-src \'unsafe-inline\'"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head>"
        f"<body><main>{''.join(sections)}</main></body></html>\n"
    )
    return page.encode("utf-8", "xmlcharrefreplace")


def _headline(title: str, sets: Sequence[SetResult], total: Rates, made_with: About) -> str:
    quick = speed(sets)
    bad = sum(len(part.bad) for part in sets)
    what = f"{total.lines:,} lines, {total.characters:,} characters"
    what += f", {total.writers} writers" if total.writers else ""
    what += f", {len(sets)} data sets" if len(sets) > 1 else f", from {sets[0].name}"
    what += f" · {bad} left out" if bad else ""
    cards = [
        ("Characters wrong, CER", percent(total.cer), f"95 %: {between(total.cer_interval)}"),
        ("Words wrong, WER", percent(total.wer), f"95 %: {between(total.wer_interval)}"),
        ("Lines without a fault", percent(total.faultless), f"{round(total.faultless * total.lines):,} lines"),
        ("Calibration error, ECE", f"{total.calibration_error:.3f}", "confidence against accuracy"),
        ("Lines a second", f"{quick.lines_per_second:.3g}",
         f"median {quick.median_ms:.3g} ms, 95 % under {quick.p95_ms:.3g} ms"),
    ]  # fmt: skip
    return (
        f'<h1>{escape(title)}</h1><p class="soft">{escape(what)} · {made_with.made:%d %B %Y, %H:%M}</p>'
        '<div class="cards">'
        + "".join(f'<div class="card"><span>{a}</span><b>{b}</b><span>{c}</span></div>' for a, b, c in cards)
        + "</div>"
    )


def _worst(sets: Sequence[SetResult]) -> str:
    """Of each set its share of the lines shown, so that one hard set does not hide the others."""
    each = max(WORST // len(sets) // 2 * 2, 4)  # two stand side by side
    parts = []
    for part in sets:
        lines = worst(part.lines, each)
        heading = f"<h3>{escape(part.name)}</h3>" if len(sets) > 1 else ""
        if lines:
            parts.append(f'{heading}<div class="lines">{"".join(map(line_figure, lines))}</div>')
    return f"<h2>The worst lines</h2>{LEGEND}{''.join(parts)}" if parts else ""


def _sure(lines: Sequence[LineResult]) -> str:
    chosen = sure_but_wrong(lines, SURE)
    if not chosen:
        return ""
    return (
        '<h2>Sure, and wrong</h2><p class="soft">Of the lines with more than a tenth of their characters wrong, those '
        "the reader was most certain of. Look here for slips in the transcriptions.</p>"
        f'<div class="lines">{"".join(map(line_figure, chosen))}</div>'
    )


def _confidence(lines: Sequence[LineResult], total: Rates) -> str:
    sure, edits = [line.confidence for line in lines], [line.edits for line in lines]
    held = 100 * total.errors_in_least_certain_fifth
    diagram = (
        "Lines by tenths of confidence, with their number. Bars that end on the dotted line are well calibrated; "
        "the dot is the mean confidence."
    )
    gain = (
        "How many of the errors are met by checking the least certain lines first. Dashed: if one knew the worst lines "
        "beforehand. Dotted: in any order."
    )
    return (
        "<h2>Does the confidence tell?</h2>"
        f'<p class="soft">Expected calibration error {total.calibration_error:.3f}. '
        f"The 20 % least certain lines hold {held:.0f} % of all character errors.</p>"
        f'<div class="plots"><figure>{reliability(sure, [line.cer for line in lines])}'
        f"<figcaption>{diagram}</figcaption></figure>"
        f"<figure>{errors_found(sure, edits)}<figcaption>{gain}</figcaption></figure></div>"
    )


def _spread(lines: Sequence[LineResult]) -> str:
    quality = bars(by_quality(lines), "CER of the line, %", "share of the lines", "How many lines are read how well")
    length = bars(by_length(lines), "characters in the line", "CER", "CER by line length")
    return (
        "<h2>Good and bad, short and long</h2>"
        f'<div class="plots"><figure>{quality}<figcaption>How many lines are read how well.</figcaption></figure>'
        f"<figure>{length}<figcaption>Errors by the length of the line.</figcaption></figure></div>"
    )


def _how(sets: Sequence[SetResult], made_with: About) -> str:
    bad = [sentence for part in sets for sentence in part.bad]
    facts = [
        ("reader", f"{made_with.engine} (--engine {made_with.asked})"),
        ("data", ", ".join(made_with.data)),
        ("versions", ", ".join(f"{name} {version}" for name, version in made_with.versions.items())),
        (
            "machine",
            f"{made_with.machine}, {made_with.cores} cores, load {made_with.load:.1f}, batches of {made_with.batch}",
        ),
    ]
    listed = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    shown = "".join(f"<li>{escape(sentence)}</li>" for sentence in bad[:BAD])
    more = f"<li>and {len(bad) - BAD} more</li>" if len(bad) > BAD else ""
    return (
        f"<h2>How it was measured</h2><dl>{listed}</dl>"
        '<p class="soft">Edits are insertions, deletions and substitutions (Levenshtein), summed over all lines and '
        "divided by the characters or words written. White space is collapsed; capitals, accents and signs count. "
        f"Intervals: percentile bootstrap, {DRAWS} draws of whole writers where at least {FEWEST_WRITERS} are known, "
        "else of lines. Times are those of the reader alone, in batches.</p>"
        + (f"<h3>Left out, because they can't be used: {len(bad)}</h3><ul>{shown}{more}</ul>" if bad else "")
    )

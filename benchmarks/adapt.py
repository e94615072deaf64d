"""Learning hands, as a person would let it: adapt on 40 lines of each, read the rest, and see what it costs elsewhere.

    python -m benchmarks.adapt ../shared/data/lines --model assets/models/crnn

The hands are ones the model was not trained on. For each: CER on the lines it was not adapted on, before and after, as
served (ONNX, with and without language model); the seconds it took; and the CER of the general dev sets afterwards.
"""

import argparse
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.engines.crnn import CRNNEngine
from pipeline.engines.decoding import decode_greedy
from pipeline.train.adapt import Outcome, adapt
from pipeline.train.fine_tune import Plan
from pipeline.train.metrics import error_rate
from pipeline.train.sources import Sample, read_folder, read_lines
from pipeline.train.sources.ondb import KEPT_FOR_MEASURING
from pipeline.train.sources.pictures import pack
from pipeline.train.sources.sample import clean_text
from pipeline.train.strokes import PenStrokes

LEARNED = 40
LETTERS = ("peraire_fr", "hooker_en")
COPISTES = ("cuj_0221", "cuj_0172")
FEWEST_BOARD_LINES = 58
GENERAL = ("iam_forms_en/dev", "copiste_fr/dev")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with hands/, copiste_fr/, iam_forms_en/ and iam_ondb/")
    parser.add_argument("--model", type=Path, default=Path("assets/models/crnn"))
    parser.add_argument("--hands", nargs="*", default=[], help="only these (default: all)")
    parser.add_argument("--general", type=int, default=10_000, help="at most this many lines of each general set")
    parser.add_argument("--test", type=int, default=10_000, help="at most this many test lines of each hand")
    parser.add_argument("--greedy", action="store_true", help="without language model")
    parser.add_argument("--plan", type=json.loads, default={}, help='changes to the plan, as in {"passes": 20}')
    args = parser.parse_args()
    plan = replace(Plan(), **args.plan)
    general = {name: thinned(read_folder(args.data / name), args.general) for name in GENERAL}
    before = {name: cer(args.model, lines, greedy=args.greedy) for name, lines in general.items()}
    print(f"{os.cpu_count()} cores, {plan}")
    print("general before: " + ", ".join(f"{name} {rate:.2%}" for name, rate in before.items()))
    print(f"{'hand':12} {'test':>4} {'before':>7} {'after':>7} {'change':>7} {'s':>4}  general points")
    rows = []
    for name, lines in hands(args.data, args.hands).items():
        rows.append(measure(name, lines, args.model, general, before, plan, args.test, greedy=args.greedy))
    old, new = (float(np.mean([row[i] for row in rows])) for i in (0, 1))
    worst = max(row[1] - row[0] for row in rows)
    cost = {name: float(np.mean([row[2][name] for row in rows])) for name in GENERAL}
    print(f"mean of {len(rows)} hands: {old:.2%} -> {new:.2%}, {new / old - 1:+.1%}; worst change {100 * worst:+.2f}")
    print("general, mean change in points: " + ", ".join(f"{name} {100 * c:+.2f}" for name, c in cost.items()))


def measure(
    name: str,
    lines: list[Sample],
    model: Path,
    general: dict[str, list[Sample]],
    before: dict[str, float],
    plan: Plan,
    most: int,
    *,
    greedy: bool,
) -> tuple[float, float, dict[str, float]]:
    """CER before and after, and what the general sets lost; a model that was not kept changes nothing."""
    learned, rest = apart(lines)
    rest = thinned(rest, most)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "adapted"
        outcome: Outcome = adapt(model, learned, out, plan=plan)
        reader = out if outcome.kept else model
        old, new = cer(model, rest, greedy=greedy), cer(reader, rest, greedy=greedy)
        lost = {
            key: cer(reader, part, greedy=greedy) - before[key] if outcome.kept else 0.0
            for key, part in general.items()
        }
    points = ", ".join(f"{100 * change:+.2f}" for change in lost.values())
    row = f"{name:12} {len(rest):4} {old:7.2%} {new:7.2%} {new / old - 1:+7.1%} {outcome.seconds:4.0f}"
    left_out = f"  {len(outcome.mistaken)} left out" if outcome.mistaken else ""
    print(f"{row}  {points}{left_out}{'' if outcome.kept else '  not kept'}", flush=True)
    return old, new, lost


def hands(data: Path, wanted: Sequence[str]) -> dict[str, list[Sample]]:
    """Lines by hand: letters of two, two copistes, and the writers at the board with lines enough."""
    found = {name: read_lines(data / "hands" / name).samples for name in LETTERS}
    copiste = read_folder(data / "copiste_fr" / "dev")
    found |= {name: [line for line in copiste if line.writer == name] for name in COPISTES}
    found |= board_hands(data / "iam_ondb")
    unknown = set(wanted) - set(found)
    if unknown:
        raise SystemExit(f"There is no hand {', '.join(sorted(unknown))}. There are: {', '.join(found)}.")
    return {name: lines for name, lines in found.items() if not wanted or name in wanted}


def board_hands(folder: Path) -> dict[str, list[Sample]]:
    """The writers of the part val1, which training leaves out, with each line drawn once and kept as it is."""
    hands: defaultdict[str, list[Sample]] = defaultdict(list)
    with np.load(folder / "strokes.npz", allow_pickle=False) as archive:
        texts, writers, split, offsets = (archive[name] for name in ("texts", "writers", "split", "offsets"))
        steps, pen_up = archive["dxy"], archive["pen_up"]
    for number in np.flatnonzero((split == KEPT_FOR_MEASURING) & (writers != "")):
        line = slice(offsets[number], offsets[number + 1])
        picture = PenStrokes(steps[line], pen_up[line]).read(np.random.default_rng(number))
        writer = str(writers[number])
        hands[writer].append(Sample(clean_text(str(texts[number])), writer, folder.name, pack(picture)))
    return {writer: lines for writer, lines in sorted(hands.items()) if len(lines) >= FEWEST_BOARD_LINES}


def apart(lines: list[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Forty lines to learn from, and the rest, by a fixed draw."""
    order = np.random.default_rng(5).permutation(len(lines))
    return [lines[i] for i in sorted(order[:LEARNED])], [lines[i] for i in sorted(order[LEARNED:])]


def thinned(lines: list[Sample], most: int) -> list[Sample]:
    """At most so many lines, from all over."""
    return [lines[i] for i in np.linspace(0, len(lines) - 1, min(most, len(lines))).astype(int)]


def cer(model: Path, lines: Sequence[Sample], *, greedy: bool) -> float:
    """CER of a model folder, as it is served."""
    engine = CRNNEngine(model)
    crops = [line.image(np.random.default_rng(0)) for line in lines]
    if greedy:
        texts = [decode_greedy(output, engine.characters).text for output in engine.log_probs(crops)]
    else:
        texts = [reading.text for reading in engine.transcribe(crops)]
    return error_rate((line.text, text) for line, text in zip(lines, texts, strict=True))


if __name__ == "__main__":
    main()

"""Learning a hand from lines its writer has confirmed: one call from lines to a model folder, or to the reason why not.

The model it starts from is only read. The new one is made under another name and moved to its own when it is whole.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.engines.calibration import load_calibration, save_calibration
from pipeline.engines.crnn import GENERAL, CRNNEngine
from pipeline.engines.decoding import decode_greedy
from pipeline.engines.hands import AHEAD
from pipeline.errors import EngineError, ExportError, SourceError
from pipeline.models import FEWEST
from pipeline.train.augment import EFFECTS, augment
from pipeline.train.crnn import Charset, CRNNLearner, load, shape_of
from pipeline.train.data import Labelled
from pipeline.train.export import export_model
from pipeline.train.fine_tune import Plan, Row, Weights, blend, how_far, learn, measure, split
from pipeline.train.fonts import font_samples
from pipeline.train.grow import grow
from pipeline.train.metrics import error_rate
from pipeline.train.network import CRNN
from pipeline.train.sources import readable

# A few held-back lines can't tell a little better from a little worse, so a model must also be surer of what is right:
# its loss on them must fall by this share.
SURER = 0.1
BENT = 5  # times that each held-back line is read bent, besides as it is: so few lines tell little by themselves
STRANGE = 40  # lines in fonts, to see how sure the learned network is of hands it need not read


@dataclass(frozen=True, slots=True)
class Reading:
    """A held-back line, and what was read in it before and after."""

    line: Labelled
    before: str
    after: str

    @property
    def truth(self) -> str:
        return self.line.text


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it. Rates are CERs (0..1) of held-back lines, as they are and bent; readings, as they are."""

    kept: bool
    reason: str
    before: float
    after: float
    loss_before: float
    loss_after: float
    learned: int
    held_back: int  # lines that one of the two that learn was not shown, and was checked on
    new_letters: str
    seconds: float
    readings: tuple[Reading, ...]
    mistaken: tuple[Labelled, ...]  # not learned, for their ink seems to say something else

    def figures(self) -> dict[str, Any]:
        """All of it but the lines, for JSON."""
        names = [field.name for field in fields(self) if field.name not in ("readings", "mistaken")]
        return {name: getattr(self, name) for name in names}


def adapt(
    source: Path,
    samples: Sequence[Labelled],
    out: Path,
    *,
    title: str = "",
    plan: Plan | None = None,
    on_progress: Callable[[str, float], None] = lambda stage, progress: None,
    on_row: Callable[[Row], None] = lambda row: None,
) -> Outcome:
    """Learn the hand of `samples` from the CRNN in `source`, which goes on reading what it is surer of.

    Two copies learn, and each is checked on lines it was not shown. If they read those better, the mean of the two
    becomes the model folder `out`, which is not made otherwise.
    Raises SourceError for too few lines, EngineError for a model that can't learn, ExportError where `out` exists.
    """
    plan, began = plan or Plan(), time.monotonic()
    samples = readable(samples)
    if len(samples) < FEWEST:
        raise SourceError(f"Learning a hand needs at least {FEWEST} confirmed lines; there are {len(samples)}.")
    if out.exists():
        raise ExportError(f"{out} is there already. Models are never written over: choose another name.")
    on_progress("load", 0.0)
    model, charset, about = load_learner(source)
    letters = "".join(sorted({letter for sample in samples for letter in sample.text} - set(charset.characters)))
    start = CRNNLearner(model, grow(model, charset, letters), shape_of(about))
    folds = split(len(samples), plan)
    copies, left_out = learn(start, samples, folds, plan, on_row, partial(on_progress, "learn"))
    on_progress("check", 0.0)
    trusted = [line for line in samples if line not in left_out]
    held_back = [[samples[number] for number in fold if samples[number] in trusted] for fold in folds]
    loss_before = float(np.mean([measure(start, lines).loss for lines in held_back]))
    one, other = (learner.model.state_dict() for learner in copies)
    weights, far = deepcopy(model.state_dict()), how_far(loss_before)
    half_made = out.with_name(f".{out.name}.{os.getpid()}.new")

    def write(folder: Path, learned: Weights, confirmed: Sequence[Labelled]) -> Path:
        model.load_state_dict(blend(weights, learned, far))
        write_model(folder, start, about, source)
        lower_thresholds(folder, source, confirmed)
        return folder

    try:
        losses: list[float] = []
        leads: list[float] = []
        readings: list[Reading] = []
        bent: list[Reading] = []
        for name, learned, lines in zip(("one", "other"), (one, other), held_back, strict=True):
            folder = write(half_made / name, learned, [line for line in trusted if line not in lines])
            losses.append(measure(start, lines).loss)
            own = CRNNEngine(folder).leads([line.image(np.random.default_rng(0)) for line in lines])
            set_lead(folder, own, plan.seed)
            as_they_are, *others = compare(source, folder, lines, plan.seed)
            leads += own
            readings += as_they_are
            bent += chain(*others)
            on_progress("check", len(losses) / 3)
        loss_after = float(np.mean(losses))
        kept, reason = judge(readings, bent, loss_before, loss_after)
        if kept:
            both = write(half_made / "both", blend(one, other, 0.5), trusted)
            set_lead(both, leads, plan.seed)
        outcome = Outcome(
            kept=kept, reason=reason, before=_cer(readings + bent, "before"), after=_cer(readings + bent, "after"),
            loss_before=loss_before, loss_after=loss_after, learned=len(trusted), held_back=len(readings),
            new_letters=letters, seconds=round(time.monotonic() - began, 1),
            readings=tuple(readings), mistaken=tuple(left_out),
        )  # fmt: skip
        if kept:
            note(both, title or out.name, source, outcome)
            os.replace(both, out)
        return outcome
    finally:
        shutil.rmtree(half_made, ignore_errors=True)


def load_learner(source: Path) -> tuple[CRNN, Charset, dict[str, Any]]:
    """The network of a model folder with its weights for torch. Raises EngineError where it has none."""
    try:
        return load(source)
    except FileNotFoundError as error:
        raise EngineError(
            f"The model in {source} can't learn: {Path(error.filename or 'model.safetensors').name} is missing there."
        ) from error
    except Exception as error:  # safetensors, json and torch have their own kinds for each way a file can be bad
        raise EngineError(f"The model in {source} can't be loaded for learning: {error}") from error


def write_model(folder: Path, learner: CRNNLearner, about: dict[str, Any], source: Path) -> None:
    """A model folder with these weights, and with the languages of `source`."""
    folder.mkdir(parents=True)
    learner.save(folder, {name: value for name, value in about.items() if name not in ("characters", "shape")})
    export_model(folder)
    for file in source.glob("language.*.npz"):
        shutil.copy(file, folder)
    # What learned a hand before still has the network of all hands beside it.
    shutil.copy(source / GENERAL if (source / GENERAL).exists() else source / "model.onnx", folder / GENERAL)


def lower_thresholds(learned: Path, source: Path, samples: Sequence[Labelled]) -> None:
    """Let text that is as hard to read as these lines were not be taken for a drawing."""
    engine = CRNNEngine(source)
    seen = engine.log_probs([sample.image(np.random.default_rng(0)) for sample in samples])
    plain = [decode_greedy(line, engine.characters) for line in seen]
    save_calibration(engine.calibration.lowered_for(engine.decode(seen) + plain), learned)


def set_lead(folder: Path, own: Sequence[float], seed: int) -> None:
    """How much surer a learned network must be: half-way from lines in fonts, no hand of anybody's, to its own hand's.

    own: by how much it leads on lines of its hand that it was not shown.
    """
    rng = np.random.default_rng(seed)
    strange = CRNNEngine(folder).leads([line.image(rng) for line in font_samples(STRANGE, seed)])
    half_way = float(np.mean(own) + np.mean(strange)) / 2 if own and strange else AHEAD
    save_calibration(replace(load_calibration(folder), ahead=round(max(AHEAD, half_way), 4)), folder)


def compare(source: Path, learned: Path, held_back: Sequence[Labelled], seed: int) -> list[list[Reading]]:
    """Held-back lines read by both models as they are served, language model included.

    First as they are, then bent BENT times, as the same hand might have written them another day.
    """
    crops = [sample.image(np.random.default_rng(0)) for sample in held_back]
    rng, plainly = np.random.default_rng(seed), frozenset(EFFECTS)
    looks = [crops, *([augment(crop, rng, without=plainly) for crop in crops] for _ in range(BENT))]
    before, after = ([engine.transcribe(look) for look in looks] for engine in map(CRNNEngine, (source, learned)))
    return [
        [Reading(sample, old.text, new.text) for sample, old, new in zip(held_back, *texts, strict=True)]
        for texts in zip(before, after, strict=True)
    ]


def judge(
    readings: Sequence[Reading], bent: Sequence[Reading], loss_before: float, loss_after: float
) -> tuple[bool, str]:
    """Whether the learned model is kept, and why: it must misread less, and be clearly surer of what is right."""
    before, after = (_cer([*readings, *bent], which) for which in ("before", "after"))
    lines = f"{len(readings)} lines held back from learning, as they are and bent in {BENT} ways"
    rates = f"in {lines}, {after:.1%} of the characters are misread, before {before:.1%}"
    if after >= before:
        return False, f"Not kept: {rates}. More confirmed lines may help."
    if loss_after > (1 - SURER) * loss_before:
        return False, f"Not kept: {rates}, but it is hardly surer of the right ones. More confirmed lines may help."
    return True, f"Kept: {rates}."


def note(folder: Path, title: str, source: Path, outcome: Outcome) -> None:
    """Write into the model's description and card what it was made from, how, and what came of it."""
    about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    facts = {name: value for name, value in outcome.figures().items() if name not in ("kept", "reason")}
    made = datetime.now(UTC).isoformat(timespec="seconds")
    _write_json(
        folder / "model.json", about | {"adapted": {"title": title, "from": source.name, "made": made, **facts}}
    )
    card = (
        f"# {title}\n\nMade from `{source.name}` by learning from {outcome.learned} confirmed lines.\n"
        f"It is the mean of two copies. Each was checked on lines it was not shown: of the characters in "
        f"{outcome.held_back} lines {outcome.after:.1%} were misread; before it was {outcome.before:.1%}.\n\n"
        f"Its terms are those of `{source.name}`.\n"
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _cer(readings: Sequence[Reading], which: str) -> float:
    return error_rate((reading.truth, getattr(reading, which)) for reading in readings)

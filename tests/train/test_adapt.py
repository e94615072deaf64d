"""From confirmed lines to a model folder: kept only if better, never written over, nothing left of what failed."""

import copy
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.engines.calibration import Calibration, save_calibration
from pipeline.engines.crnn import CRNNEngine, _log_probs
from pipeline.engines.decoding import Beam
from pipeline.errors import EngineError, ExportError, SourceError
from pipeline.train import adapt as module
from pipeline.train.adapt import Reading, adapt, judge, load_learner
from pipeline.train.crnn import Charset, CRNNLearner, save
from pipeline.train.data import Labelled, Scribble
from pipeline.train.export import export_model
from pipeline.train.fine_tune import Plan, split
from pipeline.train.network import CRNN, Shape
from pipeline.train.sources import Sample, read_folder
from tests.train.lines import draw_line, write_folder

TEXTS = ["no", "on", "to", "two", "not", "won", "tot", "out"]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    return read_folder(write_folder(tmp_path_factory.mktemp("hand") / "set", TEXTS * 3))


@pytest.fixture(scope="module", autouse=True)
def quick_export() -> Iterator[None]:
    """Few example lines for the quantizer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.train.export.EXAMPLES", 12)
        yield


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder whose network has learned nothing yet and knows no "u"."""
    folder = tmp_path_factory.mktemp("models") / "base"
    folder.mkdir()
    torch.manual_seed(4)
    charset, shape = Charset(" notw"), Shape((8, 8, 16), (1, 1, 1), 16, 1)
    save(folder, CRNN(len(charset.characters) + 1, shape), charset, shape, {"cer": {"dev": 0.5}})
    export_model(folder)
    save_calibration(Calibration(Beam()), folder)
    (folder / "checkpoint.safetensors").write_bytes(b"large and of no use")
    return folder


@pytest.fixture(autouse=True)
def learned_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learning itself is tested elsewhere; here only gaps become likelier, so that the loss of any text falls.

    By 1 for the one that learns, and by 3 for the other. The first two lines are left out.
    """

    def learn(start: CRNNLearner, lines: list[Labelled], *rest: object) -> object:
        copies = copy.deepcopy(start), copy.deepcopy(start)
        for learned, step in zip(copies, (1, 3), strict=True):
            with torch.no_grad():
                learned.model.head.bias.view(2, -1)[:, 0] += step
        return copies, lines[:2]

    monkeypatch.setattr(module, "learn", learn)


def read_as(monkeypatch: pytest.MonkeyPatch, before: str, after: str) -> None:
    """Pretend that held-back lines, which all say "now", were read so before and after."""
    monkeypatch.setattr(
        module,
        "compare",
        lambda source, learned, lines, seed: [[Reading(Scribble("now"), before, after) for _ in lines]],
    )


def hashes(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_a_better_model_is_kept_in_a_folder_of_its_own(
    source: Path, samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_as(monkeypatch, "mow", "now")
    untouched = hashes(source)
    bounded_by: list[list[Sample]] = []
    lower = module.lower_thresholds
    monkeypatch.setattr(module, "lower_thresholds", lambda *rest: (bounded_by.append(rest[2]), lower(*rest)))
    outcome = adapt(source, samples, tmp_path / "mine", title="My hand")
    assert (outcome.kept, outcome.before, outcome.after) == (True, pytest.approx(1 / 3), 0)
    assert outcome.reason == (
        "Kept: in 9 lines held back from learning, as they are and bent in 5 ways, 0.0% of the characters are misread, "
        "before 33.3%."
    )
    assert hashes(source) == untouched
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    kept = {file.name for file in (tmp_path / "mine").iterdir()}
    assert kept == {"model.onnx", "model.json", "model.safetensors", "README.md", "calibration.json", "general.onnx"}
    assert (tmp_path / "mine" / "general.onnx").read_bytes() == (source / "model.onnx").read_bytes()
    about = json.loads((tmp_path / "mine" / "model.json").read_text())
    assert about["adapted"]["title"] == "My hand"
    assert (about["adapted"]["from"], about["adapted"]["learned"]) == ("base", 22)
    assert outcome.mistaken == tuple(samples[:2])
    # What is no text of its ink says nothing of how hard text is to read; nor may a copy know its held-back lines.
    shown = [[line for n, line in enumerate(samples) if n not in {0, 1, *fold}] for fold in split(len(samples), Plan())]
    assert bounded_by == [*shown, samples[2:]]
    assert "My hand" in (tmp_path / "mine" / "README.md").read_text()


def test_each_copy_is_checked_on_its_own_held_back_lines_and_the_mean_is_kept(
    source: Path, samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`how_far` goes the whole way for a network that has learned nothing: 1, 3, and 2 more for the gap."""
    gaps, checked = [], []

    def gap(folder: Path) -> float:
        bias = load_learner(folder)[0].head.bias.view(2, -1)[:, 0] - load_learner(source)[0].head.bias.view(2, -1)[:, 0]
        return round(float(bias.mean().item()), 2)

    def compare(old: Path, learned: Path, lines: list[Labelled], seed: int) -> list[list[Reading]]:
        assert old == source
        gaps.append(gap(learned))
        checked.append(lines)
        return [[Reading(line, "?", line.text) for line in lines]]

    monkeypatch.setattr(module, "compare", compare)
    outcome = adapt(source, samples, tmp_path / "mine")
    assert gaps == [1.0, 3.0]
    assert checked == [[samples[number] for number in fold if number > 1] for fold in split(len(samples), Plan())]
    assert [reading.line for reading in outcome.readings] == checked[0] + checked[1]
    assert gap(tmp_path / "mine") == 2.0


@pytest.mark.parametrize(("own", "strange", "ahead"), [(0.1, 0.04, 0.07), (0.03, -0.05, 0.02), (None, 0.5, 0.02)])
def test_it_must_be_surer_of_a_line_than_of_strange_hands(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: float | None, strange: float, ahead: float
) -> None:
    """Half-way to how sure it is of its own hand, and never less than usual."""
    folder = Path(shutil.copytree(source, tmp_path / "learned"))
    save_calibration(Calibration(ahead=9.0), folder)
    monkeypatch.setattr(CRNNEngine, "leads", lambda engine, crops: [strange] * len(crops))
    module.set_lead(folder, [] if own is None else [own, own], seed=7)
    assert CRNNEngine(folder).calibration.ahead == pytest.approx(ahead)


def test_copies_are_checked_with_a_lead_of_their_own_and_the_mean_has_what_both_tell(
    source: Path, samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_own_hand, checked = iter([0.2, 0.6]), []

    def leads(engine: CRNNEngine, crops: list[np.ndarray]) -> list[float]:
        return [0.0 if len(crops) == module.STRANGE else next(of_own_hand)] * len(crops)

    def compare(old: Path, learned: Path, lines: list[Labelled], seed: int) -> list[list[Reading]]:
        checked.append(CRNNEngine(learned).calibration.ahead)
        return [[Reading(line, "?", line.text) for line in lines]]

    monkeypatch.setattr(CRNNEngine, "leads", leads)
    monkeypatch.setattr(module, "compare", compare)
    adapt(source, samples, tmp_path / "mine")
    assert [*checked, CRNNEngine(tmp_path / "mine").calibration.ahead] == pytest.approx(
        [0.2 / 2, 0.6 / 2, (5 * 0.2 + 4 * 0.6) / 9 / 2], abs=1e-4
    )


def test_lines_that_seem_to_say_something_else_judge_nothing(
    source: Path, samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubted = samples[split(len(samples), Plan())[0][0]]
    monkeypatch.setattr(module, "learn", lambda start, *rest: ((copy.deepcopy(start), start), [doubted]))
    read_as(monkeypatch, "now", "now")
    outcome = adapt(source, samples, tmp_path / "mine")
    assert (outcome.held_back, outcome.learned) == (9, 23)


def test_the_kept_model_is_served_with_the_new_letters(
    source: Path, samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_as(monkeypatch, "mow", "now")
    outcome = adapt(source, samples, tmp_path / "mine")
    assert outcome.new_letters == "u"
    engine = CRNNEngine(tmp_path / "mine")
    assert engine.characters == " notwu"
    ink = np.random.default_rng(2).integers(0, 255, (64, 320), np.uint8)
    model, _, _ = load_learner(tmp_path / "mine")
    with torch.inference_mode():
        trained = model(torch.from_numpy(ink)[None, None].float() / 255)[0].numpy()
    # The model is served with eight-bit weights.
    assert np.abs(np.exp(_log_probs(engine.session, 7, ink)) - np.exp(trained)).max() < 0.1


def test_learning_more_keeps_the_network_of_all_hands(
    source: Path, samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_as(monkeypatch, "mow", "now")
    adapt(source, samples, tmp_path / "mine")
    adapt(tmp_path / "mine", samples, tmp_path / "more")
    assert (tmp_path / "more" / "general.onnx").read_bytes() == (source / "model.onnx").read_bytes()
    assert (tmp_path / "more" / "model.onnx").read_bytes() != (tmp_path / "mine" / "model.onnx").read_bytes()


def test_lines_of_other_hands_are_read_as_before(source: Path, tmp_path: Path) -> None:
    """The network that learned is made unsure of everything, as of a hand it does not know."""
    folder = tmp_path / "mine"
    shutil.copytree(source, folder)
    shutil.copy(source / "model.onnx", folder / "general.onnx")
    learner, charset, _about = load_learner(source)
    with torch.no_grad():
        learner.head.weight.mul_(0.01)
        learner.head.bias.mul_(0.01)
    save(folder, learner, charset, Shape((8, 8, 16), (1, 1, 1), 16, 1), {})
    export_model(folder)
    crops = [draw_line(text) for text in TEXTS]
    engine = CRNNEngine(folder)
    old = CRNNEngine(source).log_probs(crops)
    assert all(np.array_equal(a, b) for a, b in zip(old, engine.log_probs(crops), strict=True))
    engine.calibration = Calibration(ahead=-99.0)  # it need not be surer at all
    assert not any(np.array_equal(a, b) for a, b in zip(old, engine.log_probs(crops), strict=True))


@pytest.mark.parametrize(("before", "after"), [("now", "now"), ("now", "mow"), ("mow", "nom")])
def test_a_model_that_reads_no_better_is_not_kept(
    source: Path, samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    read_as(monkeypatch, before, after)
    monkeypatch.setattr(module, "learn", lambda start, *rest: ((copy.deepcopy(start), start), []))
    outcome = adapt(source, samples, tmp_path / "mine")
    assert not outcome.kept
    assert outcome.reason.startswith("Not kept: ")
    assert list(tmp_path.iterdir()) == []


def test_a_crash_half_way_leaves_nothing_and_harms_nothing(
    source: Path, samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    untouched = hashes(source)

    def crash(*arguments: object) -> list[Reading]:
        raise MemoryError

    monkeypatch.setattr(module, "compare", crash)
    with pytest.raises(MemoryError):
        adapt(source, samples, tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []
    assert hashes(source) == untouched


def test_both_models_are_compared_as_they_are_served(source: Path, samples: list[Sample]) -> None:
    readings, *bent = module.compare(source, source, samples[:3], seed=7)
    assert len(bent) == module.BENT
    assert all([reading.truth for reading in look] == TEXTS[:3] for look in (readings, *bent))
    expected = [line.text for line in CRNNEngine(source).transcribe([draw_line(text) for text in TEXTS[:3]])]
    assert [reading.before for reading in readings] == [reading.after for reading in readings] == expected


def test_too_few_lines_are_said_to_be(source: Path, samples: list[Sample], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="at least 20 confirmed lines; there are 19"):
        adapt(source, samples[:19], tmp_path / "mine")


def test_no_model_is_written_over(source: Path, samples: list[Sample]) -> None:
    with pytest.raises(ExportError, match="never written over"):
        adapt(source, samples, source)


def test_a_model_without_weights_for_learning_says_so(samples: list[Sample], source: Path, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text((source / "model.json").read_text())
    with pytest.raises(EngineError, match=r"model\.safetensors is missing there"):
        adapt(tmp_path, samples, tmp_path / "mine")


@pytest.mark.parametrize("weights", [b"", b"not weights at all", b"\xff" * 100])
def test_damaged_weights_get_a_sentence(source: Path, tmp_path: Path, weights: bytes) -> None:
    (tmp_path / "model.json").write_text((source / "model.json").read_text())
    (tmp_path / "model.safetensors").write_bytes(weights)
    with pytest.raises(EngineError, match="can't be loaded for learning"):
        load_learner(tmp_path)


@pytest.mark.parametrize(
    ("read", "losses", "kept"),
    [
        (("nom", "now"), (1.0, 0.9), True),
        (("nom", "now"), (1.0, 0.99), False),
        (("now", "nom"), (1.0, 0.1), False),
        (("nom", "nom"), (1.0, 0.1), False),
    ],
)
def test_what_counts_is_fewer_errors_and_being_surer(
    read: tuple[str, str], losses: tuple[float, float], kept: bool
) -> None:
    assert judge([Reading(Scribble("now"), *read)], [], *losses)[0] is kept


def test_bent_lines_decide_where_lines_as_they_are_say_nothing() -> None:
    same, better, worse = (Reading(Scribble("now"), *read) for read in (("nom", "nom"), ("nom", "now"), ("now", "nom")))
    assert judge([same], [same, better], 1.0, 0.5)[0]
    assert not judge([same], [worse, same], 1.0, 0.5)[0]
    assert not judge([better], [worse, worse], 1.0, 0.5)[0]

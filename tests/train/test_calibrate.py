import json
import math
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest

from pipeline.engines.calibration import (
    Calibration,
    Doubts,
    load_calibration,
    logistic,
    logit,
    save_calibration,
)
from pipeline.engines.decoding import Beam, Reading
from pipeline.errors import EngineError
from pipeline.train import calibrate
from pipeline.train.calibrate import WEIGHTS, Line, choose_beam, fit, fit_logistic, halves, right_characters
from pipeline.train.crnn import Charset, save
from pipeline.train.decoding_report import KINDS, errors_by_kind, kind_of
from pipeline.train.export import export_model
from pipeline.train.metrics import expected_calibration_error, share_of_errors_in_least_certain
from pipeline.train.network import CRNN, Shape
from pipeline.train.sources import read_folder
from tests.train.lines import write_folder

NO_STEPS = np.zeros((0, 1))
OLD = {
    "beam": {"weight": 0.7},
    "character": [0.5, 1.5],
    "confidence": [0.1, 0.9, -0.9, -1.0, 0.4],
    "text": [],
    "silence": 0.0,
}


def reading(text: str, certainty: float) -> Reading:
    return Reading(text, (math.log(certainty),) * len(text), len(text) * math.log(certainty))


def written(rng: np.random.Generator, boast: float) -> tuple[Line, Reading]:
    """A line read by someone who is right less often than he thinks, by the power `boast`."""
    right = rng.uniform(0.5, 0.999)
    truth = "a" * int(rng.integers(20, 60))
    text = "".join("a" if rng.random() < right else "b" for _ in truth)
    return Line(NO_STEPS, truth, str(rng.integers(9))), reading(text, right**boast)


def test_a_fitted_confidence_is_the_share_of_right_characters_on_other_lines() -> None:
    rng = np.random.default_rng(1)
    lines, readings = zip(*(written(rng, 0.3) for _ in range(400)), strict=True)
    drawings = [reading("iIl"[: 1 + i % 3], 0.2 + 0.001 * i) for i in range(100)]
    fitted = Calibration(plain=fit(lines[:200], readings[:200], drawings))
    others = list(zip(lines[200:], readings[200:], strict=True))
    cers = [1 - sum(right_characters(line.text, r.text)) / len(line.text) for line, r in others]
    assert expected_calibration_error([fitted.line(r) for _, r in others], cers) < 0.03
    assert expected_calibration_error([Calibration().line(r) for _, r in others], cers) > 0.1
    edits = [round(cer * len(line.text)) for cer, (line, _) in zip(cers, others, strict=True)]
    assert share_of_errors_in_least_certain([fitted.line(r) for _, r in others], edits) > 0.3
    characters = [fitted.characters(r)[0] for _, r in others]
    assert np.mean(characters) == pytest.approx(1 - np.mean(cers), abs=0.03)


def test_drawings_are_silent_and_lines_are_not() -> None:
    rng = np.random.default_rng(2)
    lines, readings = zip(*(written(rng, 1.0) for _ in range(200)), strict=True)
    drawings = [reading("iIl"[: 1 + i % 3], 0.1 + 0.001 * i) for i in range(100)]
    fitted = Calibration(plain=fit(lines, readings, drawings))
    assert sum(fitted.is_silence(r) for r in drawings) > 90
    assert not any(fitted.is_silence(r) for r in readings)
    assert not any(Calibration().is_silence(r) for r in drawings)


def test_text_in_a_hand_that_is_hard_to_read_is_not_taken_for_drawings() -> None:
    rng = np.random.default_rng(2)
    lines, readings = zip(*(written(rng, 1.0) for _ in range(200)), strict=True)
    drawings = [reading("iIl"[: 1 + i % 3], 0.1 + 0.001 * i) for i in range(100)]
    fitted = Calibration(plain=fit(lines, readings, drawings))
    hard = [reading("a" * 5, 0.13 + 0.001 * i) for i in range(40)]
    worst = reading("a" * 5, 0.05)
    assert all(fitted.is_silence(r) for r in hard)
    lowered = fitted.lowered_for([*hard, worst])
    assert not any(lowered.is_silence(r) for r in hard[2:])
    assert lowered.is_silence(worst)
    assert fitted.lowered_for(readings) == fitted == fitted.lowered_for([])


@pytest.mark.parametrize(("errors", "chosen"), [((200, 200, 200), 0), ((204, 201, 200), 1), ((300, 210, 200), 2)])
def test_the_lightest_language_weight_that_reads_hardly_worse_is_chosen(
    errors: tuple[int, ...], chosen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(engine: object, lines: object, beam: Beam) -> list[SimpleNamespace]:
        return [SimpleNamespace(text="x" * errors[WEIGHTS.index(beam.weight)])]

    monkeypatch.setattr(calibrate, "read", read)
    engine = SimpleNamespace(languages=["en"])
    assert choose_beam(engine, [Line(NO_STEPS, "")]).weight == WEIGHTS[chosen]  # type: ignore[arg-type]


def test_a_calibration_survives_being_saved(tmp_path) -> None:
    plain = Doubts((0.5, 1.5), (1.0, 2.0, 3.0, 4.0, 5.0), (0.1, 0.2, 0.3, 0.4, 0.5), 0.25)
    helped = Doubts((0.4, 1.4), (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), (0.1, 0.2, 0.3, 0.4, 0.5, 0.6), 0.2)
    fitted = Calibration(Beam(weight=0.6), helped, plain)
    save_calibration(fitted, tmp_path)
    assert load_calibration(tmp_path) == fitted


def test_a_calibration_fitted_anew_keeps_how_far_a_learned_network_must_lead(tmp_path) -> None:
    charset, shape = Charset(" notw"), Shape((8, 8, 16), (1, 1, 1), 16, 1)
    save(tmp_path, CRNN(len(charset.characters) + 1, shape), charset, shape, {})
    export_model(tmp_path)
    save_calibration(Calibration(ahead=0.07), tmp_path)
    calibrate.calibrate(tmp_path, {"set": read_folder(write_folder(tmp_path / "set", ["no", "on", "to", "two"]))})
    assert load_calibration(tmp_path).ahead == 0.07


def test_a_folder_without_one_has_the_default_and_a_broken_one_is_named(tmp_path) -> None:
    assert load_calibration(tmp_path) == Calibration()
    for broken in ('{"beam": {"speed": 3}}', json.dumps(OLD | {"confidence": [1.0, 2.0]})):
        (tmp_path / "calibration.json").write_text(broken)
        with pytest.raises(EngineError, match=r"calibration\.json is not a calibration"):
            load_calibration(tmp_path)


def test_a_calibration_from_before_the_language_had_a_say_still_serves(tmp_path) -> None:
    (tmp_path / "calibration.json").write_text(json.dumps(OLD))
    old = load_calibration(tmp_path)
    plain = reading("some text", 0.8)
    assert old.line(plain) == old.line(plain._replace(language=-30.0))


def test_what_is_no_likely_text_in_a_language_is_less_certain() -> None:
    rng = np.random.default_rng(4)
    pairs = [written(rng, 0.3) for _ in range(300)]
    lines = [line for line, _ in pairs]
    readings = [r._replace(language=-2.0 * r.text.count("a") - 4.0 * r.text.count("b")) for _, r in pairs]
    fitted = Calibration(helped=fit(lines, readings, [reading("iI", 0.3)._replace(language=-8.0)] * 50))
    usual = reading("a" * 40, 0.9)
    assert fitted.line(usual._replace(language=-80.0)) > fitted.line(usual._replace(language=-140.0)) + 0.1


def test_a_calibration_is_written_whole_or_not_at_all(tmp_path, monkeypatch) -> None:
    save_calibration(Calibration(Beam(weight=0.6)), tmp_path)
    monkeypatch.setattr("os.replace", Mock(side_effect=OSError("No space left on device")))
    with pytest.raises(OSError, match="No space"):
        save_calibration(Calibration(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["calibration.json"]
    assert load_calibration(tmp_path).beam.weight == 0.6


def test_logits_are_odds_and_have_ends() -> None:
    assert logit(math.log(0.5)) == pytest.approx(0)
    assert logit(0.0) == -logit(-50.0) == 6.0


def test_a_logistic_regression_finds_the_weights_that_made_its_data() -> None:
    rng = np.random.default_rng(3)
    features = rng.normal(0, 1, (4000, 2))
    targets = [logistic((0.5, 1.0, -2.0), tuple(row)) for row in features]
    assert fit_logistic(features.tolist(), targets, 0.001) == pytest.approx((0.5, 1.0, -2.0), abs=0.02)


def test_wrong_and_needless_characters_are_not_right() -> None:
    assert right_characters("word", "wxrdy") == [1, 0, 1, 1, 0]


def test_lines_of_one_writer_stay_together() -> None:
    sides = halves([Line(NO_STEPS, "", writer) for writer in "abca"])
    assert sides[0] == sides[3] != sides[1]
    assert set(halves([Line(NO_STEPS, "", "a")] * 4)) == {0, 1}


@pytest.mark.parametrize(
    ("token", "kind"),
    [("word,", 0), ("l'eau", 0), ("Paris", 1), ("(USA)", 1), ("1928", 2), ("x=3", 2), ("+", 2), ("e^x", 2)],
)
def test_kinds_of_tokens(token: str, kind: int) -> None:
    assert kind_of(token) == KINDS[kind]


def test_errors_belong_to_the_token_where_they_happen() -> None:
    assert errors_by_kind("in Paris 1928", "im Pari 1929").tolist() == [1, 1, 1]
    assert errors_by_kind("", "x").sum() == 1


def test_a_reader_that_reads_nothing_yet_keeps_the_default_calibration() -> None:
    silent = Reading("", (), -3.0)
    lines = [Line(np.zeros((0, 2), np.float32), "some text")] * 4
    assert fit(lines, [silent] * 4, [reading("a", 0.9)] * 3) == Doubts()

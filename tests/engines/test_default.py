"""The default model: remembered, respected by `auto`, and taken back."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engines import choose_engine
from pipeline.engines.default import default_model, forget_model, go_back, make_default, model_before, own_models
from pipeline.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("pipeline.engines.gpu", lambda: "")
    return replace(read_settings({}), data_dir=tmp_path)


def model(settings: Settings, name: str) -> str:
    folder = own_models(settings) / name
    folder.mkdir(parents=True)
    for file in ("model.onnx", "model.json"):
        (folder / file).touch()
    return str(folder)


def test_nobody_has_chosen_at_first(settings: Settings) -> None:
    assert (default_model(settings), model_before(settings)) == ("", None)
    go_back(settings)
    assert default_model(settings) == ""


def test_auto_is_the_model_that_was_made_the_default(settings: Settings) -> None:
    mine = model(settings, "my-hand")
    make_default(mine, settings)
    choice = choose_engine("auto", settings)
    assert (choice.name, choice.reason) == (mine, "You made my-hand the model that reads.")
    assert choose_engine("crnn", settings).name == "crnn"


def test_every_choice_can_be_taken_back_one_by_one(settings: Settings) -> None:
    one, two = model(settings, "one"), model(settings, "two")
    for name in (one, two, two, ""):
        make_default(name, settings)
    seen = []
    while (before := model_before(settings)) is not None:
        seen.append((default_model(settings), before))
        go_back(settings)
    assert seen == [("", two), (two, one), (one, "")]
    assert choose_engine("auto", settings).name == "crnn"


def test_a_forgotten_model_leaves_no_gap_in_the_way_back(settings: Settings) -> None:
    one, two = model(settings, "one"), model(settings, "two")
    for name in (one, two, one):
        make_default(name, settings)
    forget_model(two, settings)
    assert (default_model(settings), model_before(settings)) == (one, "")
    forget_model(one, settings)
    assert (default_model(settings), model_before(settings)) == ("", None)


def test_nobody_goes_back_to_a_folder_that_was_removed_by_hand(settings: Settings) -> None:
    one, two = model(settings, "one"), model(settings, "two")
    for name in (one, two, "crnn"):
        make_default(name, settings)
    shutil.rmtree(two)
    assert model_before(settings) == one
    go_back(settings)
    assert (default_model(settings), model_before(settings)) == (one, "")


def test_a_default_that_is_gone_gives_way(settings: Settings) -> None:
    make_default(str(own_models(settings) / "deleted"), settings)
    assert choose_engine("auto", settings).name == "crnn"


@pytest.mark.parametrize("content", ["", "[]", '{"chosen": 3}', "not json"])
def test_a_damaged_file_counts_as_no_choice(settings: Settings, content: str) -> None:
    own_models(settings).mkdir()
    (own_models(settings) / "default.json").write_text(content)
    assert choose_engine("auto", settings).name == "crnn"
    make_default("crnn", settings)
    assert default_model(settings) == "crnn"

"""The list of models: what there is, what is known of it, what can be removed."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engines.default import make_default, model_before, own_models
from pipeline.errors import NotFoundError
from pipeline.models import delete_model, find_model, list_models, new_folder, sweep_half_made
from pipeline.settings import Settings, read_settings

ADAPTED = {"title": "My hand", "from": "crnn", "made": "2026-11-20T10:00:00+00:00", "before": 0.2, "after": 0.1}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(read_settings({}), data_dir=tmp_path / "data", models_dir=tmp_path / "shipped")


def write_model(folder: Path, **about: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"x" * 2**20)
    (folder / "model.json").write_text(json.dumps({"characters": "abc", **about}))
    return folder


def test_own_models_come_first_then_the_shipped_then_trocr(settings: Settings) -> None:
    write_model(settings.models_dir / "crnn", cer={"dev": 0.05})
    old = write_model(own_models(settings) / "old", adapted=ADAPTED | {"made": "2026-11-19T10:00:00+00:00"})
    new = write_model(own_models(settings) / "new", adapted=ADAPTED)
    models = list_models(settings)
    assert [model.kind for model in models[:4]] == ["own", "own", "shipped", "trocr"]
    assert [model.name for model in models[:3]] == [str(new), str(old), "crnn"]
    assert models[2].cers == {"dev": 0.05}


def test_what_is_known_of_a_model(settings: Settings) -> None:
    folder = write_model(own_models(settings) / "my-hand", adapted=ADAPTED, cer={"dev": 0.05})
    (folder / "README.md").write_text("# Card")
    (folder / "model.safetensors").touch()
    model = find_model("My hand", settings)
    assert (model.name, model.title, model.card, model.bytes) == (str(folder), "My hand", "# Card", 2**20)
    assert (model.can_learn, model.adapted["after"], model.cers) == (True, 0.1, {})
    assert model.made
    assert model.made.isoformat() == ADAPTED["made"]


@pytest.mark.parametrize("about", ["", "[]", '{"adapted": null}', '{"cer": null}'])
def test_a_strange_description_does_not_hide_the_others(settings: Settings, about: str) -> None:
    folder = write_model(own_models(settings) / "strange")
    (folder / "model.json").write_text(about)
    write_model(settings.models_dir / "crnn")
    assert [model.title for model in list_models(settings)[:2]] == ["strange", "crnn"]


def test_a_name_counts_before_a_title_that_is_the_same(settings: Settings) -> None:
    shipped = write_model(settings.models_dir / "crnn")
    write_model(own_models(settings) / "my-hand", adapted=ADAPTED | {"title": "crnn"})
    assert find_model("crnn", settings).folder == shipped
    assert find_model("my-hand", settings).title == "crnn"
    assert new_folder("crnn", settings).name == "crnn-2"


def test_half_made_models_are_not_listed_and_swept_after_a_day(settings: Settings) -> None:
    fresh = write_model(own_models(settings) / ".fresh.1.new")
    stale = write_model(own_models(settings) / ".stale.2.new")
    os.utime(stale, (time.time() - 90_000,) * 2)
    assert all(model.kind == "trocr" for model in list_models(settings))
    half_written = own_models(settings) / ".default.1.new"
    half_written.touch()
    os.utime(half_written, (time.time() - 90_000,) * 2)
    sweep_half_made(settings)
    assert [path.name for path in own_models(settings).iterdir()] == [fresh.name]


@pytest.mark.parametrize(
    ("title", "name"), [("My hand", "my-hand"), ("Été 1928 / n°2", "été-1928-n-2"), ("../..", "model"), ("", "model")]
)
def test_titles_become_folder_names(settings: Settings, title: str, name: str) -> None:
    assert new_folder(title, settings) == own_models(settings) / name


def test_a_title_taken_before_is_numbered(settings: Settings) -> None:
    write_model(own_models(settings) / "my-hand")
    write_model(own_models(settings) / "my-hand-2")
    assert new_folder("My hand", settings).name == "my-hand-3"


def test_only_models_made_here_that_do_not_read_now_are_deleted(settings: Settings) -> None:
    folder = write_model(own_models(settings) / "my-hand")
    write_model(settings.models_dir / "crnn")
    with pytest.raises(NotFoundError, match="was not made here"):
        delete_model("crnn", settings)
    make_default(str(folder), settings)
    with pytest.raises(NotFoundError, match="reads now"):
        delete_model(str(folder), settings)
    make_default("", settings)
    delete_model(str(folder), settings)
    assert [path.name for path in own_models(settings).iterdir()] == ["default.json"]
    assert model_before(settings) is None
    with pytest.raises(NotFoundError, match="no model called"):
        delete_model(str(folder), settings)

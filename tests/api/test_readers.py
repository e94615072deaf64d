"""Clients choose among the readers that are here; nothing they name is fetched or opened."""

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from pipeline.api import readers
from pipeline.api.readers import reader_for_client
from pipeline.errors import EngineError
from pipeline.settings import Settings


def model_in(folder: Path) -> str:
    """A folder that looks like a CRNN."""
    folder.mkdir(parents=True)
    for name in ("model.onnx", "model.json"):
        (folder / name).touch()
    return str(folder)


@pytest.mark.parametrize(
    ("wanted", "reader"),
    [("crnn", "crnn"), ("trocr-small", "microsoft/trocr-small-handwritten"),
     ("microsoft/trocr-large-handwritten", "microsoft/trocr-large-handwritten")],
)  # fmt: skip
def test_a_reader_inkline_knows_is_taken(settings: Settings, wanted: str, reader: str) -> None:
    assert reader_for_client(wanted, settings) == reader


def test_models_of_this_server_are_taken(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped, learnt = model_in(tmp_path / "shipped" / "crnn-large"), model_in(settings.data_dir / "models" / "ada")
    settings = replace(settings, models_dir=tmp_path / "shipped")
    monkeypatch.setattr(readers, "cached_folder", lambda name: tmp_path if name == "some/fetched" else None)
    assert [reader_for_client(name, settings) for name in (shipped, learnt, "some/fetched")] == [
        shipped, learnt, "some/fetched",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wanted", ["some/model-of-the-hub", "{folder}/elsewhere", "{folder}/data/models/../../elsewhere"]
)
def test_a_model_that_is_elsewhere_is_refused_in_a_sentence(
    client: TestClient, settings: Settings, tmp_path: Path, wanted: str
) -> None:
    model_in(tmp_path / "elsewhere")
    wanted = wanted.format(folder=tmp_path)
    with pytest.raises(EngineError, match="is on the server"):
        reader_for_client(wanted, settings)
    for path, files in (("/documents", "files"), ("/transcribe", "image")):
        answer = client.post(path, data={"engine": wanted}, files={files: ("a.png", b"ink")})
        assert answer.status_code == 422
        assert "is on the server" in answer.json()["detail"]
    assert client.get("/documents").json() == []


def test_the_one_who_runs_the_server_may_choose_any_model(settings: Settings) -> None:
    settings = replace(settings, engine="some/model-of-the-hub")
    assert reader_for_client("", settings) == "some/model-of-the-hub"

"""Models over HTTP: listed, chosen and taken back, checked and taught; what can't be done is refused at once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from pipeline.api.app import create_app
from pipeline.api.deps import Services
from pipeline.document import Document
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.queue import new_worker_name
from tests.jobs.helpers import worker_on
from tests.model_folders import own_model, write_model
from tests.store.helpers import page, picture

HUB = "microsoft/trocr-base-handwritten"


@pytest.fixture
def mine(settings: Settings) -> str:
    """The name of a model made here."""
    return own_model(settings.data_dir, "my-hand", "My hand")


@pytest.fixture
def client(store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The API with a shipped model and a worker that rests, so that tasks wait."""
    monkeypatch.setattr("pipeline.engines.gpu", lambda: "")
    monkeypatch.setattr("pipeline.models.cached_folder", lambda name: None)
    write_model(tmp_path / "shipped" / "crnn", cer={"dev": 0.04})
    services = Services(replace(settings, models_dir=tmp_path / "shipped"), store, worker_on(store, tmp_path))
    with TestClient(create_app(services)) as client:
        yield client


def confirm(store: Store, lines: int) -> str:
    """A document with so many confirmed lines."""
    sheet = page(0, [f"line {number}" for number in range(lines)])
    document_id = store.create_finished_document(Document("Notes", (sheet,)), [picture()])
    for line in store.get_page(document_id, 0).lines:
        store.correct_line(line.id, line.text)
    return document_id


def test_models_are_listed_with_what_is_known_of_them(client: TestClient, mine: str) -> None:
    first, second, third = client.get("/models").json()[:3]
    assert (first["id"], first["name"], first["title"], first["kind"]) == ("my-hand", mine, "My hand", "own")
    assert first["adapted"]["learned"] == 32
    assert (second["id"], second["name"], second["cers"]) == ("crnn", "crnn", {"dev": 0.04})
    assert (third["on_this_machine"], third["can_learn"]) == (False, False)
    assert "card" not in first


@pytest.mark.parametrize("model", ["my-hand", "crnn"])
@pytest.mark.usefixtures("mine")
def test_a_model_comes_with_its_card(client: TestClient, model: str) -> None:
    assert client.get(f"/models/{model}").json()["card"] == "What it was **trained** on."


def test_a_model_of_the_hub_is_found_by_its_id(client: TestClient) -> None:
    assert client.get(f"/models/{HUB}").json()["kind"] == "trocr"
    assert client.get("/models/nobody/knows").status_code == 404


def test_a_model_is_made_the_default_and_taken_back(client: TestClient, mine: str) -> None:
    assert client.get("/default-model").json() == {
        "chosen": "", "reads": "crnn", "reason": "No GPU here, so Inkline's own small reader (CRNN) reads.",
        "before": None,
    }  # fmt: skip
    chosen = client.put("/default-model", json={"model": "my-hand"}).json()
    assert (chosen["chosen"], chosen["reads"], chosen["before"]) == (mine, mine, "")
    assert client.get("/models/my-hand").json()["chosen"]
    assert client.delete("/models/my-hand").status_code == 404
    assert client.post("/default-model/back").json()["reads"] == "crnn"
    assert client.delete("/models/my-hand").status_code == 204
    assert client.get("/models/my-hand").status_code == 404


def test_a_model_that_is_not_on_this_machine_is_not_chosen(client: TestClient) -> None:
    answer = client.put("/default-model", json={"model": HUB})
    assert (answer.status_code, client.get("/default-model").json()["chosen"]) == (422, "")
    assert "is not on this machine" in answer.json()["detail"]


def test_learning_is_queued_followed_and_cancelled(client: TestClient, store: Store) -> None:
    document_id = confirm(store, 20)
    answer = client.post("/models/crnn/learn", json={"document": document_id, "title": "Diary hand"})
    assert answer.status_code == 202
    sent = answer.json()
    assert (sent["kind"], sent["model"], sent["title"], sent["label"]) == ("adapt", "crnn", "Diary hand", "Notes")
    task = store.claim_task(new_worker_name())
    assert task
    assert task.wanted == {"model": "crnn", "data": f"store:{document_id}", "label": "Notes", "title": "Diary hand"}
    store.record_task(replace(task, stage="learn", progress=0.5, curve=[{"progress": 0.5}]))
    seen = client.get(f"/tasks/{sent['id']}").json()
    assert (seen["state"], seen["stage"], seen["progress"], seen["curve"]) == (
        "running", "learn", 0.5, [{"progress": 0.5}],
    )  # fmt: skip
    assert client.post(f"/tasks/{sent['id']}/cancel").json()["state"] == "cancelled"
    assert not store.record_task(task)


def test_a_check_brings_its_figures(client: TestClient, store: Store) -> None:
    confirm(store, 2)
    sent = client.post("/models/crnn/check", json={}).json()
    task = store.claim_task(new_worker_name())
    assert task
    assert task.wanted == {"model": "crnn", "data": "store", "label": "All documents", "title": "crnn"}
    store.finish_task(task, {"cer": 0.05})
    assert client.get(f"/tasks/{sent['id']}").json()["result"] == {"cer": 0.05}
    (listed,) = client.get("/tasks").json()
    assert (listed["id"], listed["state"], "result" in listed) == (sent["id"], "done", False)


@pytest.mark.parametrize(
    ("model", "work", "lines", "status", "sentence"),
    [
        ("crnn", "learn", 19, 422, "at least 20 confirmed lines; there are 19"),
        ("crnn", "check", 0, 422, "Nobody has confirmed a line"),
        ("nobody", "check", 1, 404, "no model called nobody"),
        (HUB, "learn", 20, 422, "is not on this machine"),
    ],
)
def test_what_cannot_be_done_is_refused_at_once(
    client: TestClient, store: Store, model: str, work: str, lines: int, status: int, sentence: str
) -> None:
    if lines:
        confirm(store, lines)
    answer = client.post(f"/models/{model}/{work}", json={})
    assert answer.status_code == status
    assert sentence in answer.json()["detail"]
    assert client.get("/tasks").json() == []


def test_lines_of_a_document_that_is_not_there_are_refused(client: TestClient) -> None:
    answer = client.post("/models/crnn/learn", json={"document": "f" * 32})
    assert answer.status_code == 404
    assert "no such document" in answer.json()["detail"]


def test_a_model_without_its_weights_can_t_learn(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "shipped" / "crnn" / "model.safetensors").unlink()
    answer = client.post("/models/crnn/learn", json={})
    assert answer.status_code == 422
    assert "can't learn" in answer.json()["detail"]

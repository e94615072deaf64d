"""Health, single lines, the API's own documentation, and the app as the launcher serves it."""

import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from pipeline.api.app import api, create_app, lifespan
from pipeline.api.deps import Services
from pipeline.api.routes import service
from pipeline.document import Transcription
from pipeline.settings import Settings
from pipeline.store import Store
from tests.jobs.helpers import worker_on


class WidthReader:
    """Says how large and how dark a crop is."""

    name = "width reader"

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        return [Transcription(f"{crop.shape} {crop.dtype} {crop.min()}", 0.75, self.name) for crop in crops]


@pytest.fixture
def _reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "load_engine", lambda name, settings: WidthReader())


@pytest.mark.usefixtures("_reader")
def test_one_line_image_is_read_at_once(client: TestClient) -> None:
    image = cv2.imencode(".png", np.full((48, 300, 3), 7, np.uint8))[1].tobytes()
    answer = client.post("/transcribe", files={"image": ("line.png", image)})
    assert answer.json() == {"text": "(48, 300) uint8 7", "confidence": 0.75, "engine": "width reader"}
    assert client.get("/documents").json() == []


@pytest.mark.usefixtures("_reader")
def test_what_is_no_picture_is_refused(client: TestClient) -> None:
    answer = client.post("/transcribe", files={"image": ("line.png", b"not a picture")})
    assert answer.status_code == 415
    assert "line.png" in answer.json()["detail"]


def test_health_is_good_while_store_and_worker_are(
    client: TestClient, store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"store": True, "worker": True})
    resting = TestClient(create_app(Services(settings, store, worker_on(store, tmp_path)))).get("/health")
    assert (resting.status_code, resting.json()) == (503, {"store": True, "worker": False})

    def fail() -> None:
        raise OSError("no disk")

    monkeypatch.setattr(store, "check", fail)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"store": False, "worker": True})


def test_the_documentation_works_under_its_mount_and_without_a_network(client: TestClient) -> None:
    served = TestClient(Starlette(routes=[Mount("/api", app=client.app)]))
    page = served.get("/api/docs").text
    assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]+)"', page))
    for address in [*re.findall(r'(?:src|href)="([^"]+)"', page), "/api/openapi.json"]:
        assert address.startswith("/api/")
        assert served.get(address).status_code == 200, address
    assert "url: '/api/openapi.json'" in page
    described = served.get("/api/openapi.json").json()
    assert described["servers"] == [{"url": "/api"}]
    assert {"/health", "/documents", "/documents/{document_id}/export", "/transcribe"} <= set(described["paths"])


def test_every_route_says_in_a_sentence_what_it_does(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description", "").endswith("."), f"{method} {path}"


def test_the_lifespan_opens_the_store_and_starts_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKLINE_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with TestClient(Starlette(routes=[Mount("/api", app=api)], lifespan=lifespan)) as served:
        assert served.get("/api/health").json() == {"store": True, "worker": True}
        assert (tmp_path / "inkline.db").exists()
        worker = api.state.services.worker
    assert not worker.alive

"""Files added to a document over HTTP, opened as real ones are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from pipeline.api.app import create_app
from pipeline.api.deps import Services
from pipeline.ingest import open_pages
from pipeline.settings import Settings
from pipeline.store import Store
from tests.jobs.helpers import STEPS, ended, worker_on
from tests.store.helpers import finished, picture
from tests.test_ingest_pdf import locked, scan


@pytest.fixture
def client(store: Store, settings: Settings, tmp_path: Path) -> Iterator[TestClient]:
    settings = replace(settings, max_pages=4)
    worker = worker_on(store, tmp_path, replace(STEPS, open_source=open_pages))
    worker.start()
    with TestClient(create_app(Services(settings, store, worker))) as client:
        yield client
    worker.stop()


def add(client: TestClient, document_id: str, *contents: bytes, **fields: str) -> Response:
    files = [("files", (f"{chr(ord('a') + number)}.pdf", content)) for number, content in enumerate(contents)]
    return client.post(f"/documents/{document_id}/files", files=files, data=fields)


def test_files_are_added_behind_the_pages_that_are_there(client: TestClient, store: Store) -> None:
    document_id = finished(store)
    before = store.get_page(document_id, 0)
    answer = add(client, document_id, picture(ord("g")), picture(ord("h")))
    assert answer.status_code == 202
    assert answer.json()["state"] in ("queued", "running")
    assert ended(store, document_id).state == "done"
    assert [page["lines"] for page in client.get(f"/documents/{document_id}/pages").json()] == [2, 2, 2]
    assert store.get_page(document_id, 0) == before
    assert store.get_page(document_id, 2).lines[0].text == "page 1 line 0"


def test_files_are_added_before_a_page_that_is_there(client: TestClient, store: Store) -> None:
    document_id = finished(store, 2)
    first, second = (page.id for page in store.list_pages(document_id))
    assert add(client, document_id, picture(ord("g")), picture(ord("h")), before=second).status_code == 202
    assert ended(store, document_id).state == "done"
    pages = store.get_document(document_id).pages
    assert [pages[0].id, pages[3].id] == [first, second]
    assert [page.lines[0].text for page in pages[1:3]] == ["page 0 line 0", "page 1 line 0"]
    refused = add(client, document_id, picture(ord("g")), before="none")
    assert (refused.status_code, "no such page" in refused.json()["detail"]) == (404, True)


def test_an_encrypted_pdf_is_added_with_its_password_only(client: TestClient, store: Store, tmp_path: Path) -> None:
    document_id = finished(store)
    content = locked(scan(tmp_path / "a.pdf"), "secret").read_bytes()
    refused = add(client, document_id, content)
    assert (refused.status_code, "Give its password" in refused.json()["detail"]) == (422, True)
    assert store.job_of(document_id).state == "done"
    assert add(client, document_id, content, password="secret").status_code == 202
    assert ended(store, document_id).state == "done"
    assert [page.error for page in store.list_pages(document_id)] == ["", ""]


def test_what_can_not_be_added_is_said_and_adds_nothing(client: TestClient, store: Store, tmp_path: Path) -> None:
    document_id = finished(store, 2)
    bad = add(client, document_id, picture(ord("g")), b"plain words")
    assert (bad.status_code, bad.json()["detail"].split(".")[0]) == (415, "b")
    many = add(client, document_id, scan(tmp_path / "a.pdf", pages=3).read_bytes())
    assert (many.status_code, "would have 5 pages; the limit is 4" in many.json()["detail"]) == (413, True)
    assert add(client, document_id).status_code == 422
    assert add(client, "none", picture()).status_code == 404
    assert (store.sources_of(document_id), store.job_of(document_id).state) == ([], "done")

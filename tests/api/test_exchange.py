"""Many documents out as an archive, and documents in from PAGE XML or ALTO."""

import io
import zipfile

import pytest
from fastapi.testclient import TestClient

from pipeline.document import Document
from pipeline.export import write_document
from pipeline.store import Store
from pipeline.store.pictures import pictures_of
from tests.store.helpers import page, picture


def keep(store: Store, name: str, *texts: str) -> str:
    return store.create_finished_document(Document(name, (page(texts=texts or ("text",)),)), [picture()])


def names(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sorted(archive.namelist())


def test_all_documents_or_some_come_as_one_archive(client: TestClient, store: Store) -> None:
    first, second, _ = keep(store, "Botany"), keep(store, "Algebra"), keep(store, "Chemistry")
    every = client.get("/export?format=txt")
    assert every.headers["content-type"] == "application/zip"
    assert every.headers["content-disposition"] == 'attachment; filename="documents.txt.zip"'
    assert names(every.content) == ["Algebra.txt", "Botany.txt", "Chemistry.txt"]
    some = client.get("/export", params={"format": "docx", "document": [first, second]})
    assert names(some.content) == ["Algebra.docx", "Botany.docx"]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("format=wav", 422, "docx"),
        ("format=txt&document=nothing", 404, "no such document"),
        ("format=txt", 404, "no documents to export"),
    ],
)
def test_what_cannot_be_exported_is_said(client: TestClient, query: str, status: int, words: str) -> None:
    answer = client.get(f"/export?{query}")
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True)


@pytest.mark.parametrize("format", ["page", "alto"])
def test_an_archive_is_taken_in(client: TestClient, store: Store, format: str) -> None:
    first = keep(store, "Botany", "leaf", "root")
    content = client.get(f"/documents/{first}/export?format={format}").content
    [taken] = client.post("/import", files=[("files", ("Botany.zip", content))]).json()
    assert (taken["document"]["name"], taken["document"]["lines"], taken["problems"]) == ("Botany", 2, [])
    second = taken["document"]["id"]
    assert [line.text for line in store.get_page(second, 0).lines] == ["leaf", "root"]


def test_loose_files_become_one_document(client: TestClient, store: Store) -> None:
    document = store.get_document(keep(store, "Botany", "leaf"))
    with zipfile.ZipFile(io.BytesIO(write_document(document, "page", pictures_of(store)))) as archive:
        files = [("files", (name, archive.read(name))) for name in archive.namelist()]
    [taken] = client.post("/import", files=files, data={"name": "Leaves"}).json()
    assert (taken["document"]["name"], taken["document"]["pages"]) == ("Leaves", 1)


def test_what_cannot_be_taken_in_is_said(client: TestClient) -> None:
    answer = client.post("/import", files=[("files", ("a.xml", b"<svg/>"))])
    assert answer.status_code == 415
    assert "neither PAGE XML nor ALTO" in answer.json()["detail"]

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


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


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


def test_a_library_goes_out_and_comes_in_as_one_archive(client: TestClient, store: Store) -> None:
    keep(store, "Botany", "leaf", "root")
    keep(store, "Algebra")
    sent = client.get("/export/library")
    assert sent.headers["content-disposition"] == 'attachment; filename="library.zip"'
    taken = client.post("/import", files=[("files", ("library.zip", sent.content))]).json()
    assert [(one["document"]["name"], one["document"]["lines"]) for one in taken] == [("Botany", 2), ("Algebra", 1)]
    assert len(store.list_documents()) == 4
    assert client.get("/export/library?document=nothing").status_code == 404


def test_if_one_of_several_files_cannot_be_taken_none_is(client: TestClient, store: Store) -> None:
    first = keep(store, "Botany")
    content = client.get(f"/documents/{first}/export?format=page").content
    files = [("files", ("Botany.zip", content)), ("files", ("bad.zip", b"PK no zip"))]
    assert client.post("/import", files=files).status_code == 415
    assert [summary.id for summary in store.list_documents()] == [first]


def test_two_different_files_of_one_name_are_refused(client: TestClient, store: Store) -> None:
    answer = client.post("/import", files=[("files", ("a.xml", b"<a/>")), ("files", ("a.xml", b"<b/>"))])
    assert answer.status_code == 422
    assert "Two different files are called a.xml" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.xml": b"<svg/>"}, "a.xml: it is neither PAGE XML nor ALTO (<svg>)."),
        ({"page.png": b"", "a.xml": b"<svg/>"}, "a.xml: it is neither PAGE XML nor ALTO (<svg>)."),
        (
            {"a.xml": b"<svg/>", "b.xml": b"<svg/>"},
            "No page of these files can be taken. a.xml: it is neither PAGE XML nor ALTO (<svg>).",
        ),
        ({"page.png": b"", "two.png": b""}, "There is neither PAGE XML nor ALTO in these files."),
        ({"page.png": b""}, "There is neither PAGE XML nor ALTO in page.png."),
        ({"notes.zip": b"no zip"}, "notes.zip is no zip, though its name says so."),
        ({"notes.zip": zipped(a=b"x")}, "There is neither PAGE XML nor ALTO in notes.zip."),
        (
            {"notes.zip": zipped(**{"a.xml": b"<svg/>"})},
            "No page of notes.zip can be taken. a.xml: it is neither PAGE XML nor ALTO (<svg>).",
        ),
        ({"notes.zip": zipped(**{"a.xml": bytes(2**23)})}, "notes.zip unpacks to 8 MB"),
        (
            {"notes.zip": zipped(**{"library.json": b"[]"})},
            "notes.zip holds a library.json that Inkline did not",
        ),
        (
            {"notes.zip": zipped(**{"library.json": b'{"inkline_library": 1, "documents": []}'})},
            "No document of notes.zip can be taken.",
        ),
    ],
)
def test_what_cannot_be_taken_in_is_called_as_it_was_sent_and_once(
    client: TestClient, files: dict[str, bytes], words: str
) -> None:
    answer = client.post("/import", files=[("files", sent) for sent in files.items()])
    assert answer.status_code in (413, 415)
    told = answer.json()["detail"]
    assert told.startswith(words)
    assert all(told.count(name) <= 1 for name in files)


@pytest.mark.parametrize("suffix", [".xml", ".zip"])
def test_a_file_whose_name_no_folder_takes_is_refused_with_a_reason(client: TestClient, suffix: str) -> None:
    answer = client.post("/import", files=[("files", ("é" * 200 + suffix, b"<a/>"))])
    assert answer.status_code == 422
    assert answer.json()["detail"] == (
        f"The name “{'é' * 60}…” is too long, so nothing is taken in. Give the file a shorter one."
    )


def test_a_name_that_was_asked_for_is_not_that_of_what_cannot_be_taken(client: TestClient) -> None:
    answer = client.post("/import", files=[("files", ("a.zip", zipped(a=b"x")))], data={"name": "Leaves"})
    assert answer.json()["detail"] == "There is neither PAGE XML nor ALTO in a.zip."

"""Documents over HTTP: sent, followed, corrected, exported, removed."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from pipeline.api.routes import documents
from pipeline.settings import Settings
from pipeline.store import Store
from tests.jobs.helpers import ended
from tests.store.helpers import finished


def send(client: TestClient, *contents: str, query: str = "", **fields: str) -> Response:
    """Post files named a.pdf, b.pdf...; see tests/jobs/helpers.py for what their content means."""
    files = [("files", (f"{chr(ord('a') + number)}.pdf", content.encode())) for number, content in enumerate(contents)]
    return client.post(f"/documents{query}", files=files, data=fields)


def read(client: TestClient, store: Store, *contents: str) -> str:
    """The id of a document that was sent and has been read."""
    document_id: str = send(client, *contents).json()[0]["id"]
    assert ended(store, document_id).state == "done"
    return document_id


def test_files_of_one_request_become_one_document_in_order(client: TestClient, store: Store) -> None:
    answer = send(client, "gg", "g", name="Algebra")
    assert answer.status_code == 201
    (document,) = answer.json()
    assert document["name"] == "Algebra"
    ended(store, document["id"])
    assert client.get(f"/documents/{document['id']}").json()["pages"] == 3
    assert [source.file.name for source in store.sources_of(document["id"])] == ["a.pdf", "b.pdf"]


def test_a_document_is_read_in_the_language_it_is_sent_with(client: TestClient, store: Store) -> None:
    document_id = send(client, "g", engine="crnn", language="fr").json()[0]["id"]
    assert ended(store, document_id).wanted_language == "fr"
    assert client.get(f"/documents/{document_id}/progress").json()["wanted_language"] == "fr"


def test_a_language_nobody_knows_is_refused_at_once(client: TestClient) -> None:
    for path, files in (("/documents", "files"), ("/transcribe", "image")):
        answer = client.post(path, data={"engine": "crnn", "language": "xx"}, files={files: ("a.png", b"ink")})
        assert answer.status_code == 422
        assert "no language called 'xx'. Choose one of auto, en, fr, none." in answer.json()["detail"]
    assert client.get("/documents").json() == []


def test_files_become_documents_of_their_own_where_wanted(client: TestClient) -> None:
    sent = send(client, "g", "gg", query="?separate=true").json()
    assert [document["name"] for document in sent] == ["a", "b"]
    assert {document["id"] for document in client.get("/documents").json()} == {document["id"] for document in sent}


def test_progress_ends_with_who_read_it_and_why(client: TestClient, store: Store) -> None:
    document_id = read(client, store, "gbg")
    progress = client.get(f"/documents/{document_id}/progress").json()
    assert (progress["state"], progress["pages_done"], progress["pages_total"]) == ("done", 3, 3)
    assert (progress["lines_read"], progress["engine"]) == (4, "reader 1.0")
    assert progress["engine_reason"] == "It was the first that came along."
    assert client.get(f"/documents/{document_id}").json()["progress"] == progress
    pages = client.get(f"/documents/{document_id}/pages").json()
    assert [(page["lines"], page["error"]) for page in pages] == [(2, ""), (0, "The page is too dark."), (2, "")]


def test_a_page_comes_with_its_lines_and_picture(client: TestClient, store: Store) -> None:
    document_id = read(client, store, "g")
    page = client.get(f"/documents/{document_id}/pages/0").json()
    assert [line["text"] for line in page["lines"]] == ["page 0 line 0", "page 0 line 1"]
    assert page["lines"][0]["baseline"] == [[5.0, 25.0], [90.5, 25.0]]
    assert page["figures"] == [{"box": [1, 2, 30, 40]}]
    image = client.get(f"/documents/{document_id}/pages/0/image")
    assert (image.headers["content-type"], image.content[:2]) == ("image/jpeg", b"\xff\xd8")


def test_a_line_is_corrected_confirmed_and_undone(client: TestClient, store: Store) -> None:
    document_id = read(client, store, "g")
    line = client.get(f"/documents/{document_id}/pages/0").json()["lines"][0]
    corrected = client.patch(f"/lines/{line['id']}", json={"text": "Page naught ∑"}).json()
    assert (corrected["text"], corrected["confidence"], corrected["author"]) == ("Page naught ∑", 1.0, "user")
    assert client.get(f"/documents/{document_id}").json()["checked"] == 1
    assert client.post(f"/lines/{line['id']}/undo").json() == line
    history = client.get(f"/lines/{line['id']}/history").json()
    assert [(version["text"], version["restored"]) for version in history] == [
        ("page 0 line 0", False),
        ("Page naught ∑", False),
        ("page 0 line 0", True),
    ]


def test_the_word_file_holds_the_corrected_text(client: TestClient, store: Store) -> None:
    document_id = finished(store)
    store.rename_document(document_id, 'Ünit "1"/2\r\nX: y')
    client.patch(f"/lines/{store.get_page(document_id, 0).lines[0].id}", json={"text": "Corrected heading"})
    answer = client.get(f"/documents/{document_id}/export?format=docx")
    assert answer.status_code == 200
    expected = "attachment; filename*=UTF-8''%C3%9Cnit%20%221%22%2F2%0D%0AX%3A%20y.docx"
    assert answer.headers["content-disposition"] == expected
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert b"Corrected heading" in file.read("word/document.xml")
        # The fixture's page has a figure.
        assert any(name.startswith("word/media/") for name in file.namelist())


@pytest.mark.parametrize("format", ["txt", "json"])
def test_other_formats_hold_the_text_too(client: TestClient, store: Store, format: str) -> None:
    answer = client.get(f"/documents/{finished(store)}/export?format={format}")
    assert answer.status_code == 200
    assert "second line" in answer.text


def test_an_encrypted_file_asks_for_its_password(client: TestClient, store: Store) -> None:
    document_id = send(client, "locked:sesame:g").json()[0]["id"]
    ended(store, document_id)
    asked = client.get(f"/documents/{document_id}/progress").json()
    assert (asked["state"], asked["error"]) == ("needs_password", "a.pdf needs a password.")
    answer = client.post(f"/documents/{document_id}/password", json={"password": "sesame"})
    assert (answer.status_code, answer.json()["state"]) in [(202, "queued"), (202, "running"), (202, "done")]
    assert ended(store, document_id).state == "done"


def test_a_deleted_document_is_gone(client: TestClient, store: Store) -> None:
    document_id = finished(store)
    assert client.delete(f"/documents/{document_id}").status_code == 204
    assert client.get(f"/documents/{document_id}").status_code == 404
    assert client.get("/documents").json() == []
    assert client.delete(f"/documents/{document_id}").status_code == 404
    assert client.delete(f"/documents/{document_id}?for_good=true").status_code == 204
    assert client.get("/trash").json() == []


def test_a_url_is_fetched_into_the_store(client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(url: str, folder: Path, settings: Settings) -> Path:
        path = folder / "from the web.pdf"
        path.write_text("gg" if url == "https://example.org/notes" else "b")
        return path

    monkeypatch.setattr(documents, "fetch", fetch)
    (document,) = client.post("/documents", data={"url": "https://example.org/notes"}).json()
    assert document["name"] == "from the web"
    ended(store, document["id"])
    assert client.get(f"/documents/{document['id']}").json()["pages"] == 2


def large_body() -> Iterator[bytes]:
    """A file of 3 MB, sent without saying how long it is."""
    yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'
    yield from (bytes(2**16) for _ in range(48))
    yield b"\r\n--x--\r\n"


def test_a_file_above_the_limit_is_refused(client: TestClient) -> None:
    answer = send(client, "g" * (2**20 + 1))
    assert (answer.status_code, answer.json()) == (413, {"detail": "a.pdf has 1 MB; the limit is 1 MB."})


@pytest.mark.parametrize("says_its_length", [True, False])
def test_an_upload_above_the_limit_is_stopped_on_its_way(client: TestClient, says_its_length: bool) -> None:
    body = large_body()
    answer = client.post(
        "/documents",
        content=b"".join(body) if says_its_length else body,
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert (answer.status_code, answer.json()) == (413, {"detail": "The upload is too large; the limit is 1 MB."})


def test_writes_from_other_web_sites_are_refused(client: TestClient, store: Store) -> None:
    document_id = finished(store)
    line = f"/lines/{store.get_page(document_id, 0).lines[0].id}"
    for site, status in [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]:
        answer = client.patch(line, json={"text": "x"}, headers={"sec-fetch-site": site})
        assert answer.status_code == status, site


NOTHING = "0" * 32
REFUSED = {
    "no file": ("POST", "/documents", {"data": {"name": "x"}}, 422, "Send one or more files, or the url of one."),
    "unknown reader": (
        "POST",
        "/documents",
        {"data": {"engine": "no such"}},
        422,
        "There is no reader called 'no such'",
    ),
    "this machine": ("POST", "/documents", {"data": {"url": "http://127.0.0.1/x.png"}}, 422, "127.0.0.1"),
    "a local file": ("POST", "/documents", {"data": {"url": "file:///etc/passwd"}}, 422, "http"),
    "unknown document": ("GET", f"/documents/{NOTHING}", {}, 404, "no such document"),
    "its progress": ("GET", f"/documents/{NOTHING}/progress", {}, 404, "no such document"),
    "its pages": ("GET", f"/documents/{NOTHING}/pages", {}, 404, "no such document"),
    "its page": ("GET", f"/documents/{NOTHING}/pages/0", {}, 404, "no such page"),
    "its picture": ("GET", f"/documents/{NOTHING}/pages/0/image", {}, 404, "no such page"),
    "its export": ("GET", f"/documents/{NOTHING}/export", {}, 404, "no such document"),
    "its password": ("POST", f"/documents/{NOTHING}/password", {"json": {"password": "x"}}, 404, "no such document"),
    "its removal": ("DELETE", f"/documents/{NOTHING}", {}, 404, "no such document"),
    "unknown line": ("PATCH", f"/lines/{NOTHING}", {"json": {"text": "x"}}, 404, "no such line"),
    "its history": ("GET", f"/lines/{NOTHING}/history", {}, 404, "no such line"),
    "its undo": ("POST", f"/lines/{NOTHING}/undo", {}, 404, "no such line"),
}


@pytest.mark.parametrize(("method", "path", "body", "status", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_said_in_a_sentence(
    client: TestClient, method: str, path: str, body: dict[str, dict[str, str]], status: int, words: str
) -> None:
    answer = client.request(method, path, **body)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_an_unknown_format_is_refused(client: TestClient, store: Store) -> None:
    answer = client.get(f"/documents/{finished(store)}/export?format=wav")
    assert answer.status_code == 422
    assert "docx" in answer.json()["detail"]


def test_a_page_that_could_not_be_seen_has_no_picture(client: TestClient, store: Store) -> None:
    document_id = read(client, store, "gu")
    assert client.get(f"/documents/{document_id}/pages/1/image").status_code == 404

"""The library over HTTP: search, names, tags and the trash."""

from fastapi.testclient import TestClient

from pipeline.store import Store
from tests.store.helpers import finished


def test_lines_are_found_with_where_they_stand(client: TestClient, store: Store) -> None:
    document_id = finished(store)
    first = store.get_page(document_id, 0).lines[0]
    (hit,) = client.get("/search", params={"q": "First"}).json()
    assert hit == {
        **{"line_id": first.id, "document_id": document_id, "document": "Notes", "page": 0, "position": 0},
        **{"text": "first line", "spans": [[0, 5]], "exact": True},
    }
    assert [hit["exact"] for hit in client.get("/search?q=frist").json()] == [False]
    assert client.get("/search?q=first&tag=physics").json() == []
    assert client.get("/search").status_code == 422


def test_documents_are_named_tagged_and_listed_by_both(client: TestClient, store: Store) -> None:
    first, second = finished(store), finished(store)
    assert client.patch(f"/documents/{first}", json={"name": "Algebra"}).json()["name"] == "Algebra"
    tagged = client.put(f"/documents/{first}/tags", json={"tags": ["maths", " maths", "a, b"]}).json()
    assert tagged["tags"] == ["a b", "maths"]
    assert client.get("/tags").json() == [{"tag": "a b", "documents": 1}, {"tag": "maths", "documents": 1}]
    assert [document["id"] for document in client.get("/documents?tag=maths").json()] == [first]
    assert [document["id"] for document in client.get("/documents?name=otes").json()] == [second]
    assert [document["id"] for document in client.get("/documents?order=name&limit=1&offset=1").json()] == [second]
    assert client.patch("/documents/nothing", json={"name": "x"}).status_code == 404
    assert client.put("/documents/nothing/tags", json={"tags": []}).status_code == 404


def test_a_deleted_document_waits_in_the_trash(client: TestClient, store: Store) -> None:
    document_id = finished(store)
    client.delete(f"/documents/{document_id}")
    assert client.get(f"/documents/{document_id}/export?format=txt").status_code == 404
    assert [document["id"] for document in client.get("/trash").json()] == [document_id]
    assert client.post(f"/trash/{document_id}/restore").json()["lines"] == 2
    assert client.post(f"/trash/{document_id}/restore").status_code == 404
    client.delete(f"/documents/{document_id}")
    assert client.delete("/trash").status_code == 204
    assert client.get("/trash").json() == []

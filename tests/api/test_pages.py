"""Pages of a document over HTTP: moved, deleted, brought back."""

import pytest
from fastapi.testclient import TestClient

from pipeline.store import Store
from tests.store.helpers import finished

# What is said where a place was meant on another page, or on one that lay otherwise.
OTHER = "{} meanwhile, so nothing was changed. Please look at the page and try once more."


@pytest.fixture
def document_id(store: Store) -> str:
    return finished(store, 3)


def ids(client: TestClient, document_id: str) -> list[str]:
    return [page["id"] for page in client.get(f"/documents/{document_id}/pages").json()]


def test_pages_are_moved_deleted_and_brought_back(client: TestClient, document_id: str) -> None:
    first, second, third = before = ids(client, document_id)
    moved = client.put(f"/pages/{third}/place", json={"place": 0}).json()
    assert (moved["kind"], moved["summary"]) == ("order pages", "Page 3 moved to 1")
    assert ids(client, document_id) == [third, first, second]
    assert client.get(f"/documents/{document_id}/pages/0").json()["id"] == third
    ordered = client.put(f"/documents/{document_id}/page-order", json={"pages": [second, first, third]})
    assert (ordered.json()["kind"], ordered.json()["summary"]) == ("order pages", "Pages put into another order")
    assert ids(client, document_id) == [second, first, third]
    assert client.delete(f"/pages/{first}").json()["summary"] == "Page 2 deleted"
    assert ids(client, document_id) == [second, third]
    for _ in range(3):
        assert client.post(f"/documents/{document_id}/undo").json()["state"] == "undone"
    assert ids(client, document_id) == before


def test_what_can_not_be_done_is_said_in_a_sentence(client: TestClient, document_id: str) -> None:
    first, second, third = ids(client, document_id)
    assert client.put(f"/pages/{first}/place", json={"place": 3}).status_code == 422
    assert client.put(f"/documents/{document_id}/page-order", json={"pages": [first, first]}).status_code == 422
    assert client.delete(f"/pages/{first}").status_code == 200
    gone = client.delete(f"/pages/{first}")
    assert (gone.status_code, gone.json()["detail"].split(".")[0]) == (404, "There is no such page")
    assert client.put(f"/pages/{first}/place", json={"place": 0}).status_code == 404
    assert client.delete(f"/pages/{second}").status_code == 200
    last = client.delete(f"/pages/{third}")
    assert (last.status_code, "only page" in last.json()["detail"]) == (422, True)
    assert client.put("/documents/none/page-order", json={"pages": [first]}).status_code == 404


def test_nothing_is_drawn_on_a_page_that_took_the_place_of_the_one_seen(
    client: TestClient, store: Store, document_id: str
) -> None:
    first, second, _ = ids(client, document_id)
    drawn = {"outline": [5, 100, 90, 120], "engine": None, "page": first}
    assert client.post(f"/documents/{document_id}/pages/0/lines", json=drawn).status_code == 201
    client.put(f"/pages/{second}/place", json={"place": 0})
    refused = client.post(f"/documents/{document_id}/pages/0/lines", json=drawn)
    assert (refused.status_code, refused.json()["detail"]) == (409, OTHER.format("Pages were moved"))
    assert [page.lines for page in store.list_pages(document_id)] == [2, 3, 2]


def test_a_page_is_found_by_its_id_and_says_when_pages_were_moved(client: TestClient, document_id: str) -> None:
    first, second, third = ids(client, document_id)
    page = client.get(f"/pages/{second}").json()
    assert page == client.get(f"/documents/{document_id}/pages/1").json()
    assert client.get(f"/pages/{first}").json()["order"] == page["order"]
    client.put(f"/pages/{third}/place", json={"place": 0})
    moved = client.get(f"/pages/{second}").json()
    assert moved["index"] == 2
    assert moved["order"] != page["order"]
    assert moved | {"index": 1, "order": page["order"]} == page
    assert client.get(f"/pages/{second}/image").content == client.get(f"/documents/{document_id}/pages/2/image").content
    client.delete(f"/pages/{second}")
    assert client.get(f"/pages/{second}").status_code == 404
    assert client.get(f"/pages/{first}").json()["order"] not in (page["order"], moved["order"])


@pytest.mark.parametrize("quarters", [1, 2])
def test_a_place_seen_on_a_page_that_was_turned_meanwhile_is_refused(
    resting: TestClient, store: Store, document_id: str, quarters: int
) -> None:
    first = ids(resting, document_id)[0]
    seen = resting.get(f"/pages/{first}").json()
    looks = {"image": seen["image"], "turned": seen["turned"]}
    drawn = {"outline": [5, 60, 90, 80], "engine": None, "page": first, **looks}
    line = f"/lines/{seen['lines'][0]['id']}/outline"
    assert resting.put(line, json=drawn).json()["kind"] == "move"
    resting.post(f"/pages/{first}/turn", json={"quarters": quarters})
    turned = store.get_page(document_id, 0)
    assert (turned.image == seen["image"]) == (quarters == 2), "blank paper looks the same upside down"
    page, place = f"/documents/{document_id}/pages/0", {"page": first, **looks}
    split = f"/lines/{seen['lines'][1]['id']}/split"
    for answer in (
        resting.put(line, json=drawn),
        resting.post(f"{page}/lines", json=drawn),
        resting.post(split, json={"at": [45, 50], **place}),
        resting.post(f"{page}/figures", json={"box": [5, 60, 90, 80], **place}),
        resting.post(f"{page}/figures/delete", json={"box": [1, 2, 30, 40], **place}),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (409, OTHER.format("The page was turned"))
    assert store.get_page(document_id, 0) == turned
    drawn |= {"image": turned.image, "turned": turned.turned}
    assert resting.put(line, json=drawn).status_code == 200


def test_no_other_page_is_read_anew_than_the_one_seen(client: TestClient, document_id: str) -> None:
    first, second, _ = ids(client, document_id)
    client.put(f"/pages/{second}/place", json={"place": 0})
    refused = client.post(f"/documents/{document_id}/pages/0/readings", json={"page": first})
    assert (refused.status_code, "moved meanwhile" in refused.json()["detail"]) == (409, True)


def test_what_is_found_names_its_page(client: TestClient, document_id: str) -> None:
    found = client.post(f"/documents/{document_id}/find", json={"find": "first"}).json()["hits"]
    assert [hit["page_id"] for hit in found] == ids(client, document_id)


def test_a_page_is_turned_and_read_again(client: TestClient, document_id: str) -> None:
    first = ids(client, document_id)[0]
    before = client.get(f"/documents/{document_id}/pages/0").json()
    assert client.post(f"/pages/{first}/turn", json={"quarters": 1}).json()["summary"] == "Page turned"
    page = client.get(f"/documents/{document_id}/pages/0").json()
    assert (page["width"], page["height"], page["image"] == before["image"]) == (200, 100, False)
    assert client.get(f"/documents/{document_id}/pages").json()[0]["turned"] == 1
    assert client.post(f"/pages/{first}/turn", json={"quarters": 4}).status_code == 422
    assert client.post("/pages/none/turn", json={"quarters": 1}).status_code == 404

"""Lines over HTTP: put right, undone, searched and read again."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from pipeline.document import Document, Line, Page, Transcription
from pipeline.retouch import ink
from pipeline.store import Store
from tests.store.helpers import picture

TEXTS = ("one two", "three four", "five six")


class Reader:
    name = "second reader"

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        return [Transcription("read again", 0.7, self.name) for _ in crops]


@pytest.fixture
def document_id(store: Store) -> str:
    lines = tuple(
        Line(
            "",
            ((5.0, top), (90.0, top), (90.0, top + 20), (5.0, top + 20)),
            ((5.0, top + 15), (90.0, top + 15)),
            transcription=Transcription(text, 0.5, "crnn"),
        )
        for top, text in zip((10.0, 40.0, 70.0), TEXTS, strict=True)
    )
    return store.create_finished_document(Document("Notes", (Page(0, 100, 200, 300, lines=lines),)), [picture(1)])


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ink, "load_engine", lambda name, settings: Reader())


def lines_of(client: TestClient, document_id: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = client.get(f"/documents/{document_id}/pages/0").json()["lines"]
    return lines


def texts(client: TestClient, document_id: str) -> list[str]:
    return [line["text"] for line in lines_of(client, document_id)]


def test_lines_are_deleted_merged_split_and_ordered_and_all_of_it_undone(client: TestClient, document_id: str) -> None:
    before = lines_of(client, document_id)
    one, three, five = (line["id"] for line in before)
    client.post("/lines/merge", json={"lines": [one, three]})
    assert texts(client, document_id) == ["one two three four", "five six"]
    split = client.post(f"/lines/{one}/split", json={"at": [45, 20]}).json()
    assert (split["kind"], split["summary"], len(split["added"])) == ("split", "2 lines split", 1)
    client.put(f"/documents/{document_id}/pages/0/order", json={"lines": [five, one]})
    client.post("/lines/delete", json={"lines": [one]})
    assert texts(client, document_id) == ["five six", "three four"]
    steps = client.get(f"/documents/{document_id}/changes").json()
    assert [step["kind"] for step in steps] == ["delete", "order", "split", "merge"]
    undone = [client.post(f"/documents/{document_id}/undo").json() for _ in range(5)]
    assert [step and step["kind"] for step in undone] == ["delete", "order", "split", "merge", None]
    assert lines_of(client, document_id) == before
    assert client.post(f"/documents/{document_id}/redo").json()["kind"] == "merge"
    assert [step["kind"] for step in client.get(f"/lines/{three}/changes").json()] == ["merge"]


def test_a_line_is_drawn_read_moved_and_marked(client: TestClient, document_id: str, second: None) -> None:
    answer = client.post(f"/documents/{document_id}/pages/0/lines", json={"outline": [5, 100, 90, 120]})
    assert answer.status_code == 201
    (line_id,) = answer.json()["added"]
    line = lines_of(client, document_id)[3]
    assert (line["id"], line["text"], line["author"]) == (line_id, "read again", "second reader")
    points = [[5, 105], [95, 105], [95, 130], [5, 130]]
    client.put(f"/lines/{line_id}/outline", json={"outline": points, "engine": None})
    assert lines_of(client, document_id)[3]["polygon"] == points
    client.post("/lines/kind", json={"lines": [line_id], "kind": "list_item", "level": 1})
    assert (lines_of(client, document_id)[3]["kind"], lines_of(client, document_id)[3]["level"]) == ("list_item", 1)
    client.post("/lines/kind", json={"lines": [line_id], "kind": "figure"})
    page = client.get(f"/documents/{document_id}/pages/0").json()
    assert (len(page["lines"]), page["figures"]) == (3, [{"box": [5, 105, 96, 131]}])
    client.post(f"/documents/{document_id}/pages/0/figures/delete", json={"box": [5, 105, 96, 131]})
    client.post(f"/documents/{document_id}/pages/0/figures", json={"box": [1, 2, 30, 40]})
    assert client.get(f"/documents/{document_id}/pages/0").json()["figures"] == [{"box": [1, 2, 30, 40]}]


def test_words_are_underlined_and_struck_out_and_undone(client: TestClient, document_id: str) -> None:
    line_id = lines_of(client, document_id)[0]["id"]
    wanted = {"start": 4, "end": 4, "kind": "underline", "text": "one two"}
    assert client.post(f"/lines/{line_id}/decorations", json=wanted).json()["kind"] == "decorate"
    underlined = [{"start": 4, "end": 7, "kind": "underline"}]
    assert lines_of(client, document_id)[0]["decorations"] == underlined
    assert client.get(f"/lines/{line_id}/history").json()[-1]["decorations"] == underlined
    assert client.patch(f"/lines/{line_id}", json={"text": "only two"}).json()["decorations"] == [
        {"start": 5, "end": 8, "kind": "underline"}
    ]
    assert client.post(f"/lines/{line_id}/decorations", json=wanted).status_code == 409
    for bad in ({"kind": "bold"}, {"start": -1}):
        assert client.post(f"/lines/{line_id}/decorations", json=wanted | bad).status_code == 422
    for _ in range(2):
        client.post(f"/documents/{document_id}/undo")
    assert lines_of(client, document_id)[0]["decorations"] == []


def test_text_is_found_seen_replaced_and_put_back(client: TestClient, document_id: str) -> None:
    wanted = {"find": r"(\w+) (\w+)", "replacement": r"\2 \1", "regular": True}
    found = client.post(f"/documents/{document_id}/find", json=wanted, params={"limit": 2}).json()
    assert (found["lines"], len(found["hits"])) == (3, 2)
    hits = client.post(f"/documents/{document_id}/find", json=wanted).json()["hits"]
    assert [(hit["number"], hit["before"], hit["after"]) for hit in hits] == [
        (1, "one two", "two one"),
        (2, "three four", "four three"),
        (3, "five six", "six five"),
    ]
    assert texts(client, document_id) == list(TEXTS)
    lines = [hit["line_id"] for hit in hits[:2]]
    client.post(f"/documents/{document_id}/replace", json={**wanted, "lines": lines})
    assert texts(client, document_id) == ["two one", "four three", "five six"]
    client.post(f"/documents/{document_id}/undo")
    client.post(f"/documents/{document_id}/replace", json={**wanted, "but": [hits[2]["line_id"]]})
    assert texts(client, document_id) == ["two one", "four three", "five six"]
    client.post(f"/lines/{lines[0]}/versions/1")
    assert texts(client, document_id)[0] == "one two"
    bad = client.post(f"/documents/{document_id}/find", json={"find": "(", "regular": True})
    assert (bad.status_code, bad.json()["detail"][:29]) == (422, "This is no regular expression")


def test_readings_are_proposed_taken_and_dropped(client: TestClient, document_id: str, second: None) -> None:
    first, *_ = lines_of(client, document_id)
    client.patch(f"/lines/{first['id']}", json={"text": "confirmed"})
    proposed = client.post(f"/documents/{document_id}/pages/0/readings", json={}).json()
    assert [(p["before"], p["text"], p["engine"]) for p in proposed] == [
        (text, "read again", "second reader") for text in TEXTS[1:]
    ]
    client.post(f"/documents/{document_id}/readings/take", json={"lines": [proposed[0]["line_id"]]})
    assert texts(client, document_id) == ["confirmed", "read again", "five six"]
    left = client.get(f"/documents/{document_id}/readings").json()
    assert (left["lines"], [p["before"] for p in left["proposals"]]) == (1, ["five six"])
    client.post(f"/documents/{document_id}/readings/take", json={"but": [proposed[1]["line_id"]]})
    assert texts(client, document_id) == ["confirmed", "read again", "five six"]
    assert client.post(f"/documents/{document_id}/readings/drop", json={}).status_code == 204
    assert client.get(f"/documents/{document_id}/readings").json() == {"lines": 0, "proposals": []}


def test_a_document_is_read_again_in_the_background(resting: TestClient, store: Store, document_id: str) -> None:
    path = f"/documents/{document_id}/readings"
    assert resting.get(f"{path}/task").json() is None
    task = resting.post(path, json={"engine": "crnn"}).json()
    assert store.get_task(task["id"]).wanted == {"document": document_id, "engine": "crnn"}
    assert (task["state"], task["engine"], task["progress"]) == ("queued", "crnn", 0.0)
    # A sheet that is opened later finds it, and a second press begins no second one.
    assert resting.get(f"{path}/task").json() == task == resting.get(f"{path}/task/{task['id']}").json()
    assert resting.post(path, json={"engine": "crnn"}).json() == task
    assert resting.get(f"/documents/other/readings/task/{task['id']}").status_code == 404
    assert resting.delete(f"{path}/task/{task['id']}").status_code == 204
    assert resting.get(f"{path}/task").json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "/lines/delete", {"lines": ["none"]}, 404),
        ("post", "/lines/delete", {"lines": []}, 422),
        ("post", "/lines/none/split", {"offset": 3}, 404),
        ("post", "/documents/none/undo", None, 404),
        ("get", "/documents/none/changes", None, 404),
        ("get", "/documents/none/readings", None, 404),
        ("post", "/documents/none/find", {"find": "x"}, 404),
        ("post", "/documents/none/pages/0/lines", {"outline": [1, 2, 30, 40]}, 404),
        ("post", "/documents/none/readings", {"engine": "nobody's"}, 404),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    client: TestClient, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_only_what_was_seen_is_confirmed(client: TestClient, store: Store, document_id: str) -> None:
    first, second, third = (line["id"] for line in lines_of(client, document_id))
    seen = {"lines": [first, second, third], "texts": list(TEXTS)}
    store.propose({second: Transcription("read anew", 0.9, "other reader")})
    store.take_proposals(document_id, author="ben")
    change = client.post("/lines/confirm", json=seen).json()
    assert (change["line_ids"], "1 line says something else" in change["note"]) == ([first, third], True)
    assert [line["checked"] for line in lines_of(client, document_id)] == [True, False, True]
    refused = client.post("/lines/confirm", json={"lines": [second], "texts": ["three four"]})
    assert (refused.status_code, "read it first" in refused.json()["detail"]) == (409, True)
    assert client.post("/lines/confirm", json={"lines": [second], "texts": []}).status_code == 422
    assert client.post("/lines/confirm", json={"lines": [second]}).json()["line_ids"] == [second]


def test_an_edit_that_comes_late_does_not_hide_what_was_written_since(
    client: TestClient, store: Store, document_id: str
) -> None:
    line_id = lines_of(client, document_id)[0]["id"]
    store.correct_line(line_id, "newer", author="ben")
    late = {"text": "mine", "earlier": ["m"], "age_ms": 120_000}
    assert client.patch(f"/lines/{line_id}", json=late).json()["text"] == "newer"
    assert [version["text"] for version in client.get(f"/lines/{line_id}/history").json()][-3:] == [
        "m",
        "mine",
        "newer",
    ]
    assert client.patch(f"/lines/{line_id}", json=late | {"age_ms": 0}).json()["text"] == "mine"
    assert client.patch(f"/lines/{line_id}", json=late | {"age_ms": -1}).status_code == 422

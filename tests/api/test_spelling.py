"""Spelling over HTTP."""

from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

LINES = ["Les feuilles recoivent de la lumière.", "", "The thylakoid gives off oxygen to the air 𝒙."]


def marks(client: TestClient) -> list[list[str]]:
    return [[mark["text"] for mark in line["marks"]] for line in client.post("/spelling", json={"lines": LINES}).json()]


def test_misspelt_words_are_told_with_their_places_and_the_language(client: TestClient) -> None:
    french, empty, english = client.post("/spelling", json={"lines": LINES}).json()
    assert french == {"language": "fr", "marks": [{"text": "recoivent", "start": 13, "end": 22}]}
    assert empty["marks"] == []
    assert (english["language"], [mark["text"] for mark in english["marks"]]) == ("en", ["thylakoid"])
    assert client.post("/spelling", json={"lines": []}).json() == []


def test_what_was_meant_is_suggested(client: TestClient) -> None:
    found = client.get("/spelling/suggestions", params={"word": "recoivent", "language": "fr"}).json()
    assert found[0] == "reçoivent"
    assert len(found) <= 3
    assert client.get("/spelling/suggestions", params={"word": "Haus", "language": "de"}).status_code == 422


def test_words_are_added_to_the_dictionary_and_taken_out(client: TestClient) -> None:
    for word in ("thylakoid", "l’abscissé"):
        assert client.post("/dictionary", json={"word": word}).status_code == 204
    assert client.get("/dictionary").json() == ["l’abscissé", "thylakoid"]
    assert marks(client) == [["recoivent"], [], []]
    assert client.delete(f"/dictionary/{quote('l’abscissé')}").status_code == 204
    assert client.delete("/dictionary/Thylakoid").status_code == 204
    assert client.get("/dictionary").json() == []
    assert marks(client) == [["recoivent"], [], ["thylakoid"]]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "/dictionary", {"word": "two words"}, 422),
        ("post", "/dictionary", {"word": ""}, 422),
        ("delete", "/dictionary/nothing", None, 404),
        ("post", "/spelling", {"lines": "text"}, 422),
    ],
)
def test_what_cannot_be_done_is_said(client: TestClient, method: str, path: str, body: object, status: int) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]

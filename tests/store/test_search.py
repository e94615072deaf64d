"""Searching the lines of all documents, in step with whatever is done to them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline import retouch
from pipeline.document import Document
from pipeline.store import Store
from tests.store.helpers import page, picture, store_in


def keep(store: Store, texts: Sequence[str], name: str = "Notes") -> str:
    return store.create_finished_document(Document(name, (page(texts=texts),)), [picture()])


def found(store: Store, query: str, **options: str) -> list[str]:
    return [hit.text for hit in store.search(query, **options)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path)


def marked(store: Store, query: str) -> list[str]:
    """The words that the first hit marks."""
    hit = store.search(query)[0]
    return [hit.text[start:end] for start, end in hit.spans]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("photosynthesis", ["Photosynthesis"]),
        ("PHOTO", ["Photosynthesis"]),
        ("ete", ["Été"]),
        ("L'été", ["L", "Été"]),
        ("coeur", ["cœur"]),
        ("3 14", ["3", "14"]),
        ('"cœur" OR (', ["cœur", "or"]),
    ],
)
def test_words_are_found_whatever_their_case_accents_and_ends(store: Store, query: str, words: list[str]) -> None:
    keep(store, ["nothing of it", "Photosynthesis: L'Été au cœur or 3.14 (π)"])
    assert marked(store, query) == words


def test_all_words_must_be_there(store: Store) -> None:
    keep(store, ["heat of the sun", "sun and moon"])
    assert found(store, "sun") == ["heat of the sun", "sun and moon"]
    assert found(store, "sun moon") == ["sun and moon"]
    assert found(store, "sun fourier") == []
    assert found(store, " ?! ") == []


@pytest.mark.parametrize(
    ("read", "sought"), [("phctosynthesis", "photosynthesis"), ("photosyntesis", "photosynthesis"), ("haet", "heat")]
)
def test_what_was_slightly_misread_is_found_after_what_was_not(store: Store, read: str, sought: str) -> None:
    keep(store, [f"about {sought} here"])
    keep(store, [f"about {read} here", "another line"])
    hits = store.search(sought)
    assert [(hit.text, hit.exact) for hit in hits] == [
        (f"about {sought} here", True),
        (f"about {read} here", False),
    ]
    assert [hits[1].text[start:end] for start, end in hits[1].spans] == [read]


def test_in_short_words_no_letter_may_be_wrong(store: Store) -> None:
    keep(store, ["the sin of it"])
    assert found(store, "sun") == []


def test_a_word_broken_over_two_lines_is_found_where_it_begins(store: Store) -> None:
    document_id = keep(store, ["this is photo-", "synthesis in a leaf", "well- known"])
    assert marked(store, "photosynthesis") == ["photo"]
    lines = store.get_page(document_id, 0).lines
    store.correct_line(lines[1].id, "graphy in a box")
    assert found(store, "photosynthesis") == []
    assert found(store, "photography") == ["this is photo-"]
    retouch.delete_lines(store, [lines[1].id], author="user")
    assert found(store, "photography") == []


def test_corrections_and_undo_are_found_at_once(store: Store) -> None:
    document_id = keep(store, ["teh sun"])
    line_id = store.get_page(document_id, 0).lines[0].id
    store.correct_line(line_id, "the moon")
    assert (found(store, "moon"), found(store, "sun")) == (["the moon"], [])
    store.undo(document_id, author="user")
    assert (found(store, "moon"), found(store, "sun")) == ([], ["teh sun"])


def test_lines_taken_off_their_page_are_not_found_until_they_are_back(store: Store) -> None:
    document_id = keep(store, ["the sun", "the moon"])
    first, second = store.get_page(document_id, 0).lines
    retouch.merge_lines(store, [first.id, second.id], author="user")
    assert found(store, "moon") == ["the sun the moon"]
    store.undo(document_id, author="user")
    assert found(store, "moon") == ["the moon"]
    retouch.delete_lines(store, [second.id], author="user")
    assert found(store, "moon") == []
    store.undo(document_id, author="user")
    assert found(store, "moon") == ["the moon"]


def test_deleted_documents_are_not_found_until_they_are_restored(store: Store) -> None:
    document_id = keep(store, ["the sun"])
    store.trash_document(document_id)
    assert found(store, "sun") == []
    store.restore_document(document_id)
    assert found(store, "sun") == ["the sun"]
    store.delete_document(document_id)
    assert found(store, "sun") == []
    keep(store, ["another sun"])
    assert found(store, "sun") == ["another sun"]


def test_only_one_document_or_those_with_a_tag_are_searched(store: Store) -> None:
    first, second = keep(store, ["the sun"]), keep(store, ["a sun"])
    store.set_tags(first, ["physics"])
    assert found(store, "sun", tag="physics") == ["the sun"]
    assert found(store, "sun", document_id=second) == ["a sun"]
    assert found(store, "sun", tag="physics", document_id=second) == []


def test_the_newest_document_comes_first_and_its_lines_in_reading_order(store: Store) -> None:
    for name in ("old", "new"):
        keep(store, [f"{name} one", f"{name} two"], name)
    hits = store.search("one") + store.search("two")
    assert [(hit.document, hit.page, hit.position) for hit in hits] == [
        *[("new", 0, 0), ("old", 0, 0)],
        *[("new", 0, 1), ("old", 0, 1)],
    ]
    assert [hit.text for hit in store.search("ne", limit=10)] == []
    assert [hit.text for hit in store.search("new", limit=1)] == ["new two"]

"""Searching the lines of all documents, in step with whatever is done to them."""

from collections.abc import Sequence

import pytest

from pipeline import retouch
from pipeline.document import Document
from pipeline.store import Store
from pipeline.store.index import index_all
from tests.store.helpers import page, picture


def keep(store: Store, texts: Sequence[str], name: str = "Notes") -> str:
    return store.create_finished_document(Document(name, (page(texts=texts),)), [picture()])


def found(store: Store, query: str, **options: str) -> list[str]:
    return [hit.text for hit in store.search(query, **options)]


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


def test_the_newest_comes_first_in_a_store_that_was_indexed_later_and_in_whatever_order(store: Store) -> None:
    for number in range(8):
        pages = tuple(page(index, [f"sun {number}.{index}"]) for index in range(2))
        store.create_finished_document(Document("Notes", pages), [picture()] * 2)
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM indexed_lines")
        index_all(connection)
    wanted = [f"sun {number}.{index}" for number in reversed(range(8)) for index in range(2)]
    assert found(store, "sun") == wanted
    assert [hit.text for hit in store.search("sun", limit=3)] == ["sun 7.0", "sun 7.1", "sun 6.1"]


def test_a_line_drawn_later_does_not_make_its_document_the_newest(store: Store) -> None:
    old = keep(store, ["old sun"])
    keep(store, ["new sun"])
    retouch.insert_line(store, old, 0, (10, 100, 90, 120), author="user")
    store.correct_line(store.get_page(old, 0).lines[-1].id, "drawn sun")
    assert found(store, "sun") == ["new sun", "old sun", "drawn sun"]


def test_a_beginning_finds_more_words_than_a_query_can_name(store: Store) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [f"inter{a}{b}" for a in letters for b in letters]
    keep(store, [" ".join(words[start : start + 13]) for start in range(0, len(words), 13)])
    assert [marked(store, "interzz"), marked(store, "interzy")] == [["interzz"], ["interzy"]]
    assert len(found(store, "inter")) == len(words) // 13
    (last,) = (hit for hit in store.search("inter interzz") if hit.exact)
    assert [last.text[start:end] for start, end in last.spans] == words[-13:]
    store.correct_line(last.line_id, "the end")
    assert not any(hit.exact for hit in store.search("inter interzz"))

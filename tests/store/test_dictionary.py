"""The user's dictionary, and words that count as known since they were confirmed."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.document import Document
from pipeline.errors import NotFoundError, SpellingError
from pipeline.spelling import check_page
from pipeline.store import Store
from pipeline.store.dictionary import MOST_LINES
from tests.store.helpers import page, picture, store_in

SENTENCE = "The leaves of green plants take up light and give off oxygen."


def confirmed(store: Store, *lines: str) -> None:
    """A document of these lines, all confirmed."""
    read = page(texts=lines)
    whole = replace(read, lines=tuple(replace(line, checked=True) for line in read.lines))
    store.create_finished_document(Document("Notes", (whole,)), [picture()])


def marked(store: Store, *lines: str) -> list[str]:
    """The words marked on a page of these lines and one that is right."""
    return [word.text for line in check_page([*lines, SENTENCE], store.vouched) for word in line.marks]


def test_words_are_added_listed_and_removed_and_outlive_the_store(store: Store, tmp_path: Path) -> None:
    assert marked(store, "the Thylakoid’s wall and thylakoid sacks") == ["thylakoid"]
    for word in ("Thylakoid", " thylakoid ", "Bézout", "abscissé", "bésout’s"):
        store.add_word(word)
    store.close()
    store = store_in(tmp_path)
    assert store.list_words() == ["abscissé", "bésout’s", "Bézout", "Thylakoid"]
    assert marked(store, "the thylakoid’s wall and thylakoid sacks, bésout's too") == []
    store.remove_word("THYLAKOID")
    assert marked(store, "the thylakoid’s wall and thylakoid sacks") == ["thylakoid’s", "thylakoid"]
    with pytest.raises(NotFoundError, match="not in your dictionary"):
        store.remove_word("thylakoid")


@pytest.mark.parametrize("word", ["", "two words", "x2", "'", "a/b", "\0", "w" * 65])
def test_what_is_no_word_is_not_added(store: Store, word: str) -> None:
    with pytest.raises(SpellingError, match="not one word"):
        store.add_word(word)
    assert store.list_words() == []


@pytest.mark.parametrize("word", ["thyla\0koid", "thylakoid\ud800"])
def test_what_is_no_word_is_not_in_the_dictionary(store: Store, word: str) -> None:
    store.add_word("thylakoid")
    with pytest.raises(NotFoundError, match="not in your dictionary"):
        store.remove_word(word)
    assert store.list_words() == ["thylakoid"]


def test_a_word_that_stands_in_two_confirmed_lines_is_known_until_one_is_undone(store: Store) -> None:
    texts = ["a granum is a stack", "the lumen of a granum", "granum granum", "gränum"]
    document_id = store.create_finished_document(Document("Notes", (page(texts=texts),)), [picture()])
    first, second, third, fourth = store.get_page(document_id, 0).lines
    line = "each granum’s wall, a granum of it"
    for read in (third, fourth):
        store.correct_line(read.id, read.text)
    assert marked(store, line) == ["granum’s", "granum"], "once, however often in that line; accents make another word"
    store.correct_line(first.id, first.text)
    assert marked(store, line) == []
    store.undo_line(first.id)
    assert marked(store, line) == ["granum’s", "granum"]
    store.correct_line(second.id, second.text)
    assert marked(store, line) == []
    store.trash_document(document_id)
    assert marked(store, line) == ["granum’s", "granum"]


def test_a_word_is_known_however_often_lines_since_then_say_another(store: Store) -> None:
    confirmed(store, "a granum is a stack", "the lumen of a granum")
    confirmed(store, *(f"il est très tard {number}" for number in range(MOST_LINES)))
    assert store.vouched({"granum", "tres"}) == {"granum"}
    assert store.vouched({"granum", "tres", "très"}) == {"granum", "très"}

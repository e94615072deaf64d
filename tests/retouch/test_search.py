"""Find and replace over a document."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pipeline.document import Document
from pipeline.errors import PatternError
from pipeline.retouch import Search, find, replace_all
from pipeline.store import Change, Store
from tests.store.helpers import page, picture


@pytest.fixture
def document_id(store: Store) -> str:
    pages = (page(0, ["The cat sat.", "Cathedral, cat!"]), page(1, ["no pets", "a cat a cat"]))
    return store.create_finished_document(Document("Notes", pages), [picture(1), picture(2)])


def texts(store: Store, document_id: str) -> list[str]:
    return [line.text for page in store.get_document(document_id).pages for line in page.lines]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search("cat"), ["The cat sat.", "Cathedral, cat!", "a cat a cat"]),
        (Search("Cat", match_case=True), ["Cathedral, cat!"]),
        (Search("cathe", whole_word=True), []),
        (Search("sat."), ["The cat sat."]),
        (Search(r"^a\b|\bs.t", regular=True), ["The cat sat.", "a cat a cat"]),
        (Search(r"x*", regular=True), []),
    ],
)
def test_lines_are_found(store: Store, document_id: str, search: Search, found: list[str]) -> None:
    assert [hit.before for hit in find(store, document_id, search).hits] == found


def test_a_preview_shows_place_before_and_after(store: Store, document_id: str) -> None:
    hits = find(store, document_id, Search("cat", whole_word=True), "dog").hits
    assert [(hit.page, hit.number, hit.after, hit.spans) for hit in hits] == [
        (0, 1, "The dog sat.", ((4, 7),)),
        (0, 2, "Cathedral, dog!", ((11, 14),)),
        (1, 2, "a dog a dog", ((2, 5), (8, 11))),
    ]
    assert texts(store, document_id)[0] == "The cat sat."


def test_replacing_is_one_step_over_all_pages(store: Store, document_id: str) -> None:
    before = store.get_document(document_id)
    change = replace_all(store, document_id, Search("cat", whole_word=True), "dog", author="ada")
    assert change
    assert (len(change.line_ids), change.pages) == (3, (0, 1))
    assert texts(store, document_id) == ["The dog sat.", "Cathedral, dog!", "no pets", "a dog a dog"]
    assert store.history(change.line_ids[0])[-1].author == "ada"
    store.undo(document_id, author="ada")
    assert store.get_document(document_id) == before


def test_only_chosen_lines_are_changed(store: Store, document_id: str) -> None:
    last = find(store, document_id, Search("cat")).hits[-1].line_id
    replace_all(store, document_id, Search("cat"), "dog", author="ada", line_ids=[last])
    assert texts(store, document_id)[0] == "The cat sat."
    assert texts(store, document_id)[3] == "a dog a dog"


def test_all_lines_but_some_are_changed_however_many_they_are(store: Store) -> None:
    pages = [page(index, [f"cat {number}" for number in range(300)]) for index in range(35)]
    document_id = store.create_finished_document(Document("Cats", tuple(pages)), [picture(n) for n in range(35)])
    found = find(store, document_id, Search("cat"), limit=5)
    assert (found.lines, len(found.hits)) == (10_500, 5)
    left = [hit.line_id for hit in found.hits[1:3]]
    change = replace_all(store, document_id, Search("cat"), "dog", author="ada", but=left)
    assert change
    assert len(change.line_ids) == 10_498
    assert texts(store, document_id)[:4] == ["dog 0", "cat 1", "cat 2", "dog 3"]
    store.undo(document_id, author="ada")
    assert find(store, document_id, Search("dog")).lines == 0


def test_a_line_that_somebody_writes_in_meanwhile_keeps_their_text(
    store: Store, document_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = store.get_page(document_id, 0).lines[0].id
    write = store.change_pages

    def later(*place: Any, **names: Any) -> Change | None:
        store.correct_line(first, "The cat ran.", author="ben")
        return write(*place, **names)

    monkeypatch.setattr(store, "change_pages", later)
    change = replace_all(store, document_id, Search("cat"), "dog", author="ada")
    assert change
    assert change.note == "1 of the lines found say something else by now, so they stay as they are."
    assert texts(store, document_id) == ["The cat ran.", "doghedral, dog!", "no pets", "a dog a dog"]


@pytest.mark.parametrize("replacement", [r"one\ntwo", "one\ntwo", "one\r\n\u2028two"])
def test_a_line_stays_one_line(store: Store, document_id: str, replacement: str) -> None:
    replace_all(store, document_id, Search(r"\bcat sat", regular=True), replacement, author="ada")
    assert texts(store, document_id)[0] == "The one two."


def test_groups_stand_in_the_replacement_of_a_regular_expression_only(store: Store, document_id: str) -> None:
    replace_all(store, document_id, Search(r"(\w+) sat", regular=True), r"\1 \1", author="ada")
    assert texts(store, document_id)[0] == "The cat cat."
    replace_all(store, document_id, Search("no pets"), r"\1 $&", author="ada")
    assert texts(store, document_id)[2] == r"\1 $&"


def test_a_confirmed_line_stays_confirmed_and_no_other_becomes_so(store: Store, document_id: str) -> None:
    line_id = store.get_page(document_id, 0).lines[0].id
    store.correct_line(line_id, "The cat sat.")
    replace_all(store, document_id, Search("cat"), "dog", author="ada")
    assert [line.checked for page in store.get_document(document_id).pages for line in page.lines] == [
        *(True, False, False, False)
    ]


def test_where_nothing_is_found_or_changed_there_is_no_step(store: Store, document_id: str) -> None:
    assert replace_all(store, document_id, Search("horse"), "dog", author="ada") is None
    assert replace_all(store, document_id, Search("cat", match_case=True), "cat", author="ada") is None
    assert store.changes(document_id) == []


@pytest.mark.parametrize("pattern", ["(cat", "[a-", "*", "(?P<1>x)", r"\p{Nonsense}", "", "x" * 2000])
def test_a_bad_pattern_is_said_in_a_sentence(pattern: str) -> None:
    with pytest.raises(PatternError, match=r"^[A-Z].*\.$"):
        Search(pattern, regular=True)


@pytest.mark.parametrize("replacement", [r"\2", r"\g<name>"])
def test_a_bad_replacement_is_said_in_a_sentence_and_changes_nothing(
    store: Store, document_id: str, replacement: str
) -> None:
    with pytest.raises(PatternError, match=r"^The replacement .*\.$"):
        replace_all(store, document_id, Search("(cat)", regular=True), replacement, author="ada")
    assert store.changes(document_id) == []


@pytest.mark.parametrize("lines", [["x" * 5000], [f"{number} " + "x" * 150 for number in range(400)]])
def test_a_search_that_never_ends_is_given_up_and_holds_nobody_up(
    store: Store, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    """One line that takes for ever, and many that each take long."""
    monkeypatch.setattr("pipeline.retouch.search.SLOWEST_S", 0.5)
    document_id = store.create_finished_document(Document("Notes", (page(0, lines),)), [picture()])
    with ThreadPoolExecutor(1) as threads:
        begun = time.monotonic()
        replacing = threads.submit(
            replace_all, store, document_id, Search(r"(x+x+)+y", regular=True), "y", author="ada"
        )
        store.correct_line(store.get_page(document_id, 0).lines[0].id, "written meanwhile")
        with pytest.raises(PatternError, match="too long"):
            replacing.result()
        assert time.monotonic() - begun < 20
    assert [change.kind for change in store.changes(document_id)] == ["text"]

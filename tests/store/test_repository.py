"""Documents, pages, lines and versions in a real SQLite store."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import event

from pipeline.document import Document, Page
from pipeline.errors import NotFoundError, SourceError
from pipeline.store import SourceFile, Store
from tests.store.helpers import finished, page, picture, queued


def without_ids(page: Page) -> Page:
    return replace(page, image="", lines=tuple(replace(line, id="") for line in page.lines))


def first_line(store: Store, document_id: str) -> str:
    return store.get_page(document_id, 0).lines[0].id


def test_a_document_comes_back_as_it_went_in(store: Store) -> None:
    given = Document("Notes", (page(0), page(1, ["only line"]), Page(2, 0, 0, 300, error="This page is damaged.")))
    document_id = store.create_finished_document(given, [picture(1), picture(2), picture(3)])
    kept = store.get_document(document_id)
    assert kept.name == "Notes"
    assert [without_ids(page) for page in kept.pages] == [without_ids(page) for page in given.pages]
    assert [store.get_blob(page.image) for page in kept.pages] == [picture(1), picture(2), picture(3)]
    assert store.get_page(document_id, 1) == kept.pages[1]
    assert store.job_of(document_id).state == "done"


def test_line_ids_are_unique_in_the_store(store: Store) -> None:
    pages = [page for _ in range(2) for page in store.get_document(finished(store, 3)).pages]
    assert len({line.id for page in pages for line in page.lines}) == 12


def test_a_correction_is_appended_and_shown(store: Store) -> None:
    document_id = finished(store)
    line_id = first_line(store, document_id)
    store.correct_line(line_id, "First line", author="ada")
    shown = store.get_page(document_id, 0).lines[0]
    assert (shown.text, shown.transcription.confidence, shown.transcription.engine) == ("First line", 1.0, "ada")
    read, written = store.history(line_id)
    assert (read.text, read.author, read.is_person) == ("first line", "crnn", False)
    assert (written.text, written.author, written.is_person) == ("First line", "ada", True)
    assert read.created <= written.created


def test_the_same_text_again_confirms_a_line(store: Store) -> None:
    document_id = finished(store)
    store.correct_line(first_line(store, document_id), "first line")
    assert len(store.history(first_line(store, document_id))) == 2
    assert store.get_summary(document_id).checked == 1


def test_undo_goes_back_step_by_step_and_forgets_nothing(store: Store) -> None:
    document_id = finished(store)
    line_id = first_line(store, document_id)
    for text in ("b", "c"):
        store.correct_line(line_id, text)
    shown = []
    for _ in range(3):
        store.undo_line(line_id)
        shown.append(store.get_page(document_id, 0).lines[0].text)
    assert shown == ["b", "first line", "first line"]
    assert store.get_summary(document_id).checked == 0
    store.correct_line(line_id, "d")
    store.undo_line(line_id)
    assert [version.text for version in store.history(line_id)] == [
        "first line",
        "b",
        "c",
        "b",
        *["first line", "d"],
        "first line",
    ]
    assert [version.restored for version in store.history(line_id)] == [False, False, False, True, True, False, True]


def test_corrections_by_many_threads_are_all_in_the_history(store: Store) -> None:
    document_id = finished(store)
    line_id = first_line(store, document_id)
    texts = [f"text {number}" for number in range(60)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda text: store.correct_line(line_id, text), texts))
    history = [version.text for version in store.history(line_id)]
    assert sorted(history) == sorted(["first line", *texts])
    assert store.get_page(document_id, 0).lines[0].text == history[-1]


@pytest.mark.parametrize(("typed", "kept"), [("a\0b", "ab"), ("a\ud800b", "a?b"), ("é\u0301 ∑ 字", "é\u0301 ∑ 字")])
def test_any_text_a_browser_can_send_is_kept(store: Store, typed: str, kept: str) -> None:
    document_id = finished(store)
    store.correct_line(first_line(store, document_id), typed)
    assert store.get_page(document_id, 0).lines[0].text == kept


def test_saving_a_page_again_replaces_it(store: Store) -> None:
    document_id = queued(store)
    store.save_page(document_id, page(0, ["old"]), picture(1))
    store.save_page(document_id, page(1), picture(2))
    store.save_page(document_id, page(0, ["new", "newer"]), None)
    document = store.get_document(document_id)
    assert [[line.text for line in page.lines] for page in document.pages] == [
        ["new", "newer"],
        ["first line", "second line"],
    ]


def test_the_library_lists_documents_newest_first_with_counts(store: Store) -> None:
    first, second = finished(store, 2), queued(store, "Later")
    store.correct_line(first_line(store, first), "checked")
    later, notes = store.list_documents()
    assert (later.id, later.name, later.pages, later.lines, later.state) == (second, "Later", 0, 0, "queued")
    assert (notes.id, notes.pages, notes.lines, notes.checked, notes.state) == (first, 2, 4, 1, "done")
    assert store.get_blob(notes.image) == picture(0)


def test_the_library_asks_the_database_once_however_long_it_is(store: Store) -> None:
    for _ in range(5):
        finished(store)
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert len(store.list_documents()) == 5
    assert len([statement for statement in asked if statement != "BEGIN"]) == 1


def test_pages_are_listed_with_what_is_left_to_check(store: Store) -> None:
    document_id = finished(store, 2)
    store.correct_line(first_line(store, document_id), "checked")
    store.save_page(document_id, Page(2, 0, 0, 300, error="damaged"), None)
    pages = store.list_pages(document_id)
    assert [(page.index, page.lines, page.checked, page.lowest_confidence, page.error) for page in pages] == [
        (0, 2, 1, 0.5, ""),
        (1, 2, 0, 0.5, ""),
        (2, 0, 0, 1.0, "damaged"),
    ]


def test_a_line_is_found_with_its_place(store: Store) -> None:
    document_id = finished(store, 2)
    wanted = store.get_page(document_id, 1).lines[1]
    assert store.get_line(wanted.id) == (document_id, 1, wanted)


def test_a_document_is_renamed(store: Store) -> None:
    document_id = finished(store)
    store.rename_document(document_id, "Algebra")
    assert store.get_summary(document_id).name == "Algebra"


def test_deleting_a_document_removes_its_files_but_none_that_another_holds(store: Store) -> None:
    shared, own = picture(1), picture(2)
    keep = store.create_finished_document(Document("keep", (page(0),)), [shared])
    gone = store.create_finished_document(Document("gone", (page(0), page(1))), [shared, own])
    own_key = store.get_page(gone, 1).image
    store.delete_document(gone)
    assert [document.id for document in store.list_documents()] == [keep]
    assert store.get_blob(store.get_page(keep, 0).image) == shared
    assert not store.blob_path(own_key).exists()
    with store.reading() as connection:
        counts = [connection.exec_driver_sql(f"SELECT COUNT(*) FROM {name}").scalar_one() for name in ("lines", "jobs")]
    assert counts == [2, 1]


def test_a_document_needs_files_that_are_in_the_store(store: Store) -> None:
    with pytest.raises(SourceError, match="upload them again"):
        store.create_document("x", [SourceFile("0" * 64 + ".png", "x.png")], engine="auto", dpi=300)


MISSING: dict[str, Callable[[Store], object]] = {
    "get_document": lambda store: store.get_document("none"),
    "get_summary": lambda store: store.get_summary("none"),
    "get_page": lambda store: store.get_page("none", 0),
    "save_page": lambda store: store.save_page("none", page(), picture()),
    "rename_document": lambda store: store.rename_document("none", "x"),
    "delete_document": lambda store: store.delete_document("none"),
    "job_of": lambda store: store.job_of("none"),
    "retry_job": lambda store: store.retry_job("none"),
    "get_line": lambda store: store.get_line("none"),
    "correct_line": lambda store: store.correct_line("none", "x"),
    "undo_line": lambda store: store.undo_line("none"),
    "history": lambda store: store.history("none"),
}


@pytest.mark.parametrize("call", MISSING.values(), ids=MISSING)
def test_what_is_not_there_is_said_in_a_sentence(store: Store, call: Callable[[Store], object]) -> None:
    with pytest.raises(NotFoundError, match=r"^There is no such .*\.$"):
        call(store)

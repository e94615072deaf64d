"""The library: every document can be found, renamed and, after a question, deleted."""

import io
import zipfile

from pages._downloads import export, export_many
from pipeline.store import Store
from tests.pages.conftest import Open, keep, page_of


def test_it_says_where_to_start_while_it_is_empty(open_screen: Open) -> None:
    assert "no documents yet" in open_screen("library.py").info[0].value


def test_documents_are_listed_newest_first_with_their_facts(store: Store, open_screen: Open) -> None:
    keep(store, [page_of(("a", 0.9), ("b", 0.9))], name="Algebra")
    keep(store, [page_of(("c", 0.9)), page_of(index=1)], name="Botany [1]")
    screen = open_screen("library.py")
    assert [text.value for text in screen.markdown] == ["#### Botany \\[1\\]", "#### Algebra"]
    assert "2 pages · 1 line" in screen.caption[0].value


def test_they_are_found_by_part_of_their_name(store: Store, open_screen: Open) -> None:
    for name in ("Algebra", "Botany"):
        keep(store, [page_of(("a", 0.9))], name=name)
    screen = open_screen("library.py")
    screen.text_input[0].set_value(" GEB ").run()
    assert [text.value for text in screen.markdown] == ["#### Algebra"]


def test_a_document_is_renamed(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("a", 0.9))], name="Algebra")
    screen = open_screen("library.py")
    screen.button(key=f"rename-{document_id}").click().run()
    screen.text_input[-1].set_value("Linear algebra")
    [button for button in screen.button if button.label == "Rename"][-1].click().run()
    assert store.get_summary(document_id).name == "Linear algebra"


def test_a_document_is_deleted_only_after_a_question(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("a", 0.9))])
    screen = open_screen("library.py")
    screen.button(key=f"delete-{document_id}").click().run()
    assert store.list_documents()
    [button for button in screen.button if button.label == "Delete"][-1].click().run()
    assert not store.list_documents()


def test_several_documents_are_packed_in_the_chosen_format(store: Store, open_screen: Open) -> None:
    ids = [keep(store, [page_of((name, 0.9))], name=name) for name in ("Algebra", "Botany")]
    screen = open_screen("library.py")
    assert screen.get("download_button")[0].label == "Download 2 documents"
    screen.multiselect(key="export-documents").set_value(ids[:1]).run()
    assert screen.get("download_button")[0].label == "Download 1 document"
    with zipfile.ZipFile(io.BytesIO(export_many(ids, "txt"))) as archive:
        assert sorted(archive.namelist()) == ["Algebra.txt", "Botany.txt"]


def test_page_xml_is_taken_in(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("leaf", 0.9))], name="Botany")
    content = export(document_id, "page")
    screen = open_screen("library.py")
    screen.get("file_uploader")[0].set_value([("Taken.zip", content, "application/zip")])
    next(button for button in screen.button if button.label == "Take these in").click().run()
    assert "Taken is in the library: 1 page with 1 line." in screen.success[0].value
    assert [summary.name for summary in store.list_documents()] == ["Taken", "Botany"]

"""The library: documents are found by name, tag and what is written in them, and deleted with a way back."""

import io
import zipfile

from streamlit.testing.v1 import AppTest

from pages._downloads import export, export_library, export_many
from pipeline.retouch import delete_page, turn_page
from pipeline.store import SourceFile, Store
from tests.pages.conftest import Open, keep, page_of, picture_of, read_everything, texts


def names(screen: AppTest) -> list[str]:
    return [text.value.removeprefix("#### ") for text in screen.markdown if text.value.startswith("#### ")]


def press(screen: AppTest, label: str) -> AppTest:
    """The last button of this name, which is that of the open dialog."""
    return [button for button in screen.button if button.label == label][-1].click().run()


def choose(screen: AppTest, document_id: str, action: str) -> AppTest:
    """What is done with a document, from its menu."""
    return screen.menu_button(key=f"menu-{document_id}").click(action).run()


def test_it_says_where_to_start_while_it_is_empty(open_screen: Open) -> None:
    assert "no documents yet" in open_screen("library.py").info[0].value


def test_documents_are_listed_newest_first_with_their_facts(store: Store, open_screen: Open) -> None:
    keep(store, [page_of(("a", 0.9), ("b", 0.9))], name="Algebra")
    document_id = keep(store, [page_of(("c", 0.9)), page_of(index=1)], name="Botany [1]")
    store.set_tags(document_id, ["green"])
    screen = open_screen("library.py")
    assert names(screen) == ["Botany \\[1\\]", "Algebra"]
    assert "2 pages · 1 line :blue-badge[green]" in screen.caption[0].value


def test_they_are_found_by_part_of_their_name(store: Store, open_screen: Open) -> None:
    for name in ("Algebra", "Botany"):
        keep(store, [page_of(("a", 0.9))], name=name)
    screen = open_screen("library.py")
    screen.text_input[0].set_value(" GEB ").run()
    assert names(screen) == ["Algebra"]


def test_what_is_written_is_found_with_its_ink_and_the_way_to_it(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("the heat of the sun", 0.9), ("the moon", 0.9))], name="Physics")
    screen = open_screen("library.py")
    screen.text_input[0].set_value("HEAT").run()
    assert not names(screen)
    assert "the :yellow-background[**heat**] of the sun" in [text.value for text in screen.markdown]
    assert "Physics · page 1, line 1" in screen.caption[0].value
    assert len(screen.get("image")) == 1
    line = store.get_page(document_id, 0).lines[0]
    (link,) = [link for link in screen.get("page_link") if "line=" in link.proto.query_string]
    assert link.proto.query_string.endswith(f"line={line.id}")
    screen.text_input[0].set_value("haet").run()
    assert "the :yellow-background[**heat**] of the sun" in [text.value for text in screen.markdown]
    assert "alike" in screen.caption[0].value
    screen.text_input[0].set_value("mercury").run()
    assert "No line says mercury" in screen.info[0].value


def test_a_document_is_renamed(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("a", 0.9))], name="Algebra")
    screen = open_screen("library.py")
    choose(screen, document_id, "rename")
    screen.run()  # as a search field that is left late makes it do
    name = screen.text_input(key=f"name-{document_id}")
    name.set_value("Linear algebra")
    press(screen, "Rename")
    assert store.get_summary(document_id).name == "Linear algebra"
    assert name.key not in [field.key for field in screen.text_input]


def test_tags_are_given_and_filter_documents_and_lines(store: Store, open_screen: Open) -> None:
    first, second = (keep(store, [page_of((f"sun of {name}", 0.9))], name=name) for name in ("Algebra", "Botany"))
    screen = open_screen("library.py")
    choose(screen, first, "tags")
    screen.text_input[-1].set_value("maths, term  2,, maths")
    press(screen, "Keep")
    assert store.get_summary(first).tags == ("maths", "term 2")
    screen = open_screen("library.py")
    screen.selectbox(key="tag").select("maths").run()
    assert names(screen) == ["Algebra"]
    screen.text_input[0].set_value("sun").run()
    assert [hit.document_id for hit in store.search("sun")] == [second, first]
    assert "1 line" in "".join(text.value for text in screen.markdown)


def test_documents_come_in_the_order_asked_for_a_screen_at_a_time(store: Store, open_screen: Open) -> None:
    for number in range(23):
        keep(store, [page_of(*[("a", 0.9)] * (1 + (number == 7)))], name=f"Notes {number:02}")
    screen = open_screen("library.py")
    assert names(screen) == [f"Notes {number:02}" for number in range(22, 2, -1)]
    press(screen, "Show more (3 left)")
    assert len(names(screen)) == 23
    screen.selectbox(key="order").select("name").run()
    assert names(screen)[:2] == ["Notes 00", "Notes 01"]
    screen.selectbox(key="order").select("to check").run()
    assert names(screen)[0] == "Notes 07"


def test_a_deleted_document_comes_back_by_undo_with_its_corrections(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("teh", 0.9))])
    store.correct_line(store.get_page(document_id, 0).lines[0].id, "the")
    screen = open_screen("library.py")
    choose(screen, document_id, "delete")
    assert not store.list_documents()
    screen.button(key="undo").click().run()
    assert names(screen) == ["Lecture notes"]
    assert texts(store, document_id) == ["the"]


def test_the_trash_gives_back_and_what_it_shows_is_removed_for_good(store: Store, open_screen: Open) -> None:
    first, second = keep(store, [page_of(("a", 0.9))]), keep(store, [page_of(("b", 0.9))])
    store.trash_document(first)
    store.trash_document(second)
    screen = open_screen("library.py")
    press(screen, "Trash")
    screen.button(key=f"restore-{first}").click().run()
    assert [summary.id for summary in store.list_documents()] == [first]
    press(screen, "Trash")
    press(screen, "Remove 1 document for good")
    assert not store.list_trash()
    assert [summary.id for summary in store.list_documents()] == [first]


def test_a_restored_document_says_that_its_password_is_to_be_given_again(store: Store, open_screen: Open) -> None:
    file = SourceFile(store.put_blob(b"file", ".pdf"), "notes.pdf")
    document_id = store.create_document("Notes", [file], engine="auto", dpi=300, password="secret")
    store.save_page(document_id, page_of(("a", 0.9)), None)
    screen = open_screen("library.py")
    choose(screen, document_id, "delete")
    screen.button(key="undo").click().run()
    assert "Please give it again" in screen.warning[0].value
    (link,) = [link for link in screen.get("page_link") if document_id in link.proto.query_string]
    assert (link.proto.label, link.proto.page) == ("Open :small[Notes]", "")  # the first screen, which asks for it


def test_several_documents_are_packed_in_the_chosen_format(store: Store, open_screen: Open) -> None:
    ids = [keep(store, [page_of((name, 0.9))], name=name) for name in ("Algebra", "Botany")]
    screen = open_screen("library.py")
    press(screen, "Download")
    assert "Download 2 documents" in [button.label for button in screen.get("download_button")]
    with zipfile.ZipFile(io.BytesIO(export_many(ids, "txt"))) as archive:
        assert sorted(archive.namelist()) == ["Algebra.txt", "Botany.txt"]


def test_the_whole_library_goes_out_and_comes_in_with_its_tags(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("leaf", 0.9))], name="Botany")
    store.set_tags(document_id, ["green"])
    content = export_library()
    store.trash_document(document_id)
    screen = open_screen("library.py")
    screen.get("file_uploader")[0].set_value([("library.zip", content, "application/zip")])
    press(screen, "Take these in")
    (summary,) = store.list_documents()
    assert (summary.name, summary.tags) == ("Botany", ("green",))
    assert texts(store, summary.id) == ["leaf"]


def test_page_xml_is_taken_in(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("leaf", 0.9))], name="Botany")
    content = export(document_id, "page")
    screen = open_screen("library.py")
    screen.get("file_uploader")[0].set_value([("Taken.zip", content, "application/zip")])
    next(button for button in screen.button if button.label == "Take these in").click().run()
    assert "Taken is in the library: 1 page with 1 line." in screen.success[0].value
    assert [summary.name for summary in store.list_documents()] == ["Taken", "Botany"]


def test_what_cannot_be_taken_in_is_called_as_it_was_chosen_and_once(store: Store, open_screen: Open) -> None:
    screen = open_screen("library.py")
    files = [("my_notes.zip", b"no zip", "application/zip"), ("a.xml", b"<svg/>", "application/xml")]
    screen.get("file_uploader")[0].set_value(files)
    press(screen, "Take these in")
    assert [told.value.replace("\\", "") for told in screen.error] == [  # as Markdown, escaped
        "my_notes.zip is no zip, though its name says so.",
        "a.xml: it is neither PAGE XML nor ALTO (<svg>).",
    ]
    assert store.list_documents() == []


def test_pages_are_moved_and_deleted_and_come_back(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of((name, 0.9), index=n) for n, name in enumerate(("one", "two", "three"))])
    first, second, _ = (page.id for page in store.list_pages(document_id))
    screen = open_screen("library.py")

    def opened() -> AppTest:
        """The window with the pages; here it closes after each press."""
        return choose(screen, document_id, "pages")

    def shown() -> list[str]:
        return [texts(store, document_id, page.index)[0] for page in store.list_pages(document_id)]

    opened().button(key=f"down-{first}").click().run()
    assert shown() == ["two", "one", "three"]
    opened().number_input(key="page_to_move").set_value(3)
    screen.number_input(key="place_to_take").set_value(1)
    press(screen, "Move")
    assert shown() == ["three", "two", "one"]
    said = [text.value for text in opened().markdown]
    assert "**1.** three :blue-badge[moved here]  \n:small[1 line, 0 checked]" in said
    assert screen.button(key=f"drop-{second}").label == "Delete :small[page 2]"
    screen.button(key=f"drop-{second}").click().run()
    assert shown() == ["three", "one"]
    said = [text.value for text in opened().markdown]
    assert "**1.** three  \n:small[1 line, 0 checked]" in said
    assert "**2.** one  \n:small[1 line, 0 checked]" in said
    press(opened(), "Undo: page 2 deleted")
    assert shown() == ["three", "two", "one"]
    press(opened(), "Undo: page 3 moved to 1")
    press(opened(), "Undo: pages 1 and 2 exchanged")
    assert shown() == ["one", "two", "three"]
    assert not [button for button in opened().button if button.label.startswith("Undo")]


def test_a_page_deleted_in_another_tab_is_told(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of((name, 0.9), index=n) for n, name in enumerate(("one", "two", "three"))])
    screen = open_screen("library.py")
    choose(screen, document_id, "pages")
    second = store.list_pages(document_id)[1].id
    delete_page(store, second, author="user")
    screen.button(key=f"drop-{second}").click().run()
    assert "There is no such page" in screen.warning[0].value
    assert len(store.list_pages(document_id)) == 2


def test_a_page_is_turned(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("one", 0.9))])
    before = store.get_page(document_id, 0)
    screen = open_screen("library.py")
    choose(screen, document_id, "pages")
    screen.button(key=f"right-{before.id}").click().run()
    assert store.get_page(document_id, 0).width == before.height
    choose(screen, document_id, "pages")
    assert "**1.** one  \n:small[1 line, 0 checked, :orange[to be read again]]" in [
        text.value for text in screen.markdown
    ]
    screen.button(key=f"left-{before.id}").click().run()
    assert store.get_page(document_id, 0) == before


def test_undo_of_a_page_that_somebody_else_has_turned_since_says_that_nothing_was_undone(
    store: Store, open_screen: Open
) -> None:
    document_id = keep(store, [page_of(("one", 0.9))])
    (page,) = store.list_pages(document_id)
    turn_page(store, page.id, 1, author="user")
    turn_page(store, page.id, 1, author="somebody")
    screen = open_screen("library.py")
    choose(screen, document_id, "pages")
    screen.button(key="undo-pages").click().run()
    shown = screen.warning[0].value.replace("\\", "")  # as Markdown, escaped
    assert shown == "Nothing was undone: others have turned the page since."
    assert store.list_pages(document_id)[0].turned == 2


def test_pages_are_added_behind_those_that_are_there(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("one", 0.9))])
    store.correct_line(store.get_page(document_id, 0).lines[0].id, "by hand")
    before = store.get_page(document_id, 0)
    screen = open_screen("library.py")
    choose(screen, document_id, "pages")
    new = [(f"{n}.png", picture_of(page_of((n, 0.9))), "image/png") for n in ("page 10", "page 9")]
    uploader = next(part for part in screen.get("file_uploader") if part.label == "PDFs, or photos of pages")
    uploader.set_value([*new, ("bad.png", b"plain words", "image/png")])
    press(screen, "Add")
    assert [source.file.name for source in store.sources_of(document_id)] == ["page 9.png", "page 10.png"]
    assert "bad\\.png is neither a PDF nor a picture" in screen.warning[0].value
    assert "Pages are being read. New ones take their places then." in [text.value for text in screen.caption]
    read_everything(store)
    assert [page.lines for page in store.list_pages(document_id)] == [1, 1, 1]
    assert store.get_page(document_id, 0) == before


def test_pages_are_added_before_one_that_is_there(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("one", 0.9)), page_of(("two", 0.9), index=1)])
    first, second = (page.id for page in store.list_pages(document_id))
    screen = open_screen("library.py")
    choose(screen, document_id, "pages")
    uploader = next(part for part in screen.get("file_uploader") if part.label == "PDFs, or photos of pages")
    uploader.set_value([("new.png", picture_of(page_of(("new", 0.9))), "image/png")])
    screen.selectbox(key="place_to_add").select(2)
    press(screen, "Add")
    read_everything(store)
    assert [page.id for page in store.list_pages(document_id)][::2] == [first, second]


def test_adding_nothing_says_what_to_do(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("one", 0.9))])
    screen = open_screen("library.py")
    choose(screen, document_id, "pages")
    press(screen, "Add")
    assert "Choose one or more files first" in screen.warning[0].value
    assert store.job_of(document_id).state == "done"

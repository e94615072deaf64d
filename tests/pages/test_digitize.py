"""The first screen: files become a draft, a draft becomes a document, and its progress is told as it is."""

from dataclasses import replace

import pytest

from pages._draft import by_name
from pages._progress import fraction, sentence
from pipeline.store import Job, SourceFile, Store
from tests.pages.conftest import Open, page_of, picture_of, read_everything


def picture(text: str) -> bytes:
    return picture_of(page_of((text, 0.9)))


def drop(screen, *names: str) -> None:
    screen.file_uploader[0].set_value([(name, picture(name), "image/png") for name in names]).run()
    assert not screen.exception, screen.exception


def press(screen, label: str) -> None:
    next(button for button in screen.button if label in (button.label, button.key)).click().run()
    assert not screen.exception, screen.exception


def in_order(screen) -> list[str]:
    """The names of the draft's files as the screen numbers them."""
    rows = [text.value.split("  \n")[0] for text in screen.markdown if text.value.startswith("**")]
    return [row.split("** ")[1].replace("\\", "") for row in rows]


def test_it_says_in_a_sentence_what_to_do_and_offers_samples(open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    assert "Drop in scans or photos" in screen.markdown[0].value
    assert "Try the sample notes" in [button.label for button in screen.button]


def test_photos_become_one_document_in_the_order_of_their_numbers(store: Store, open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "page 10.png", "page 9.png")
    assert in_order(screen) == ["page 9.png", "page 10.png"]
    press(screen, "Read the pages")
    (document,) = store.list_documents()
    assert document.name == "page 9"
    assert [source.file.name for source in store.sources_of(document.id)] == ["page 9.png", "page 10.png"]
    assert screen.query_params["document"] == document.id


def test_the_order_can_be_changed_and_files_left_out(store: Store, open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "a.png", "b.png", "c.png")
    press(screen, "down-0")
    press(screen, "up-2")
    assert in_order(screen) == ["b.png", "c.png", "a.png"]
    press(screen, "leave-1")
    drop(screen, "0.png")
    assert in_order(screen) == ["b.png", "a.png", "0.png"]
    press(screen, "Sort by name")
    assert in_order(screen) == ["0.png", "a.png", "b.png"]


def test_each_file_can_become_its_own_document(store: Store, open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "a.png", "b.png")
    screen.toggle[0].set_value(True).run()
    press(screen, "Read the pages")
    assert {document.name for document in store.list_documents()} == {"a", "b"}


def test_the_language_chosen_beside_the_reader_is_kept_with_the_document(store: Store, open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "a.png")
    assert screen.selectbox[0].options == ["Automatic", "English", "French", "None: by the ink alone"]
    screen.selectbox[0].select("fr").run()
    press(screen, "Read the pages")
    assert store.job_of(store.list_documents()[0].id).wanted_language == "fr"


def test_a_reader_that_is_told_no_language_is_not_asked_for_one(store: Store, open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "a.png")
    screen.radio[0].set_value("trocr").run()
    assert not screen.selectbox


def test_a_draft_survives_a_reload(open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "a.png", "b.png")
    assert in_order(open_screen("digitize.py", draft=screen.query_params["draft"])) == ["a.png", "b.png"]


@pytest.mark.parametrize("key", ["f" * 64 + ".json", "../../etc/passwd", ""])
def test_a_draft_that_is_not_there_is_no_draft(open_screen: Open, key: str) -> None:
    assert "Try the sample notes" in [button.label for button in open_screen("digitize.py", draft=key).button]


def test_a_file_that_holds_no_pages_is_named_and_the_others_go_on(open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    files = [("good.png", picture("good"), "image/png"), ("bad.png", b"no picture at all", "image/png")]
    screen.file_uploader[0].set_value(files).run()
    assert "bad.png" in screen.error[0].value
    assert in_order(screen) == ["good.png"]


def test_the_document_is_read_and_shown_with_who_read_it_and_why(store: Store, open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "a.png")
    screen.text_input[0].set_value("Thermodynamics").run()
    press(screen, "Read the pages")
    assert screen.title[0].value == "Thermodynamics"
    assert "Waiting for its turn" in screen.get("progress")[0].proto.text
    read_everything(store)
    screen.run()
    assert screen.success[0].value == "Read 1 line on 1 page."
    assert any("scribe" in caption.value for caption in screen.caption)
    assert screen.get("image")


def test_a_bad_page_is_named_and_the_others_are_read(store: Store, open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "a.png", "b.png")
    press(screen, "Read the pages")
    store.blob_path(store.sources_of(store.list_documents()[0].id)[0].file.blob).write_bytes(b"damaged since")
    read_everything(store)
    screen.run()
    assert "Page 1" in screen.warning[0].value
    assert screen.success[0].value == "Read 1 line on 1 page."
    press(screen, "Try again")
    document_id = store.list_documents()[0].id
    assert store.job_of(document_id).state == "queued"
    assert [page.unread for page in store.list_pages(document_id)] == [True, False]


def test_a_job_that_failed_says_why_and_can_be_tried_again(store: Store, open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "a.png")
    press(screen, "Read the pages")
    document_id = store.list_documents()[0].id
    store.fail_job(store.claim_job("here:1:x"), "The reader is out of ink.")
    screen.run()
    assert screen.error[0].value == "The reader is out of ink."
    press(screen, "Try again")
    assert store.job_of(document_id).state == "queued"


def test_a_protected_document_asks_for_its_password(store: Store, open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "a.png")
    press(screen, "Read the pages")
    document_id = store.list_documents()[0].id
    store.ask_for_password(store.claim_job("here:1:x"), [0], "a.pdf is protected.")
    screen.run()
    assert screen.warning[0].value == "a.pdf is protected."
    screen.text_input[0].set_value("open sesame")
    press(screen, "Unlock and read")
    assert store.job_of(document_id).state == "queued"
    assert store.sources_of(document_id)[0].password == "open sesame"


def test_documents_being_read_are_found_again_on_the_first_screen(store: Store, open_screen: Open) -> None:
    screen = open_screen("digitize.py")
    drop(screen, "a.png")
    press(screen, "Read the pages")
    assert any("waiting to be read" in caption.value for caption in open_screen("digitize.py").caption)


def test_a_link_to_no_document_says_so(open_screen: Open) -> None:
    assert "no such document" in open_screen("digitize.py", document="f" * 32).error[0].value


@pytest.fixture
def job(store: Store) -> Job:
    file = SourceFile(store.put_blob(picture("a"), ".png"), "a.png")
    return store.job_of(store.create_document("a", [file], engine="auto", dpi=300))


@pytest.mark.parametrize(
    ("progress", "says"),
    [
        ({"stage": "open"}, "Opening the file"),
        ({"stage": "clean", "page": 1, "pages_total": 3}, "Page 2 of 3 · straightening and cleaning"),
        (
            {"stage": "transcribe", "pages_total": 1, "lines_done": 16, "lines_total": 40, "lines_read": 16},
            "Page 1 of 1 · reading line 17 of 40 · 16 lines read",
        ),
        (
            {"stage": "lines", "page": 4, "pages_total": 9, "seconds_left": 130.0},
            "Page 5 of 9 · finding the lines · about 2 minutes left",
        ),
    ],
)
def test_progress_is_a_sentence(job: Job, progress: dict, says: str) -> None:
    assert sentence(replace(job, state="running", **progress)) == says


def test_the_bar_never_goes_back_within_a_document(job: Job) -> None:
    steps = [
        {"pages_done": page, "lines_done": done, "lines_total": total}
        for page in range(3)
        for done, total in ((0, 0), (0, 20), (16, 20), (20, 20))
    ]
    bars = [fraction(replace(job, pages_total=3, **step)) for step in steps]
    assert bars == sorted(bars)
    assert bars[0] == 0
    assert bars[-1] == 1


def test_numbers_in_names_sort_as_numbers() -> None:
    names = ["b", "a10", "A9", "2", "10", "a"]
    assert [file.name for file in sorted((SourceFile("", name) for name in names), key=by_name)] == [
        *("2", "10", "a", "A9", "a10", "b"),
    ]

"""Pages in a real browser: added, moved and deleted while the workbench is open in another tab, and undone."""

import re
import time
from contextlib import suppress

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from pipeline.retouch import delete_page, turn_page
from tests.browser.conftest import Server, picture, store_of
from tests.pages.conftest import keep, page_of, picture_of

pytestmark = pytest.mark.browser


def open_pages(server: Server, page: Page, document_id: str) -> None:
    page.goto(f"{server.url}/library")
    page.locator(f".st-key-card-{document_id}").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Pages").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_pages_are_moved_and_deleted_while_another_tab_corrects_one(server: Server, page: Page) -> None:
    store = store_of(server)
    read = [
        page_of((f"{name} page", 0.9), ("second line", 0.9), index=n) for n, name in enumerate(("one", "two", "three"))
    ]
    document_id = keep(store, read, name="Mixed up")

    def shown() -> list[str]:
        return [store.get_page(document_id, page.index).lines[0].text for page in store.list_pages(document_id)]

    other = page.context.new_page()
    other.goto(f"{server.url}/correct?document={document_id}&page=2")
    field = other.locator(".bench .row.current input")
    expect(field).to_have_value("two page")

    open_pages(server, page, document_id)
    dialog = page.get_by_role("dialog")
    _, second, third = (page.id for page in store.list_pages(document_id))
    expect(dialog.locator(f".st-key-page-{third}").get_by_role("img")).to_be_visible()
    picture(page, "pages")
    # By keyboard: the button has the focus of a press before it.
    dialog.locator(f".st-key-page-{second}").get_by_role("button", name="Up").focus()
    page.keyboard.press("Enter")
    expect(dialog.locator(f".st-key-page-{second}")).to_contain_text("1.")
    assert shown() == ["two page", "one page", "three page"]
    dialog.get_by_role("spinbutton", name="Move page").fill("3")
    dialog.get_by_role("spinbutton", name="to place").fill("1")
    dialog.get_by_role("button", name="Move").click()
    expect(dialog.locator(f".st-key-page-{third}")).to_contain_text("1.")
    dialog.locator(f".st-key-page-{third}").get_by_role("button", name="Delete").click()
    expect(dialog.locator(f".st-key-page-{third}")).to_have_count(0)
    expect(dialog.get_by_role("button", name="Undo: page 1 deleted")).to_be_visible()
    picture(page, "pages-deleted")
    assert shown() == ["two page", "one page"]

    # The other tab stays on its page, which has become the first, of two.
    other.bring_to_front()
    expect(other.locator(".bench select").first).to_contain_text("of 2")
    expect(field).to_have_value("two page")
    field.fill("two page, corrected")
    with other.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        field.press("Enter")
    assert shown() == ["two page, corrected", "one page"]
    # Undo there takes back the edit first, then what was done to pages.
    for words in ("Taken back: 1 line", "Taken back: Page 1 deleted", "Taken back: Page 3 moved to 1"):
        other.keyboard.press("Control+z")
        expect(other.locator(".bench")).to_contain_text(words)
    expect(other.locator(".bench select").first).to_contain_text("of 3")
    assert sorted(shown()) == ["one page", "three page", "two page"]
    expect(other).to_have_url(re.compile("page="))


def test_pages_are_added_before_another_and_read(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [page_of(("already here", 0.9), ("and confirmed", 0.9))], name="Growing")
    before = store.get_page(document_id, 0)
    open_pages(server, page, document_id)
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Add pages").click()
    new = {"name": "new.png", "mimeType": "image/png", "buffer": picture_of(page_of(("a new page", 0.9)))}
    bad = {"name": "bad.png", "mimeType": "image/png", "buffer": b"plain words"}
    dialog.locator("input[type=file]").set_input_files([new, bad])
    expect(dialog.get_by_text("bad.png")).to_be_visible()
    deadline = time.monotonic() + server.reading_ms / 1000
    # A run of the screen, as after uploads, closes the list: a person opens it again.
    chosen = False
    while not chosen:
        assert time.monotonic() < deadline
        with suppress(TimeoutError):
            dialog.get_by_role("combobox", name="Where").click(timeout=2000)
            page.get_by_role("option", name="Before page 1").click(timeout=2000)
            chosen = True
    picture(page, "pages-to-add")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_text("bad.png is neither a PDF nor a picture")).to_be_visible()
    expect(dialog.get_by_text("new.png")).to_have_count(0)
    picture(page, "pages-added")
    deadline = time.monotonic() + server.reading_ms / 1000
    while store.job_of(document_id).state != "done":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    open_pages(server, page, document_id)
    added, old = store.list_pages(document_id)
    assert (old.id, old.index) == (before.id, 1)
    expect(dialog.locator(f".st-key-page-{added.id}").get_by_role("img")).to_be_visible()
    picture(page, "pages-read")
    # An added page goes like any other.
    dialog.locator(f".st-key-page-{added.id}").get_by_role("button", name="Delete").click()
    expect(dialog.locator(f".st-key-page-{added.id}")).to_have_count(0)
    assert store.get_document(document_id).pages == (before,)


def test_a_page_is_turned_read_again_and_turned_back(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [page_of(("turn me over", 0.9), ("and read me", 0.9), ("once more", 0.9))], name="Askew")
    before = store.get_page(document_id, 0)
    page.goto(f"{server.url}/correct?document={document_id}")
    page.get_by_role("button", name="Pages", exact=True).click()
    dialog = page.get_by_role("dialog")
    row = dialog.locator(f".st-key-page-{before.id}")
    row.get_by_role("button", name="Turn right page 1", exact=True).click()
    expect(dialog.get_by_role("button", name="Undo: page turned")).to_be_visible()
    assert (store.get_page(document_id, 0).width, store.list_pages(document_id)[0].turned) == (before.height, 1)
    picture(page, "pages-turned")
    deadline = time.monotonic() + server.reading_ms / 1000
    while store.list_pages(document_id)[0].unread or store.job_of(document_id).state != "done":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    expect(row).not_to_contain_text("to be read again")  # the window looks by itself
    dialog.get_by_role("button", name="Undo: page turned").click()
    expect(dialog.get_by_role("button", name="Undo")).to_have_count(0)
    after = store.get_page(document_id, 0)
    assert (after.lines, after.image, after.width) == (before.lines, before.image, before.width)
    page.goto(f"{server.url}/correct?document={document_id}")
    expect(page.locator(".bench .row.current input")).to_have_value("turn me over")


def test_there_is_a_current_line_after_the_page_was_read_anew_or_deleted_elsewhere(server: Server, page: Page) -> None:
    store = store_of(server)
    read = [page_of((f"{name} page", 0.9), ("second line", 0.9), index=n) for n, name in enumerate(("one", "two"))]
    document_id = keep(store, read, name="Elsewhere")
    first = store.list_pages(document_id)[0].id
    page.goto(f"{server.url}/correct?document={document_id}")
    current, field = page.locator(".bench .row.current"), page.locator(".bench .row.current input")
    expect(field).to_have_value("one page")
    field.focus()
    turn_page(store, first, 1, author="user")
    deadline = time.monotonic() + server.reading_ms / 1000
    while store.list_pages(document_id)[0].unread:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    page.keyboard.press("Control+z")
    expect(page.locator(".bench")).to_contain_text("Taken back: Page turned")
    expect(current.get_by_role("toolbar")).to_be_visible()
    expect(field).to_have_value("one page")
    field.focus()
    delete_page(store, first, author="user")
    expect(page.locator(".bench")).to_contain_text("The page you were on was deleted. This is page 1.")
    expect(field).to_have_value("two page")
    page.keyboard.press("Control+z")
    expect(field).to_have_value("one page")

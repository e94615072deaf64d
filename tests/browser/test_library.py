"""The library in a real browser: search, open what was found, tag, delete, undo."""

import re
import time
from collections import deque
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import Server, picture, store_of
from tests.pages.conftest import keep, page_of

pytestmark = pytest.mark.browser


def card(page: Page, document_id: str):
    return page.locator(f".st-key-card-{document_id}")


class SlowServer:
    """What the server tells the screen waits here while `holds`, and comes a message at a time when it is let."""

    def __init__(self, page: Page) -> None:
        self.holds, self.waiting = False, deque[tuple[WebSocketRoute, str | bytes]]()
        page.route_web_socket(re.compile("_stcore/stream"), self._join)

    def _join(self, browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        server.on_message(lambda message: self._told(browser, message))

    def _told(self, browser: WebSocketRoute, message: str | bytes) -> None:
        if self.holds:
            self.waiting.append((browser, message))
        else:
            browser.send(message)

    def tell_next(self) -> None:
        browser, message = self.waiting.popleft()
        browser.send(message)

    def tell_all(self) -> None:
        self.holds = False
        while self.waiting:
            self.tell_next()


@pytest.mark.parametrize("window", ["Rename", "Tags"])
def test_a_menu_opened_as_soon_as_a_window_is_gone_stays_open(server: Server, page: Page, window: str) -> None:
    document_id = keep(store_of(server), [page_of(("leaf", 0.9))], name="Botany")
    slow = SlowServer(page)
    page.goto(f"{server.url}/library")
    mine, dialog = card(page, document_id), page.get_by_role("dialog")
    menu = page.get_by_role("menu")
    mine.get_by_role("button", name="More").click()
    # Chosen so quickly that the server answers to both at once.
    slow.holds = True
    menu.get_by_role("menuitem", name=window).click()
    expect(menu).to_have_count(0)
    slow.tell_all()
    field = dialog.get_by_role("textbox")
    field.fill("ferns")
    slow.holds = True
    field.press("Enter")
    deadline = time.monotonic() + server.patience_ms / 1000
    while dialog.count():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)
        if slow.waiting:
            slow.tell_next()
    mine.get_by_role("button", name="More").click()
    expect(menu).to_be_visible()
    slow.tell_all()
    expect(mine).to_contain_text("ferns")
    page.wait_for_timeout(1000)  # until all is told that a run of the screen brings
    expect(menu).to_be_visible()
    picture(page, f"menu-{window}")
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(mine.get_by_role("button", name="More")).to_be_focused()


def test_search_open_the_line_tag_delete_and_undo(server: Server, page: Page) -> None:
    store = store_of(server)
    other = keep(store, [page_of(("nothing of it here", 0.9))], name="Shopping list")
    read = [("light is heat", 0.9), ("chlorophyll takes light in the leaf", 0.9), ("and water", 0.9)]
    document_id = keep(store, [page_of(("cover", 0.9)), page_of(*read, index=1)], name="Biology of plants")
    page.goto(f"{server.url}/library")
    expect(card(page, document_id)).to_be_visible()
    picture(page, "library")

    search = page.get_by_role("textbox", name="Search names and texts")
    search.fill("chlorophil light")
    search.press("Enter")
    expect(card(page, other)).to_have_count(0)
    hit = page.locator("[class*='st-key-hit-']")
    expect(hit).to_have_count(1)
    expect(hit).to_contain_text("chlorophyll takes light in the leaf")
    expect(hit.locator("img")).to_be_visible()
    picture(page, "search")
    # Until a run of the screen ends, a hit still shows what was left of the card in its place.
    opened = hit.get_by_role("link", name="Open page 2, line 2 of Biology of plants")
    expect(opened).to_have_count(1)
    opened.click()
    expect(page).to_have_url(re.compile(r"/correct\?.*page=2"))
    current = page.locator(".bench .row.current input")
    expect(current).to_have_value("chlorophyll takes light in the leaf")

    page.goto(f"{server.url}/library")
    mine = card(page, document_id)
    # Of each button's name only what it does is seen; screen readers also say to which document.
    word = mine.get_by_role("button", name="Word Biology of plants")
    box = word.bounding_box()
    assert box
    assert box["width"] < 120
    mine.get_by_role("button", name="More Biology of plants").click()
    page.get_by_role("menuitem", name="Tags").click()
    field = page.get_by_role("dialog").get_by_role("textbox")
    field.fill("biology, term 2")
    field.press("Enter")
    expect(mine).to_contain_text("term 2")
    picture(page, "tags")

    mine.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(mine).to_have_count(0)
    picture(page, "deleted")
    page.get_by_role("button", name="Undo").click()
    expect(mine).to_contain_text("term 2")
    assert store.get_summary(document_id).tags == ("biology", "term 2")


def test_the_trash_is_emptied_only_after_a_second_question(server: Server, page: Page) -> None:
    store = store_of(server)
    ids = [keep(store, [page_of(("gone", 0.9))], name=name) for name in ("First", "Second")]
    for document_id in ids:
        store.trash_document(document_id)
    page.goto(f"{server.url}/library")
    page.get_by_role("button", name="Trash").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_text("First")).to_be_visible()
    remove = page.get_by_role("button", name=f"Remove {len(store.list_trash())} documents for good")
    expect(remove).to_have_count(0)
    sheet.get_by_role("button", name="Empty the trash").click()
    expect(page.get_by_text("nothing brings them back")).to_be_visible()
    picture(page, "trash")
    assert {summary.id for summary in store.list_trash()} >= set(ids)
    remove.click()
    expect(remove).to_have_count(0)
    assert not store.list_trash()


def test_a_document_is_downloaded_in_any_format(server: Server, page: Page) -> None:
    document_id = keep(store_of(server), [page_of(("leaf", 0.9), ("stem", 0.9))], name="Botany")
    page.goto(f"{server.url}/library")
    card(page, document_id).get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Other formats").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("button", name="TEI")).to_be_visible()
    picture(page, "formats")
    with page.expect_download() as waiting:
        sheet.get_by_role("button", name="Text", exact=True).click()
    assert waiting.value.suggested_filename == "Botany.txt"
    assert Path(waiting.value.path()).read_text() == "leaf\nstem\n"

"""The workbench while pages are moved and turned elsewhere: it keeps to the page and the picture that were seen."""

import pytest
from playwright.sync_api import Page, Request, expect

from pipeline.retouch import move_page, turn_page
from tests.browser.conftest import Server, picture, store_of
from tests.browser.test_workbench import field, lines_of, open_bench, press, start
from tests.pages.conftest import keep

pytestmark = pytest.mark.browser


def test_a_line_that_was_found_is_opened_though_its_page_was_moved(server: Server, page: Page) -> None:
    store = store_of(server)
    names = ["one", "two", "three"]
    document_id = keep(store, [lines_of(f"{name} sun", f"{name} moon", index=n) for n, name in enumerate(names)])
    open_bench(page, server, document_id)
    start(page)
    press(page, "Alt+f")
    page.keyboard.insert_text("moon")
    hits = page.locator(".bench .hits li")
    expect(hits).to_have_count(3)
    third = store.list_pages(document_id)[2].id
    move_page(store, third, 0, author="user")
    hits.nth(2).get_by_role("button").click()
    expect(page.locator(".bench .row.current input")).to_have_value("three moon")
    expect(page.locator(".bench .row.current input")).to_be_focused()
    expect(page.get_by_label("Page", exact=True)).to_have_value("0")
    # The page that the workbench shows was moved as well.
    move_page(store, third, 2, author="user")
    hits.nth(0).get_by_role("button").click()
    expect(page.locator(".bench .row.current input")).to_have_value("one moon")
    hits.nth(2).get_by_role("button").click()
    expect(page.locator(".bench .row.current input")).to_have_value("three moon")
    expect(page.get_by_label("Page", exact=True)).to_have_value("2")


def test_an_address_with_a_line_opens_it_wherever_its_page_is_by_now(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one sun"), lines_of("two sun", "two moon", index=1)])
    line = store.get_page(document_id, 1).lines[1].id
    move_page(store, store.list_pages(document_id)[1].id, 0, author="user")
    page.goto(f"{server.url}/correct?document={document_id}&page=2&line={line}")
    expect(page.locator(".bench .row.current input")).to_have_value("two moon")


def test_a_box_drawn_on_a_page_that_was_turned_meanwhile_goes_nowhere(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two", "three")])
    open_bench(page, server, document_id)
    field(page, 2).focus()
    press(page, "Alt+e", "ArrowDown", "ArrowDown")
    expect(page.locator(".bench .hint")).to_contain_text("press arrows and Enter")
    turn_page(store, store.list_pages(document_id)[0].id, 2, author="user")
    turned = store.get_page(document_id, 0)
    press(page, "Enter")
    expect(page.locator(".bench .said")).to_contain_text("The page was turned meanwhile, so nothing was drawn.")
    shown = f"/api/pages/{turned.id}/image?is={turned.image}"
    expect(page.locator(".bench .paper img")).to_have_attribute("src", shown)
    picture(page, "turned-meanwhile")
    assert [change.kind for change in store.changes(document_id)] == ["turn page"]


def test_looking_for_news_asks_for_all_pages_only_when_they_were_moved(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two"), lines_of("three", index=1)])
    first = store.list_pages(document_id)[0].id
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url.partition("/api")[2])

    open_bench(page, server, document_id)
    expect(page.get_by_label("Page", exact=True)).to_contain_text("of 2")
    page.on("request", note)
    for _ in range(2):
        with page.expect_response(f"**/api/pages/{first}"):
            pass
    every_page = f"/documents/{document_id}/pages"
    assert every_page not in asked
    with page.expect_response(f"**/api{every_page}"):
        move_page(store, first, 1, author="user")
    expect(page.get_by_label("Page", exact=True)).to_have_value("1")
    expect(field(page, 1)).to_have_value("one")

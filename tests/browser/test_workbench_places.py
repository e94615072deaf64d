"""The workbench while pages are turned quickly or moved elsewhere: it keeps to the page that is meant."""

import re

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from pipeline.retouch import delete_lines, move_page, turn_page
from tests.browser.conftest import Server, picture, store_of
from tests.browser.test_workbench import expect_fields, field, lines_of, open_bench, press, start
from tests.pages.conftest import keep

pytestmark = pytest.mark.browser


def found(server: Server, page: Page, document_id: str, words: str) -> Locator:
    """What is found in a document that is opened."""
    open_bench(page, server, document_id)
    start(page)
    press(page, "Alt+f")
    page.keyboard.insert_text(words)
    return page.locator(".bench .hits li")


def test_a_line_that_was_found_is_opened_though_its_page_was_moved(server: Server, page: Page) -> None:
    store = store_of(server)
    names = ["one", "two", "three"]
    document_id = keep(store, [lines_of(f"{name} sun", f"{name} moon", index=n) for n, name in enumerate(names)])
    hits = found(server, page, document_id, "moon")
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
    expect(page.locator(".bench .said")).to_contain_text("The page was turned meanwhile, so nothing was changed.")
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


def expect_page(page: Page, index: int, texts: list[str]) -> None:
    """Wait until lines, choice and address say that this page is shown."""
    expect_fields(page, texts)
    expect(page.get_by_label("Page", exact=True)).to_have_value(str(index))
    expect(page).to_have_url(re.compile(f"page={index + 1}(&|$)"))


def four_pages(server: Server) -> tuple[str, list[list[str]]]:
    pages = [[f"page {index} line {n}" for n in range(2 + index)] for index in range(4)]
    return keep(store_of(server), [lines_of(*texts, index=index) for index, texts in enumerate(pages)]), pages


@pytest.mark.parametrize("pause_ms", [0, 60])
def test_pages_turned_quickly_are_the_ones_shown_chosen_and_in_the_address(
    server: Server, page: Page, pause_ms: int
) -> None:
    document_id, pages = four_pages(server)
    open_bench(page, server, document_id)
    expect(page.get_by_label("Page", exact=True)).to_contain_text("of 4")
    start(page)
    for key, index in (("Alt+PageDown", 3), ("Alt+PageUp", 0)):
        for _ in range(3):
            press(page, key)
            page.wait_for_timeout(pause_ms)
        expect_page(page, index, pages[index])
        page.wait_for_timeout(1500)  # whatever is on its way changes nothing
        expect_page(page, index, pages[index])


def test_a_line_that_was_found_and_is_gone_is_said_to_be_gone(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one sun", "one moon"), lines_of("two sun", "two moon", index=1)])
    hits = found(server, page, document_id, "moon")
    expect(hits).to_have_count(2)
    said = page.locator(".bench .said")
    for index, left in ((1, "two sun"), (0, "one sun")):
        delete_lines(store, [store.get_page(document_id, index).lines[1].id], author="user")
        hits.nth(index).get_by_role("button").click()
        expect_page(page, index, [left])
        expect(said).to_have_text("This line is not there any more.")
        hits.nth(index).get_by_role("checkbox").focus()
        said.evaluate("said => said.textContent = ''")


def test_a_page_that_only_changed_its_place_keeps_its_sheet(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two"), lines_of("three", index=1)])
    open_bench(page, server, document_id)
    expect(page.get_by_label("Page", exact=True)).to_contain_text("of 2")
    drawn = page.locator(".bench .paper polygon").first.element_handle()
    move_page(store, store.list_pages(document_id)[0].id, 1, author="user")
    expect_page(page, 1, ["one", "two"])
    expect(page.get_by_label("Page 2 with 2 lines")).to_be_visible()
    assert drawn.evaluate("drawn => drawn.isConnected")

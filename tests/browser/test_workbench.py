"""The workbench in a real browser: whatever is typed is kept, and everything goes by keyboard."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server, new_server, store_of
from tests.pages.conftest import keep, page_of, texts

pytestmark = pytest.mark.browser


def lines_of(*read: str, index: int = 0):
    return page_of(*[(text, 0.6) for text in read], index=index)


def open_bench(page: Page, server: Server, document_id: str, index: int = 0) -> None:
    page.goto(f"{server.url}/correct?document={document_id}&page={index + 1}")
    expect(page.locator(".bench .row.current canvas")).to_be_visible()


def field(page: Page, number: int) -> Locator:
    """The field of a line, by its number on the page."""
    return page.locator(".bench .row input").nth(number - 1)


def start(page: Page) -> None:
    """Put the caret before the first line's text."""
    field(page, 1).focus()
    page.keyboard.press("Home")


def expect_fields(page: Page, texts: Sequence[str]) -> None:
    """Wait until the lines of the page say this."""
    fields = page.locator(".bench .row input")
    expect(fields).to_have_count(len(texts))
    for number, text in enumerate(texts):
        expect(fields.nth(number)).to_have_value(text)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def type_before(page: Page, *words: str) -> None:
    """Write words before what each line says, from the one in the field on, and confirm them, as fast as one can."""
    for word in words:
        page.keyboard.insert_text(word + " ")
        page.keyboard.press("Enter")


def all_saved(page: Page) -> None:
    expect(page.get_by_text("Your edits are saved")).to_be_visible()


def test_two_hundred_edits_typed_at_machine_speed_are_all_kept(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(*[f"line {n}" for n in range(40)], index=index) for index in range(5)])
    wanted = [[f"{index}.{n} line {n}" for n in range(40)] for index in range(5)]
    open_bench(page, server, document_id)
    start(page)
    for index in range(5):
        expect(page.get_by_label("Page", exact=True)).to_have_value(str(index))
        type_before(page, *[f"{index}.{n}" for n in range(40)])
    all_saved(page)
    assert [texts(store, document_id, index) for index in range(5)] == wanted
    assert store.get_summary(document_id).checked == 200


def test_keys_work_while_nothing_has_the_focus(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two"), lines_of("three", index=1)])

    def open_anew() -> None:
        open_bench(page, server, document_id)
        expect(page.get_by_label("Page", exact=True)).to_contain_text("of 2")
        expect(page.locator("body")).to_be_focused()

    open_anew()
    press(page, "?")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    open_anew()
    press(page, "ArrowDown")
    expect(field(page, 2)).to_be_focused()
    press(page, "Control+u")
    expect(page.locator(".bench .marks .underline")).to_have_text(["two"])
    open_anew()
    press(page, "Enter")
    expect(field(page, 2)).to_be_focused()
    all_saved(page)
    assert [line.checked for line in store.get_page(document_id, 0).lines] == [True, False]
    open_anew()
    press(page, "Control+z")
    expect(page.locator(".bench")).to_contain_text("Taken back: 1 line")
    open_anew()
    press(page, "Alt+PageDown")
    expect_fields(page, ["three"])
    press(page, "Alt+PageUp")
    expect_fields(page, ["one", "two"])
    # A field of the screen around the workbench keeps its keys.
    open_anew()
    page.get_by_role("combobox", name="Document").focus()
    press(page, "F1")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_reload_in_the_middle_of_typing_loses_nothing(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(*[f"line {n}" for n in range(30)])])
    open_bench(page, server, document_id)
    start(page)
    type_before(page, *["new"] * 20)
    page.keyboard.insert_text("not confirmed: ")
    page.reload()
    expect(field(page, 21)).to_have_value("not confirmed: line 20")
    all_saved(page)
    assert texts(store, document_id)[:21] == [*(f"new line {n}" for n in range(20)), "line 20"]


def test_two_tabs_on_one_line_keep_both_versions_and_show_the_later(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two")])
    other = page.context.new_page()
    for tab in (page, other):
        open_bench(tab, server, document_id)
    for tab, text in ((page, "mine"), (other, "theirs")):
        start(tab)
        type_before(tab, text)
        all_saved(tab)
    assert texts(store, document_id) == ["theirs one", "two"]
    versions = store.history(store.get_page(document_id, 0).lines[0].id)
    assert [version.text for version in versions] == ["one", "mine one", "theirs one"]
    page.bring_to_front()
    expect(field(page, 1)).to_have_value("theirs one")
    other.close()


def test_edits_made_while_the_server_is_killed_arrive_when_it_is_back(tmp_path: Path, page: Page) -> None:
    server = new_server(tmp_path)
    server.start()
    try:
        store = store_of(server)
        document_id = keep(store, [lines_of(*[f"line {n}" for n in range(6)])])
        open_bench(page, server, document_id)
        start(page)
        type_before(page, "before")
        all_saved(page)
        server.kill()
        type_before(page, "during", "too")
        expect(page.get_by_text("The server does not answer. 2 edits kept in this browser")).to_be_visible()
        assert texts(store, document_id)[:3] == ["before line 0", "line 1", "line 2"]
        server.start()
        all_saved(page)
        assert texts(store, document_id)[:3] == ["before line 0", "during line 1", "too line 2"]
    finally:
        server.kill()


def test_lines_are_split_joined_inserted_deleted_and_marked_by_keyboard_and_all_of_it_undone(
    server: Server, page: Page
) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one two", "three", "four")])
    before = store.get_page(document_id, 0).lines
    open_bench(page, server, document_id)
    start(page)
    press(page, *["ArrowRight"] * 3, "Alt+s")
    expect_fields(page, ["one", "two", "three", "four"])
    expect(field(page, 2)).to_be_focused()
    press(page, "Alt+j")
    expect_fields(page, ["one", "two three", "four"])
    press(page, "Alt+h")
    expect(field(page, 2)).to_have_accessible_name(re.compile("heading"))
    press(page, "Alt+n")
    expect_fields(page, ["one", "two three", "", "four"])
    page.keyboard.insert_text("between")
    press(page, "Alt+ArrowDown")
    expect_fields(page, ["one", "two three", "four", "between"])
    press(page, "ArrowUp", "Alt+Delete")
    expect_fields(page, ["one", "two three", "between"])
    assert [(line.text, line.kind) for line in store.get_page(document_id, 0).lines] == [
        *[("one", "text"), ("two three", "heading"), ("between", "text")]
    ]
    page.reload()
    expect(page.locator(".bench .row.current canvas")).to_be_visible()
    field(page, 1).focus()
    for fields in (["one", "two three", "four", "between"], ["one", "two three", "between", "four"]):
        press(page, "Control+z")
        expect_fields(page, fields)
    for _ in range(5):
        press(page, "Control+z")
        page.wait_for_timeout(100)
    expect_fields(page, ["one two", "three", "four"])
    assert [line.polygon for line in store.get_page(document_id, 0).lines] == [line.polygon for line in before]


def test_enter_tab_escape_and_a_click_on_the_page_lead_to_lines(server: Server, page: Page) -> None:
    store = store_of(server)
    pages = [page_of(("sure", 0.95), ("doubt", 0.4), ("firm", 0.99)), page_of(("other", 0.3), index=1)]
    document_id = keep(store, pages)
    open_bench(page, server, document_id)
    start(page)
    press(page, "Tab")
    expect(field(page, 2)).to_be_focused()
    page.keyboard.insert_text("wrong ")
    press(page, "Escape")
    expect(field(page, 2)).to_have_value("doubt")
    press(page, "Enter")
    expect(field(page, 3)).to_be_focused()
    page.locator(".bench polygon").first.click()
    expect(field(page, 1)).to_be_focused()
    press(page, "Tab")
    expect(field(page, 1)).to_have_value("other")
    expect(field(page, 1)).to_be_focused()
    all_saved(page)
    assert [line.checked for line in store.get_page(document_id, 0).lines] == [False, True, False]
    press(page, "F1")
    expect(page.get_by_role("dialog")).to_contain_text("Confirm the line and go on")


def test_find_and_replace_shows_each_hit_and_is_one_step_to_undo(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("teh sun", "teh moon"), lines_of("teh star", index=1)])
    open_bench(page, server, document_id)
    start(page)
    press(page, "Alt+f")
    page.keyboard.insert_text("teh")
    page.get_by_label("Replace with").fill("the")
    hits = page.locator(".bench .hits li")
    expect(hits).to_have_count(3)
    expect(hits.nth(2)).to_contain_text("the star")
    page.get_by_label("Replace in line 2 of page 1").uncheck()
    page.get_by_role("button", name="Replace", exact=True).click()
    expect_fields(page, ["the sun", "teh moon"])
    assert texts(store, document_id, 1) == ["the star"]
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    expect_fields(page, ["teh sun", "teh moon"])
    assert texts(store, document_id, 1) == ["teh star"]

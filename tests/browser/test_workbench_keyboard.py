"""What is beside the fields is reached by keyboard, and has names for those who hear the screen."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from pipeline.store import Store
from tests.browser.conftest import Server, store_of
from tests.browser.test_workbench import all_saved, expect_fields, field, lines_of, open_bench, press, start
from tests.pages.conftest import keep, texts

pytestmark = pytest.mark.browser


def begun(server: Server, page: Page, *said: str) -> tuple[Store, str]:
    """The workbench of a document whose one page says this, with the caret in its first line."""
    store = store_of(server)
    document_id = keep(store, [lines_of(*said)])
    open_bench(page, server, document_id)
    start(page)
    return store, document_id


def test_special_characters_are_chosen_by_keyboard_and_come_to_the_caret(server: Server, page: Page) -> None:
    store, document_id = begun(server, page, "5 2 mm", "other")
    page.keyboard.insert_text("1")
    press(page, "ArrowRight", "Alt+c")
    palette = page.get_by_role("group", name="Special characters")
    expect(palette.get_by_role("button", name="±")).to_be_focused()
    press(page, "ArrowRight", "ArrowRight", "ArrowLeft", "Enter")
    expect(field(page, 1)).to_be_focused()
    expect(field(page, 1)).to_have_value("15× 2 mm")
    expect_unconfirmed(page, store, document_id)
    # The palette goes on where it was.
    press(page, "Alt+c")
    expect(palette.get_by_role("button", name="×")).to_be_focused()
    press(page, "ArrowDown", "ArrowUp")
    expect(palette.get_by_role("button", name="×")).to_be_focused()
    # Another window comes to the front: the focus stays where it is.
    page.evaluate("document.activeElement.dispatchEvent(new FocusEvent('focusout', { bubbles: true }))")
    press(page, "Escape")
    expect(palette).to_be_hidden()
    expect(field(page, 1)).to_be_focused()
    expect_unconfirmed(page, store, document_id)
    page.keyboard.insert_text("°")
    press(page, "Enter")
    all_saved(page)
    assert texts(store, document_id) == ["15×° 2 mm", "other"]


def expect_unconfirmed(page: Page, store: Store, document_id: str) -> None:
    """What is typed in the first line stays a draft, once all that was on its way is in the store."""
    expect(page.get_by_text("Your edits are saved · 1 text not confirmed")).to_be_visible()
    line = store.get_page(document_id, 0).lines[0]
    assert (line.text, line.checked) == ("5 2 mm", False)
    assert [version.text for version in store.history(line.id)] == ["5 2 mm"]


def test_an_arrow_with_another_key_does_not_move_in_the_palette(server: Server, page: Page) -> None:
    begun(server, page, "one", "two")
    press(page, "Alt+c", "ArrowRight", "Shift+ArrowRight", "Control+ArrowRight")
    letter = page.get_by_role("button", name="×", exact=True)
    expect(letter).to_be_focused()
    press(page, "Alt+ArrowDown")
    expect_fields(page, ["two", "one"])
    # The palette is where it was left.
    press(page, "Alt+c")
    expect(letter).to_be_focused()


def test_what_is_typed_counts_when_the_palette_is_left_for_elsewhere(server: Server, page: Page) -> None:
    store, document_id = begun(server, page, "one", "two")
    page.keyboard.insert_text("the ")
    press(page, "Alt+c")
    page.get_by_role("button", name="Undo").focus()
    all_saved(page)
    assert texts(store, document_id) == ["the one", "two"]


def test_arrows_go_along_the_buttons_of_a_line_and_escape_back_to_its_text(server: Server, page: Page) -> None:
    begun(server, page, "one", "two")
    press(page, "F6", "ArrowRight")
    tools = page.get_by_role("toolbar", name="This line")
    expect(tools.get_by_role("button", name="Heading")).to_be_focused()
    press(page, "ArrowLeft", "ArrowLeft")
    expect(tools.get_by_role("button").last).to_be_focused()
    press(page, "Escape")
    expect(field(page, 1)).to_be_focused()


def test_other_readings_are_named_as_such(server: Server, page: Page) -> None:
    whole = lines_of("their is")
    line = whole.lines[0]
    reading = replace(line.transcription, alternatives=("there is",))
    document_id = keep(store_of(server), [replace(whole, lines=(replace(line, transcription=reading),))])
    open_bench(page, server, document_id)
    start(page)
    page.get_by_role("button", name="Other reading: there is").click()
    expect(field(page, 1)).to_have_value("there is")

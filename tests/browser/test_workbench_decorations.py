"""Words underlined and struck out in the workbench, by keyboard and by button."""

import io
import re
from collections.abc import Sequence

import docx
import pytest
from playwright.sync_api import Page, expect

from pipeline.store import Store
from tests.browser.conftest import Server
from tests.browser.test_workbench import all_saved, field, lines_of, open_bench, press, start, store_of
from tests.pages.conftest import keep

pytestmark = pytest.mark.browser


def expect_shown(page: Page, kind: str, words: Sequence[str]) -> None:
    """Wait until these words, and no others, look underlined or struck out."""
    expect(page.locator(f".bench .marks .{kind}")).to_have_text(list(words))


def kept(store: Store, document_id: str) -> list[tuple[str, str]]:
    said = (line.transcription for line in store.get_page(document_id, 0).lines)
    return [(one.kind, reading.text[one.start : one.end]) for reading in said for one in reading.decorations]


def test_selected_words_are_underlined_and_struck_out_and_it_goes_into_word(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("so the first law", "of nature")])
    open_bench(page, server, document_id)
    start(page)
    press(page, *["ArrowRight"] * 4, *["Shift+ArrowRight"] * 6, "Control+u")
    expect_shown(page, "underline", ["the first"])
    expect(field(page, 1)).to_have_accessible_description("Underlined: the first.")
    assert field(page, 1).evaluate("input => [input.selectionStart, input.selectionEnd]") == [4, 10]
    press(page, "ArrowDown", "End", "Control+Shift+x")
    expect_shown(page, "strike", ["nature"])
    assert kept(store, document_id) == [("underline", "the first"), ("strike", "nature")]
    assert not any(line.checked for line in store.get_page(document_id, 0).lines)
    file = page.request.get(f"{server.url}/api/documents/{document_id}/export?format=docx").body()
    runs = [run for paragraph in docx.Document(io.BytesIO(file)).paragraphs for run in paragraph.runs]
    assert [run.text for run in runs if run.underline] == ["the first"]
    assert [run.text for run in runs if run.font.strike] == ["nature"]
    press(page, "Control+Shift+x")
    expect_shown(page, "strike", [])
    press(page, "Control+z", "Control+z", "Control+z")
    expect_shown(page, "underline", [])
    assert kept(store, document_id) == []
    press(page, "F1")
    expect(page.get_by_role("dialog")).to_contain_text("Underline the selected words")


def test_typing_moves_what_is_underlined_and_the_history_shows_it(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("the frist law", "of nature")])
    line_id = store.get_page(document_id, 0).lines[0].id
    open_bench(page, server, document_id)
    start(page)
    press(page, *["ArrowRight"] * 5)
    page.get_by_role("button", name="Underline the selected words (Ctrl+U)").click()
    expect_shown(page, "underline", ["frist"])
    expect(field(page, 1)).to_be_focused()
    press(page, "Home")
    page.keyboard.insert_text("Now ")
    expect_shown(page, "underline", ["frist"])
    press(page, *["ArrowRight"] * 9, "Backspace", "Backspace", "Backspace", "Backspace")
    page.keyboard.insert_text("irst")
    expect_shown(page, "underline", ["first"])
    press(page, "Control+Shift+x")  # what is typed is kept before
    expect_shown(page, "strike", ["first"])
    all_saved(page)
    assert store.get_line(line_id)[2].text == "Now the first law"
    assert kept(store, document_id) == [("strike", "first"), ("underline", "first")]
    press(page, "Alt+y")
    versions = page.get_by_role("dialog").get_by_role("listitem")
    expect(versions.nth(0).locator(".underline.strike")).to_have_text("first")
    expect(versions.nth(3).locator(".underline")).to_have_count(0)
    expect(versions.locator(".small")).to_contain_text(["you, ", "you, ", "you, ", "crnn, "])
    expect(versions.nth(0)).to_contain_text(re.compile(r"you, \d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d"))
    page.get_by_role("button", name="Back to this").nth(2).click()
    expect_shown(page, "underline", ["frist"])
    expect_shown(page, "strike", [])


def test_buttons_show_what_the_words_at_the_caret_wear(server: Server, page: Page) -> None:
    document_id = keep(store_of(server), [lines_of("the first law", "of nature")])
    open_bench(page, server, document_id)
    start(page)
    underline = page.get_by_role("button", name="Underline the selected words (Ctrl+U)")
    strike = page.get_by_role("button", name="Strike out the selected words (Ctrl+Shift+X)")
    expect(underline).to_have_attribute("aria-pressed", "false")
    press(page, "Control+u")
    expect(underline).to_have_attribute("aria-pressed", "true")
    expect(strike).to_have_attribute("aria-pressed", "false")
    press(page, "End")
    expect(underline).to_have_attribute("aria-pressed", "false")
    press(page, "Home")
    expect(underline).to_have_attribute("aria-pressed", "true")
    press(page, "Control+a")  # not all of these words are
    expect(underline).to_have_attribute("aria-pressed", "false")
    press(page, "ArrowDown", "ArrowUp", "Home")
    expect(underline).to_have_attribute("aria-pressed", "true")
    press(page, "Control+z")
    expect(underline).to_have_attribute("aria-pressed", "false")

"""Misspelt words in the workbench: waves that stay out of the way, what was meant, and a dictionary of one's own."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server
from tests.browser.test_workbench import all_saved, field, lines_of, open_bench, press, start, store_of
from tests.pages.conftest import keep, texts

pytestmark = pytest.mark.browser

LINES = (
    "Green plants take up light in their leaves.",
    "A thylakoid lies beside anuther thylakoid, and many of them make a stack.",
    "These stacks are what makes the leaves of all plants green.",
    "Les feuilles recoivent la lumière du soleil.",
    "Ainsi la plante vit de l'air et de l'eau.",
)


def expect_marked(page: Page, *words: str) -> None:
    """Wait until these words of the page have waves, one after the other."""
    expect(page.locator(".bench .misspelt")).to_have_text(list(words))


def point_at(page: Page, word: str) -> dict[str, float]:
    """The middle of the first wave under this word, in the field that lies over it."""
    place: dict[str, float] = page.locator(".bench .misspelt", has_text=word).first.evaluate(
        """(piece) => {
            const mark = piece.getBoundingClientRect();
            const field = piece.closest(".field").querySelector("input").getBoundingClientRect();
            return { x: (mark.left + mark.right) / 2 - field.left, y: (mark.top + mark.bottom) / 2 - field.top };
        }"""
    )
    return place


def test_misspelt_words_are_put_right_or_learned_by_keyboard(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(*LINES)])
    open_bench(page, server, document_id)
    expect_marked(page, "thylakoid", "anuther", "thylakoid", "recoivent")
    start(page)
    press(page, "Alt+w")
    menu = page.get_by_role("listbox", name="Spelling")
    expect(menu).to_contain_text("Add “thylakoid” to your dictionary")
    expect(field(page, 2)).to_be_focused()
    press(page, "Alt+w")
    expect(menu.get_by_role("option", name="another")).to_have_attribute("aria-selected", "true")
    press(page, "Enter")
    expect(field(page, 2)).to_have_value("A thylakoid lies beside another thylakoid, and many of them make a stack.")
    expect(field(page, 2)).to_be_focused()
    assert store.get_page(document_id, 0).lines[1].checked is False, "it is confirmed by Enter, like all that is typed"
    press(page, "Enter")
    all_saved(page)
    assert texts(store, document_id)[1] == "A thylakoid lies beside another thylakoid, and many of them make a stack."
    press(page, "Alt+w")
    expect(menu.get_by_role("option", name="reçoivent")).to_be_visible()
    press(page, "Escape", "Alt+w")
    expect(menu).to_contain_text("thylakoid")
    press(page, "ArrowUp", "ArrowUp", "Enter")
    expect_marked(page, "recoivent")
    assert store.list_words() == ["thylakoid"]
    press(page, "Alt+Shift+w")
    page.get_by_label("Word to add").fill("recoivent")
    press(page, "Enter")
    expect_marked(page)
    page.get_by_label("Word to add").fill("two words")
    press(page, "Enter")
    expect(page.get_by_role("dialog")).to_contain_text("“two words” is not one word of letters")
    for word in ("thylakoid", "recoivent"):
        page.get_by_role("button", name=f"Remove {word}").click()
    expect_marked(page, "thylakoid", "thylakoid", "recoivent")
    press(page, "Escape")
    expect(field(page, 2)).to_be_focused()


def test_a_right_click_offers_what_was_meant_and_a_learned_word_is_unmarked_in_other_tabs(
    server: Server, page: Page
) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(*LINES)])
    other = page.context.new_page()
    for tab in (other, page):
        open_bench(tab, server, document_id)
        expect_marked(tab, "thylakoid", "anuther", "thylakoid", "recoivent")
    field(page, 4).click(button="right", position=point_at(page, "recoivent"))
    page.get_by_role("option", name="reçoivent").click()
    expect(field(page, 4)).to_have_value("Les feuilles reçoivent la lumière du soleil.")
    expect_marked(page, "thylakoid", "anuther", "thylakoid")
    field(page, 2).click(button="right", position=point_at(page, "thylakoid"))
    page.get_by_role("option", name="Add “thylakoid” to your dictionary").click()
    for tab in (page, other):
        expect_marked(tab, "anuther")
    store.remove_word("thylakoid")
    other.close()


def test_a_word_is_not_marked_while_it_is_typed_and_the_menu_is_in_nobodys_way(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("Green plants take up light in their leaves", "They give off oxigen too")])
    open_bench(page, server, document_id)
    expect_marked(page, "oxigen")
    field(page, 1).focus()
    press(page, "End")
    page.keyboard.type(" and thier stems, whoo", delay=30)
    expect_marked(page, "thier", "oxigen")
    page.keyboard.type(" know", delay=30)
    expect_marked(page, "thier", "whoo", "oxigen")
    press(page, "Home")
    page.keyboard.insert_text("All ")
    expect_marked(page, "thier", "whoo", "oxigen")
    press(page, "Alt+w")
    menu = page.get_by_role("listbox", name="Spelling")
    expect(menu.get_by_role("option", name="their")).to_be_visible()
    page.keyboard.insert_text("those")
    expect(menu).to_be_hidden()
    expect(field(page, 1)).to_have_value("All Green plants take up light in their leaves and those stems, whoo know")
    expect(field(page, 2)).not_to_have_attribute("aria-invalid", "false")
    expect(field(page, 2)).to_have_attribute("aria-invalid", "spelling")
    expect(page.locator(".bench .row").nth(0)).to_have_class(re.compile("dirty"))


@pytest.mark.parametrize(
    ("status", "body", "word"),  # a word of its own each, for two lines with the same make it a known one
    [
        (500, "Internal Server Error", "recieve"),
        (200, '[{"language": "e', "beleive"),
        (200, "{}", "acheive"),
    ],
)
def test_a_server_that_cannot_check_keeps_nobody_from_writing(
    server: Server, page: Page, status: int, body: str, word: str
) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(f"{word} light and air", f"{word} it in the light of day")])
    page.route("**/api/spelling", lambda route: route.fulfill(status=status, body=body))
    with page.expect_response("**/api/spelling"):
        open_bench(page, server, document_id)
    start(page)
    page.keyboard.insert_text("They ")
    press(page, "Enter")
    expect(field(page, 2)).to_be_focused()
    all_saved(page)
    expect_marked(page)
    page.unroute("**/api/spelling")
    page.keyboard.insert_text("They ")
    expect_marked(page, word, word)


def test_a_tap_puts_the_caret_into_a_marked_word_and_a_long_press_offers_what_was_meant(
    server: Server, browser: Browser
) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(*LINES)])
    context = browser.new_context(viewport={"width": 1366, "height": 768}, has_touch=True)
    context.set_default_timeout(server.patience_ms)
    expect.set_options(timeout=server.patience_ms)
    page = context.new_page()
    open_bench(page, server, document_id)
    expect_marked(page, "thylakoid", "anuther", "thylakoid", "recoivent")
    field(page, 4).tap()
    menu = page.get_by_role("listbox", name="Spelling")
    field(page, 4).tap(position=point_at(page, "recoivent"))
    page.wait_for_timeout(500)  # a menu would wait for an answer
    expect(menu).to_be_hidden()
    caret, end_of_selection = field(page, 4).evaluate("(input) => [input.selectionStart, input.selectionEnd]")
    assert len("Les feuilles ") < caret == end_of_selection < len("Les feuilles recoivent")
    long_press(page, 2, "anuther")
    expect(menu.get_by_role("option", name="another")).to_be_visible()
    menu.get_by_role("option", name="another").tap()
    expect(field(page, 2)).to_have_value("A thylakoid lies beside another thylakoid, and many of them make a stack.")
    context.close()


def long_press(page: Page, number: int, word: str) -> None:
    """A finger on a marked word. Headless Chromium asks for no menu then, so the event for it is made here."""
    box, place = field(page, number).bounding_box(), point_at(page, word)
    assert box
    x, y = box["x"] + place["x"], box["y"] + place["y"]
    devtools = page.context.new_cdp_session(page)
    devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    field(page, number).evaluate(
        """(input, [clientX, clientY]) => input.dispatchEvent(new PointerEvent("contextmenu",
            { bubbles: true, cancelable: true, pointerType: "touch", clientX, clientY }))""",
        [x, y],
    )
    devtools.send("Input.dispatchTouchEvent", {"type": "touchCancel", "touchPoints": []})

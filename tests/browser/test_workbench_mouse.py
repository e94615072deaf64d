"""The workbench with the mouse: what is pressed is what was meant, though lines move when another becomes current."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, picture, store_of
from tests.browser.test_workbench import expect_fields, field, lines_of, open_bench
from tests.pages.conftest import keep

pytestmark = pytest.mark.browser


def middle_of(page: Page, number: int, word: str) -> tuple[float, float]:
    """Where a word of a line stands on the screen."""
    x, y = (
        page.locator(".bench .row .marks")
        .nth(number - 1)
        .evaluate(
            """(marks, word) => {
            const walk = document.createTreeWalker(marks, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
                const at = walk.currentNode.data.indexOf(word);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(walk.currentNode, at);
                range.setEnd(walk.currentNode, at + word.length);
                const { left, right, top, bottom } = range.getBoundingClientRect();
                return [(left + right) / 2, (top + bottom) / 2];
            }
        }""",
            word,
        )
    )
    return x, y


def selected(page: Page, number: int) -> str:
    text: str = field(page, number).evaluate("input => input.value.slice(input.selectionStart, input.selectionEnd)")
    return text


def test_a_click_puts_the_caret_where_it_was_also_if_the_mouse_is_held_a_moment(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(*[f"alpha bravo charlie {number}" for number in range(6)])])
    open_bench(page, server, document_id)
    for number in (3, 2, 6, 1):
        field(page, number).scroll_into_view_if_needed()
        page.mouse.move(*middle_of(page, number, "charlie"))
        page.mouse.down()
        expect(field(page, number)).to_be_focused()
        page.wait_for_timeout(100)
        page.mouse.up()
        caret, behind = field(page, number).evaluate("input => [input.selectionStart, input.selectionEnd]")
        assert len("alpha bravo ch") < caret == behind < len("alpha bravo charl"), f"in line {number}"


def test_a_double_click_selects_the_word_in_whatever_line(server: Server, page: Page) -> None:
    store = store_of(server)
    texts = [f"alpha bravo-{number}, charlie delta" for number in range(1, 13)]
    document_id = keep(store, [lines_of(*texts)])
    open_bench(page, server, document_id)
    # Downwards, upwards, at the end of the list, in the current line.
    for number, word in ((3, "charlie"), (2, "alpha"), (12, "delta"), (11, "charlie"), (1, "bravo"), (1, "delta")):
        field(page, number).scroll_into_view_if_needed()
        page.mouse.dblclick(*middle_of(page, number, word))
        expect(field(page, number)).to_be_focused()
        assert selected(page, number).strip() == word, f"in line {number}"
    page.mouse.dblclick(*middle_of(page, 4, "charlie"))
    picture(page, "double-click")
    page.keyboard.type("zulu")
    expect(field(page, 4)).to_have_value("alpha bravo-4, zulu delta")
    page.mouse.click(*middle_of(page, 6, "bravo"), click_count=3)
    assert selected(page, 6) == texts[5]
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect_fields(page, [*texts[:3], "alpha bravo-4, zulu delta", *texts[4:]])

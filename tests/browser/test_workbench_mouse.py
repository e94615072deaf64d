"""The workbench with the mouse: what is pressed is what was meant, though lines move when another becomes current."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, picture, store_of
from tests.browser.test_workbench import expect_fields, field, lines_of, open_bench, press, start
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


@pytest.mark.parametrize("moved_by", [1, 2, 3])
def test_a_hand_that_trembles_puts_the_caret_where_it_clicked(server: Server, page: Page, moved_by: int) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(*[f"alpha bravo charlie {number}" for number in range(12)])])
    open_bench(page, server, document_id)
    for number in (5, 2, 12, 4):
        field(page, number).scroll_into_view_if_needed()
        x, y = middle_of(page, number, "charlie")
        page.mouse.move(x, y)
        page.mouse.down()
        expect(field(page, number)).to_be_focused()
        page.wait_for_timeout(50)
        page.mouse.move(x + moved_by, y)
        page.mouse.up()
        expect(page.locator(".bench .row").nth(number - 1).locator("canvas")).to_be_visible()
        caret, behind = field(page, number).evaluate("input => [input.selectionStart, input.selectionEnd]")
        assert len("alpha bravo ch") < caret <= behind < len("alpha bravo charl"), f"in line {number}"
        assert behind - caret < 2, f"in line {number}"
    page.keyboard.insert_text("X")
    assert field(page, 4).input_value() in ("alpha bravo chaXrlie 3", "alpha bravo charXlie 3", "alpha bravo chaXlie 3")


def test_a_double_click_of_a_trembling_hand_selects_the_word(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(*[f"alpha bravo charlie {number}" for number in range(12)])])
    open_bench(page, server, document_id)
    for number in (8, 3, 12):
        field(page, number).scroll_into_view_if_needed()
        x, y = middle_of(page, number, "charlie")
        page.mouse.move(x, y)
        page.mouse.down()
        page.wait_for_timeout(50)
        page.mouse.move(x + 1, y)
        page.mouse.up()
        page.wait_for_timeout(100)
        page.mouse.down(click_count=2)
        page.wait_for_timeout(50)
        page.mouse.up(click_count=2)
        expect(page.locator(".bench .row").nth(number - 1).locator("canvas")).to_be_visible()
        assert selected(page, number).strip() == "charlie", f"in line {number}"


def test_dragging_over_words_selects_them_in_whatever_line(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(*[f"alpha bravo charlie delta {number}" for number in range(12)])])
    open_bench(page, server, document_id)
    for number, end in ((6, "charlie"), (3, "charlie"), (12, "charlie"), (11, "delta")):
        field(page, number).scroll_into_view_if_needed()
        page.mouse.move(*middle_of(page, number, "alpha"))
        page.mouse.down()
        page.wait_for_timeout(50)
        page.mouse.move(*middle_of(page, number, end), steps=8)
        page.wait_for_timeout(50)
        page.mouse.up()
        expect(page.locator(".bench .row").nth(number - 1).locator("canvas")).to_be_visible()
        words = selected(page, number)
        begun, _, ended = words.partition(" bravo ")
        assert begun in ("pha", "ha"), f"in line {number}"
        assert end[:2] in ended, f"in line {number}"
        assert str(number - 1) not in ended
    picture(page, "drag")
    press(page, "Control+u")
    expect(page.locator(".bench .row").nth(10).locator(".marks .underline").first).to_be_visible()


def test_the_tools_of_a_line_reached_with_arrows_are_all_in_sight(server: Server, page: Page) -> None:
    store = store_of(server)
    # A short line's ink is larger than that of a long one.
    written = lines_of(*[f"alpha bravo {number}" for number in range(18)])
    lines = [
        replace(line, polygon=tuple((min(x, 120 + 380 * (at % 2)), y) for x, y in line.polygon))
        for at, line in enumerate(written.lines)
    ]
    document_id = keep(store, [replace(written, lines=tuple(lines))])
    open_bench(page, server, document_id)
    start(page)
    for number in range(2, 19):
        press(page, "ArrowDown")
        expect(page.locator(".bench .row").nth(number - 1).locator("canvas")).to_be_visible()
        below = page.evaluate(
            """() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
                const end = (name) => document.querySelector(name).getBoundingClientRect().bottom;
                resolve(end(".bench .tools") - end(".bench ol.rows"));
            })))"""
        )
        assert below <= 0.5, f"in line {number}"

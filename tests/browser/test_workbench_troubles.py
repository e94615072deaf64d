"""The workbench where something goes wrong, or a lot comes at once: nothing is lost, and what it says is true."""

import json
import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import update

from pipeline.document import Transcription
from pipeline.store import schema
from pipeline.store.queue import now
from tests.browser.conftest import Server
from tests.browser.test_workbench import all_saved, field, lines_of, open_bench, press, start, store_of, type_before
from tests.pages.conftest import keep, texts

pytestmark = pytest.mark.browser


def fail(route: Route) -> None:
    route.fulfill(status=500, body="Internal Server Error")


def test_a_line_that_somebody_else_wrote_in_is_not_split_where_its_words_parted(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one two", "three")])
    open_bench(page, server, document_id)
    start(page)
    press(page, *["ArrowRight"] * 3)
    store.correct_line(store.get_page(document_id, 0).lines[0].id, "twenty-one two", author="ben")
    press(page, "Alt+s")
    expect(page.get_by_text("says something else by now, so nothing was changed")).to_be_visible()
    assert texts(store, document_id) == ["twenty-one two", "three"]


def test_an_edit_the_server_fails_at_holds_up_no_other_and_is_tried_again(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two", "three")])
    first = store.get_page(document_id, 0).lines[0].id
    open_bench(page, server, document_id)
    page.route(f"**/api/lines/{first}", fail)
    start(page)
    type_before(page, "a", "b", "c")
    told = page.get_by_text("The server could not save 1 edit: kept in this browser, tried again.")
    expect(told).to_be_visible()
    expect(page.locator(".bench .row.saving")).to_have_count(1)
    assert texts(store, document_id) == ["one", "b two", "c three"]
    page.reload()
    expect(told).to_be_visible()
    expect(field(page, 1)).to_have_value("a one")
    page.unroute(f"**/api/lines/{first}")
    all_saved(page)
    assert texts(store, document_id) == ["a one", "b two", "c three"]


def test_an_edit_counts_as_not_saved_at_once_also_while_the_server_is_busy_with_something_else(
    server: Server, page: Page
) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two")])
    open_bench(page, server, document_id)
    asked: list[Route] = []
    page.route(f"**/api/documents/{document_id}/undo", lambda route: asked.append(route))
    field(page, 1).focus()
    with page.expect_request("**/undo"):
        press(page, "Control+z")
    press(page, "Enter")
    expect(page.get_by_text("Saving 1 edit")).to_be_visible()
    asked[0].continue_()
    all_saved(page)
    assert store.get_page(document_id, 0).lines[0].checked


def leave(page: Page, server: Server, document_id: str, *edits: tuple[str, str, str]) -> None:
    """Edits (line, text, what it said before) as a tab left them that was closed two minutes ago."""
    page.goto(f"{server.url}/api/health")
    for line_id, text, before in edits:
        at = 1000 * (time.time() - 120)
        edit = {"key": f"inkline:edit:{document_id}:closed tab:{at}", "line": line_id, "text": text}
        value = json.dumps(edit | {"before": before, "at": at})
        page.evaluate("([key, value]) => localStorage.setItem(key, value)", [edit["key"], value])


def test_a_text_typed_on_top_of_one_on_its_way_is_newer_also_after_a_reload(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two")])
    first = store.get_page(document_id, 0).lines[0].id
    on_its_way: list[Route] = []
    page.route(f"**/api/lines/{first}", lambda route: route.abort() if on_its_way else on_its_way.append(route))
    open_bench(page, server, document_id)
    start(page)
    type_before(page, "a")
    start(page)
    type_before(page, "b")
    on_its_way[0].continue_()
    expect(page.get_by_text("The server does not answer. 1 edit kept in this browser")).to_be_visible()
    assert texts(store, document_id) == ["a one", "two"]
    page.unroute(f"**/api/lines/{first}")
    page.goto(f"{server.url}/api/health")
    open_bench(page, server, document_id)
    all_saved(page)
    expect(field(page, 1)).to_have_value("b a one")
    assert texts(store, document_id) == ["b a one", "two"]


def test_an_answer_that_breaks_off_is_none_and_the_edit_is_sent_again(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two")])
    first = store.get_page(document_id, 0).lines[0].id
    open_bench(page, server, document_id)
    page.route(f"**/api/lines/{first}", lambda route: route.fulfill(status=200, body='{"text": "a o'), times=1)
    start(page)
    type_before(page, "a")
    all_saved(page)
    assert texts(store, document_id) == ["a one", "two"]
    expect(field(page, 1)).to_have_value("a one")
    expect(page.locator(".bench .said")).not_to_contain_text("Someone has written")


def test_undo_waits_for_an_edit_the_server_fails_at(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two", "three")])
    first = store.get_page(document_id, 0).lines[0].id
    open_bench(page, server, document_id)
    start(page)
    type_before(page, "a")
    all_saved(page)
    page.route(f"**/api/lines/{first}", fail)
    start(page)
    type_before(page, "b")
    press(page, "Control+z")
    hint = page.get_by_text("undo and redo have to wait")
    expect(hint).to_be_visible()
    press(page, "Control+y")
    expect(page.get_by_text("The server could not save 1 edit")).to_be_visible()
    assert texts(store, document_id) == ["a one", "two", "three"]
    expect(field(page, 1)).to_have_value("b a one")
    page.unroute(f"**/api/lines/{first}")
    all_saved(page)
    assert texts(store, document_id) == ["b a one", "two", "three"]
    press(page, "Control+z")
    expect(field(page, 1)).to_have_value("a one")
    assert texts(store, document_id) == ["a one", "two", "three"]


def test_a_text_typed_over_one_left_by_an_earlier_visit_stays(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two")])
    first = store.get_page(document_id, 0).lines[0].id
    leave(page, server, document_id, (first, "left", "one"))
    page.route(f"**/api/lines/{first}", fail)
    open_bench(page, server, document_id)
    expect(field(page, 1)).to_have_value("left")
    start(page)
    type_before(page, "newer")
    store.correct_line(first, "theirs", author="ben")
    with store.writing() as connection:  # some time later, more than a request takes on a busy machine
        his = schema.transcriptions.c.author == "ben"
        connection.execute(update(schema.transcriptions).where(his).values(created=now() + timedelta(minutes=2)))
    page.unroute(f"**/api/lines/{first}")
    all_saved(page)
    # Ben wrote after both of them.
    expect(page.locator(".bench .said")).to_contain_text("Its history has what you wrote: newer left")
    expect(field(page, 1)).to_have_value("theirs")
    assert [version.text for version in store.history(first)] == ["one", "theirs", "left", "newer left", "theirs"]
    start(page)
    type_before(page, "last")
    all_saved(page)
    assert texts(store, document_id) == ["last theirs", "two"]


def test_edits_left_by_an_earlier_visit_are_saved_whichever_page_is_opened(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("here"), lines_of("there", "other", "third", "fourth", index=1)])
    first, second, third, fourth = (line.id for line in store.get_page(document_id, 1).lines)
    for line_id, text in ((third, "confirmed"), (fourth, "before")):
        store.correct_line(line_id, text)
    with store.writing() as connection:
        long_ago = update(schema.transcriptions).where(schema.transcriptions.c.line_id.in_([third, fourth]))
        connection.execute(long_ago.values(created=now() - timedelta(minutes=5)))
    leave(page, server, document_id, (first, "was there", "there"), (second, "mine", "other"))
    leave(page, server, document_id, (third, "a", "confirmed"), (third, "b", "a"), (fourth, "mine", "before"))
    store.correct_line(second, "theirs", author="ben")
    for text in ("newer", "before"):
        store.correct_line(fourth, text)
    open_bench(page, server, document_id)
    all_saved(page)
    assert texts(store, document_id, 1) == ["was there", "theirs", "b", "before"]
    assert [version.text for version in store.history(second)] == ["other", "theirs", "mine", "theirs"]
    assert [version.text for version in store.history(third)] == ["third", "confirmed", "a", "b"]
    assert [version.text for version in store.history(fourth)][-2:] == ["mine", "before"]
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('inkline:edit'))") == []


def test_the_rest_of_a_page_is_confirmed_as_one_step_and_a_hidden_line_is_found_again(
    server: Server, page: Page
) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two", "three")])
    open_bench(page, server, document_id)
    start(page)
    press(page, "Alt+k")
    expect(page.get_by_role("button", name="To check")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="The rest of this page is right").click()
    expect(page.get_by_text("3 of 3 lines checked")).to_be_visible()
    (step,) = store.changes(document_id)
    assert (step.kind, len(step.line_ids)) == ("text", 3)
    page.locator(".bench polygon").nth(2).click()
    focused = page.locator(".bench .row input:focus")
    expect(focused).to_have_value("three")
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    expect(page.get_by_text("0 of 3 lines checked")).to_be_visible()
    assert store.get_summary(document_id).checked == 0


def test_a_search_with_many_hits_shows_the_first_and_replaces_all_but_the_unticked(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of(*[f"teh {n}" for n in range(70)], index=index) for index in range(4)])
    open_bench(page, server, document_id)
    start(page)
    press(page, "Alt+f")
    page.keyboard.type("teh", delay=20)
    page.get_by_label("Replace with").fill("the")
    expect(page.get_by_text("The first 200 of 280 lines")).to_be_visible()
    expect(page.locator(".bench .hits li")).to_have_count(200)
    page.get_by_label("Replace in line 2 of page 1").uncheck()
    page.get_by_role("button", name="Replace", exact=True).click()
    expect(page.locator(".bench .hits li")).to_have_count(1)
    assert texts(store, document_id)[:3] == ["the 0", "teh 1", "the 2"]
    assert texts(store, document_id, 3)[69] == "the 69"
    assert len(store.changes(document_id)) == 1


def test_what_another_reader_proposed_waits_and_its_sheet_stays_until_it_is_taken(server: Server, page: Page) -> None:
    store = store_of(server)
    document_id = keep(store, [lines_of("one", "two"), lines_of("three", index=1)])
    lines = [line.id for index in (0, 1) for line in store.get_page(document_id, index).lines]
    store.propose({line_id: Transcription("read anew", 0.9, "other reader") for line_id in lines})
    open_bench(page, server, document_id)
    start(page)
    press(page, "Alt+Shift+R")
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("checkbox")).to_have_count(3)
    sheet.get_by_role("checkbox").nth(1).uncheck()
    page.route("**/readings/take", fail)
    sheet.get_by_role("button", name="Take what is ticked").click()
    expect(sheet.get_by_text(re.compile("The server is in trouble"))).to_be_visible()
    assert texts(store, document_id) == ["one", "two"]
    page.unroute("**/readings/take")
    sheet.get_by_role("button", name="Take what is ticked").click()
    expect(sheet).to_be_hidden()
    assert texts(store, document_id) + texts(store, document_id, 1) == ["read anew", "two", "read anew"]
    assert store.count_proposals(document_id) == 0


def test_a_workbench_that_was_left_before_its_page_came_asks_for_it_no_more(server: Server, page: Page) -> None:
    document_id = keep(store_of(server), [lines_of("one")])
    asked: list[Route] = []

    def nobody(route: Route) -> None:
        asked.append(route)
        route.abort()

    page.route(f"**/api/documents/{document_id}/pages/0", nobody)
    with page.expect_request("**/pages/0"):
        page.goto(f"{server.url}/correct?document={document_id}&page=1")
    expect(page.locator(".bench .said")).to_contain_text("The server does not answer.")
    with page.expect_request("**/pages/0"):  # it tries again
        pass
    page.get_by_role("link", name="Library").click()
    expect(page.locator(".bench")).to_have_count(0)
    page.wait_for_timeout(2500)  # it is closed a moment later
    asked.clear()
    page.wait_for_timeout(4000)
    assert not asked

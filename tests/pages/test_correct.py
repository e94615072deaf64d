"""The correction screen: every edit is in the store at once, in the row it was made in."""

import pytest

from pages._table import ORDERS
from pipeline.document import Transcription
from pipeline.retouch import decorate_words, delete_page, move_page
from pipeline.store import Store
from tests.pages.conftest import Open, keep, page_of, texts


def open_table(open_screen: Open, **query: str):
    return open_screen("correct.py", view="table", **query)


def edit(screen, row: int, **cells: str | bool) -> None:
    """Type into the table, as the browser hands it over: all edits of this table so far."""
    key = screen.session_state["table"].key
    rows = screen.session_state[key]["edited_rows"] if key in screen.session_state else {}
    rows = {**rows, row: {**rows.get(row, {}), **cells}}
    screen.session_state[key] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    screen.run()
    assert not screen.exception, screen.exception


def show(screen, order: str) -> None:
    screen.button_group[1].set_value(order).run()


def shown(screen) -> list[str]:
    return list(screen.dataframe[0].value["text"])


def test_it_says_what_to_do_while_there_is_nothing_to_correct(open_screen: Open) -> None:
    assert "Start by choosing" in open_table(open_screen).info[0].value


def test_it_opens_the_newest_document_by_itself(store: Store, open_screen: Open) -> None:
    keep(store, [page_of(("old", 0.9))])
    keep(store, [page_of(("new", 0.9))])
    assert shown(open_table(open_screen)) == ["new"]


def test_a_link_opens_the_page_it_names(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("one", 0.9)), page_of(("two", 0.9), index=1)])
    assert shown(open_table(open_screen, document=document_id, page="2")) == ["two"]


def test_from_a_line_that_a_search_led_to_one_goes_on_to_other_pages(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of((text, 0.9), index=index) for index, text in enumerate(("one", "two", "three"))])
    line_id = store.get_page(document_id, 1).lines[0].id

    def from_the_line():
        screen = open_table(open_screen, document=document_id, page="2", line=line_id)
        assert shown(screen) == ["two"]
        return screen

    for label, wanted in (("Back", "one"), ("Next", "three")):
        screen = from_the_line()
        next(button for button in screen.button if button.label == label).click().run()
        assert shown(screen) == [wanted]
        assert "line" not in screen.query_params
    screen = from_the_line()
    screen.selectbox[1].set_value(0).run()
    assert shown(screen) == ["one"]
    # Undo goes to the page that it changed.
    store.correct_line(store.get_page(document_id, 2).lines[0].id, "by hand")
    screen = from_the_line()
    next(button for button in screen.button if button.label == "Undo").click().run()
    assert shown(screen) == ["three"]


def test_another_document_is_chosen_by_its_name_even_among_namesakes(store: Store, open_screen: Open) -> None:
    for text in ("one", "two", "three"):
        keep(store, [page_of((text, 0.9))])
    screen = open_table(open_screen)
    names = screen.selectbox[0].options
    assert len(set(names)) == 3
    screen.selectbox[0].set_value(names[2]).run()
    assert shown(screen) == ["one"]


@pytest.mark.parametrize("page", ["0", "9", "-1", "x", ""])
def test_a_link_to_a_page_that_is_not_there_opens_the_first(store: Store, open_screen: Open, page: str) -> None:
    document_id = keep(store, [page_of(("one", 0.9)), page_of(("two", 0.9), index=1)])
    assert shown(open_table(open_screen, document=document_id, page=page)) == ["one"]


def test_a_link_to_a_deleted_document_says_so(store: Store, open_screen: Open) -> None:
    keep(store, [page_of(("other", 0.9))])
    screen = open_table(open_screen, document="f" * 32)
    assert "no such document" in screen.error[0].value
    assert not screen.dataframe


def test_an_edit_is_in_the_store_at_once_and_counts_as_checked(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("heat flaws", 0.5), ("to cold", 0.9))])
    screen = open_table(open_screen, document=document_id)
    edit(screen, 0, text="heat flows")
    assert texts(store, document_id) == ["heat flows", "to cold"]
    assert store.get_summary(document_id).checked == 1
    assert list(screen.dataframe[0].value["checked"]) == [True, False]


def test_edits_one_after_another_are_each_kept_once(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("a", 0.5), ("b", 0.6), ("c", 0.7))])
    screen = open_table(open_screen, document=document_id)
    for row, text in ((2, "third"), (0, "first"), (2, "last")):
        edit(screen, row, text=text)
    assert texts(store, document_id) == ["first", "b", "last"]
    lines = store.get_page(document_id, 0).lines
    assert [len(store.history(line.id)) for line in lines] == [2, 1, 3]


def test_a_tick_confirms_what_was_read(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("right", 0.5))])
    edit(open_table(open_screen, document=document_id), 0, checked=True)
    assert [version.is_person for version in store.history(store.get_page(document_id, 0).lines[0].id)] == [False, True]


def test_an_emptied_cell_is_an_empty_line(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("smudge", 0.1))])
    edit(open_table(open_screen, document=document_id), 0, text=None)
    assert texts(store, document_id) == [""]


def test_least_certain_lines_come_first_and_stay_in_their_row_when_edited(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("sure", 0.9), ("lost", 0.2), ("so-so", 0.6))])
    screen = open_table(open_screen, document=document_id)
    show(screen, ORDERS[1])
    assert shown(screen) == ["lost", "so-so", "sure"]
    edit(screen, 0, text="found")
    edit(screen, 1, text="certain")
    assert shown(screen) == ["found", "certain", "sure"]
    assert texts(store, document_id) == ["sure", "found", "certain"]


def test_checked_lines_leave_the_list_of_unchecked_ones_when_it_is_opened_anew(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("a", 0.9), ("b", 0.2))])
    screen = open_table(open_screen, document=document_id)
    show(screen, ORDERS[2])
    edit(screen, 0, checked=True)
    assert shown(screen) == ["a", "b"]
    show(screen, ORDERS[0])
    show(screen, ORDERS[2])
    assert shown(screen) == ["b"]


def test_another_tabs_later_edit_is_shown_and_not_written_over(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("a", 0.5), ("b", 0.5))])
    mine = open_table(open_screen, document=document_id)
    edit(mine, 0, text="mine")
    edit(open_table(open_screen, document=document_id), 0, text="theirs")
    edit(mine, 1, text="also mine")
    assert texts(store, document_id) == ["theirs", "also mine"]
    assert shown(mine) == ["theirs", "also mine"]


def test_an_edit_made_while_its_page_is_moved_or_deleted_in_another_tab_is_kept(
    store: Store, open_screen: Open
) -> None:
    document_id = keep(store, [page_of(("one", 0.9)), page_of(("two", 0.9), index=1), page_of(("three", 0.9), index=2)])
    line_id = store.get_page(document_id, 1).lines[0].id
    screen = open_table(open_screen, document=document_id, page="2")
    move_page(store, store.list_pages(document_id)[1].id, 0, author="user")
    edit(screen, 0, text="typed meanwhile")
    assert texts(store, document_id, 0) == ["typed meanwhile"]
    assert (texts(store, document_id, 1), texts(store, document_id, 2)) == (["one"], ["three"])
    screen = open_table(open_screen, document=document_id, page="1")
    delete_page(store, store.list_pages(document_id)[0].id, author="user")
    edit(screen, 0, text="typed later")
    assert [version.text for version in store.history(line_id)] == ["two", "typed meanwhile", "typed later"]


def test_undo_takes_back_one_correction_after_another(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("a", 0.5), ("b", 0.5))])
    screen = open_table(open_screen, document=document_id)
    edit(screen, 0, text="A")
    edit(screen, 1, text="B")
    for expected in (["A", "b"], ["a", "b"]):
        next(button for button in screen.button if button.label == "Undo").click().run()
        assert shown(screen) == texts(store, document_id) == expected
    assert next(button for button in screen.button if button.label == "Undo").disabled


def test_the_rest_of_a_page_is_confirmed_with_one_button(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("a", 0.5), ("b", 0.5))])
    screen = open_table(open_screen, document=document_id)
    next(button for button in screen.button if "rest of this page" in button.label).click().run()
    assert store.get_summary(document_id).checked == 2
    assert list(screen.dataframe[0].value["checked"]) == [True, True]


def test_confirming_the_rest_is_one_step_and_writes_over_nothing(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("a", 0.5), ("b", 0.5), ("c", 0.5))])
    screen = open_table(open_screen, document=document_id)
    before = store.get_document(document_id)
    confirm = next(button for button in screen.button if "rest of this page" in button.label)
    store.correct_line(store.get_page(document_id, 0).lines[1].id, "by ben", author="ben")
    confirm.click().run()
    assert texts(store, document_id) == ["a", "by ben", "c"]
    assert store.get_summary(document_id).checked == 3
    assert [(step.author, len(step.line_ids)) for step in store.changes(document_id)] == [("user", 2), ("ben", 1)]
    store.undo(document_id, author="user")
    store.undo(document_id, author="ben")
    assert store.get_document(document_id) == before


def test_confirming_the_rest_leaves_lines_that_say_something_else_than_was_shown(
    store: Store, open_screen: Open
) -> None:
    document_id = keep(store, [page_of(("a", 0.5), ("b", 0.5), ("c", 0.5))])
    screen = open_table(open_screen, document=document_id)
    confirm = next(button for button in screen.button if "rest of this page" in button.label)
    second = store.get_page(document_id, 0).lines[1].id
    store.propose({second: Transcription("read anew", 0.9, "other reader")})
    store.take_proposals(document_id, author="ben")
    confirm.click().run()
    lines = store.get_page(document_id, 0).lines
    assert [(line.text, line.checked) for line in lines] == [("a", True), ("read anew", False), ("c", True)]
    assert "1 line says something else" in screen.toast[0].value
    confirm = next(button for button in screen.button if "rest of this page" in button.label)
    confirm.click().run()
    assert store.get_summary(document_id).checked == 3


def test_history_goes_back_to_any_version(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("first", 0.5))])
    screen = open_table(open_screen, document=document_id)
    edit(screen, 0, text="second")
    edit(screen, 0, text="third")
    back = [button for button in screen.button if button.label == "Back to this"]
    assert [button.disabled for button in back] == [True, False, False]
    back[2].click().run()
    assert shown(screen) == texts(store, document_id) == ["first"]
    assert len(store.history(store.get_page(document_id, 0).lines[0].id)) == 4


def test_history_tells_what_was_underlined_and_goes_back_to_it(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("the law", 0.5))])
    line_id = store.get_page(document_id, 0).lines[0].id
    for on in (True, False):
        decorate_words(store, line_id, 4, 7, "underline", author="user", on=on, text="the law")
    screen = open_table(open_screen, document=document_id)
    assert sum("underlined: law" in caption.value for caption in screen.caption) == 1
    back = [button for button in screen.button if button.label == "Back to this"]
    assert [button.disabled for button in back] == [True, False, True]
    back[1].click().run()
    assert [one.kind for one in store.get_line(line_id)[2].transcription.decorations] == ["underline"]


def test_pages_are_turned_and_the_address_follows(store: Store, open_screen: Open) -> None:
    document_id = keep(store, [page_of(("one", 0.9)), page_of(("two", 0.9), index=1)])
    screen = open_table(open_screen, document=document_id)
    next(button for button in screen.button if button.label == "Next").click().run()
    assert shown(screen) == ["two"]
    assert screen.query_params["page"] == "2"
    edit(screen, 0, text="zwei")
    assert texts(store, document_id, 1) == ["zwei"]
    assert texts(store, document_id, 0) == ["one"]

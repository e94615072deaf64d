"""Words of stored lines underlined and struck out: one step each, kept through all that happens to their text."""

import pytest

from pipeline.document import Decoration, DecorationKind, Document, Line, Page, Transcription
from pipeline.errors import ConflictError
from pipeline.retouch import Search, confirm_lines, decorate_words, merge_lines, move_line, replace_all, split_line
from pipeline.store import Change, Store
from tests.retouch.test_operations import written
from tests.store.helpers import picture


@pytest.fixture
def document_id(store: Store) -> str:
    lines = written("so the frist law", 100, 400, 100), written("of nature", 450, 900, 102)
    return store.create_finished_document(Document("Notes", (Page(0, 1300, 400, 300, lines=lines),)), [picture(1)])


def lines_of(store: Store, document_id: str) -> tuple[Line, ...]:
    return store.get_page(document_id, 0).lines


def shown(store: Store, document_id: str, place: int = 0) -> list[tuple[str, str]]:
    """The decorated words of a line."""
    line = lines_of(store, document_id)[place]
    return [(one.kind, line.text[one.start : one.end]) for one in line.transcription.decorations]


def decorate(
    store: Store, document_id: str, words: str, kind: DecorationKind = "underline", *, on: bool = True, place: int = 0
) -> Change | None:
    line = lines_of(store, document_id)[place]
    start = line.text.index(words)
    return decorate_words(store, line.id, start, start + len(words), kind, author="user", on=on, text=line.text)


def test_words_are_decorated_as_a_step_that_is_undone_and_done_again(store: Store, document_id: str) -> None:
    before = store.get_document(document_id)
    step = decorate(store, document_id, "frist")
    assert step is not None
    assert step.summary == "1 line underlined or struck out differently"
    decorate(store, document_id, "the frist", "strike")
    decorated = [("strike", "the frist"), ("underline", "frist")]
    assert shown(store, document_id) == decorated
    assert decorate(store, document_id, "the", "strike") is None
    decorate(store, document_id, "the frist", "strike", on=False)
    assert shown(store, document_id) == [("underline", "frist")]
    store.undo(document_id, author="user")
    assert shown(store, document_id) == decorated
    store.undo(document_id, author="user")
    store.undo(document_id, author="user")
    assert store.get_document(document_id) == before
    store.redo(document_id, author="user")
    assert shown(store, document_id) == [("underline", "frist")]


def test_decorating_confirms_no_text_and_changes_nobodys(store: Store, document_id: str) -> None:
    decorate(store, document_id, "frist")
    line = lines_of(store, document_id)[0]
    assert (line.checked, line.transcription.engine, line.transcription.confidence) == (False, "crnn", 0.5)
    assert [version.decorations for version in store.history(line.id)] == [(), (Decoration(7, 12, "underline"),)]


def test_the_history_names_who_decorated(store: Store, document_id: str) -> None:
    line = lines_of(store, document_id)[0]
    decorate_words(store, line.id, 7, 12, "strike", author="bob", on=True, text=line.text)
    store.undo(document_id, author="bob")
    store.redo(document_id, author="bob")
    assert [(version.author, version.is_person, version.restored) for version in store.history(line.id)] == [
        *(("crnn", False, False), ("bob", False, False), ("crnn", False, True), ("bob", False, True))
    ]
    store.correct_line(line.id, "so the first law", author="ada")
    decorate_words(store, line.id, 0, 2, "strike", author="bob", on=True, text="so the first law")
    assert [(version.author, version.is_person) for version in store.history(line.id)[-2:]] == [
        *(("ada", True), ("bob", True))
    ]


def test_what_another_reader_read_counts_while_only_decorations_change(store: Store, document_id: str) -> None:
    first, second = (line.id for line in lines_of(store, document_id))
    readings = {
        first: Transcription("so the first law", 0.9, "other"),
        second: Transcription("off nature", 0.9, "other"),
    }
    store.propose(readings)
    decorate(store, document_id, "frist")
    decorate(store, document_id, "law", "strike")
    store.undo(document_id, author="user")
    assert store.count_proposals(document_id) == 2
    assert store.read_again(document_id, 0) == {first, second}
    confirm_lines(store, [second], author="user")
    decorate(store, document_id, "of", place=1)
    assert [proposal.line_id for proposal in store.proposals(document_id)] == [first]
    store.take_proposals(document_id, author="user")
    assert shown(store, document_id) == [("underline", "first")]
    assert [(line.text, line.checked) for line in lines_of(store, document_id)] == [
        *(("so the first law", False), ("of nature", True))
    ]


def test_what_is_written_before_decorating_still_ends_a_proposal(store: Store, document_id: str) -> None:
    first = lines_of(store, document_id)[0].id
    store.propose({first: Transcription("so the first law", 0.9, "other")})
    store.correct_line(first, "so the fist law")
    store.undo(document_id, author="user")
    decorate(store, document_id, "frist")
    assert store.count_proposals(document_id) == 0


def test_a_corrected_text_keeps_the_decorations_of_its_words(store: Store, document_id: str) -> None:
    decorate(store, document_id, "frist")
    line_id = lines_of(store, document_id)[0].id
    store.correct_line(line_id, "and so the first law")
    assert shown(store, document_id) == [("underline", "first")]
    store.correct_line(line_id, "nothing")
    assert shown(store, document_id) == []
    store.go_back(line_id, 2)
    assert shown(store, document_id) == [("underline", "frist")]


def test_texts_that_come_late_keep_them_too(store: Store, document_id: str) -> None:
    decorate(store, document_id, "frist")
    store.correct_line(lines_of(store, document_id)[0].id, "the first law", earlier=["so the firs law"])
    assert shown(store, document_id) == [("underline", "first")]


def test_what_a_database_refuses_moves_no_decoration_off_its_words(store: Store) -> None:
    reading = Transcription("a\0b cd", 0.5, "crnn", decorations=(Decoration(4, 6, "strike"),))
    line = Line("", ((0, 0), (9, 0), (9, 9)), ((0, 9), (9, 9)), transcription=reading)
    page = Page(0, 10, 10, 300, lines=(line,))
    assert shown(store, store.create_finished_document(Document("Notes", (page,)), [picture(1)])) == [("strike", "cd")]


def test_confirming_replacing_and_reading_anew_keep_them(store: Store, document_id: str) -> None:
    decorate(store, document_id, "frist", "strike")
    first, second = (line.id for line in lines_of(store, document_id))
    replace_all(store, document_id, Search("so"), "Thus", author="user")
    assert shown(store, document_id) == [("strike", "frist")]
    store.propose({first: Transcription("Thus the fist law", 0.9, "other")})
    store.take_proposals(document_id, [first], author="user")
    assert shown(store, document_id) == [("strike", "fist")]
    confirm_lines(store, [first, second], author="user")
    assert shown(store, document_id) == [("strike", "fist")]


def test_a_moved_line_that_is_read_anew_keeps_them(store: Store, document_id: str) -> None:
    decorate(store, document_id, "law")
    outline = (90, 60, 410, 120)
    read = [Transcription("so the first law", 0.9, "reader")]
    move_line(
        store, lines_of(store, document_id)[0].id, outline, author="user", read=lambda page, lines: read[: len(lines)]
    )
    assert lines_of(store, document_id)[0].text == "so the first law"
    assert shown(store, document_id) == [("underline", "law")]


def test_lines_joined_and_split_take_them_along(store: Store, document_id: str) -> None:
    decorate(store, document_id, "frist law")
    decorate(store, document_id, "of", place=1)
    first, second = (line.id for line in lines_of(store, document_id))
    merge_lines(store, [first, second], author="user")
    assert shown(store, document_id) == [("underline", "frist law of")]
    split_line(store, first, author="user", offset=len("so the frist"))
    assert shown(store, document_id) == [("underline", "frist")]
    assert shown(store, document_id, 1) == [("underline", "law of")]


def test_words_of_a_text_that_somebody_changed_meanwhile_are_not_decorated(store: Store, document_id: str) -> None:
    line_id = lines_of(store, document_id)[0].id
    store.correct_line(line_id, "another text", author="ada")
    with pytest.raises(ConflictError, match="says something else by now"):
        decorate_words(store, line_id, 0, 2, "strike", author="user", on=True, text="so the frist law")
    assert shown(store, document_id) == []

import pytest

from pipeline.lists import split_mark


@pytest.mark.parametrize(
    ("text", "mark", "number", "rest"),
    [
        ("• one", "bullet", 0, "one"),
        ("- one", "bullet", 0, "one"),
        ("-one", "bullet", 0, "one"),
        ("→ therefore", "bullet", 0, "therefore"),
        ("-5 degrees", "", 0, "-5 degrees"),
        ("1. one", "number", 1, "one"),
        ("12) twelve", "number", 12, "twelve"),
        ("(3) three", "number", 3, "three"),
        ("2.two", "number", 2, "two"),
        ("3.14 is pi", "", 0, "3.14 is pi"),
        ("1848. A year", "", 0, "1848. A year"),
        ("c) letter", "letter", 3, "letter"),
        ("plain text", "", 0, "plain text"),
        ("", "", 0, ""),
    ],
)
def test_marks_are_parted_from_the_text(text: str, mark: str, number: int, rest: str) -> None:
    item = split_mark(text)
    assert (item.mark, item.number, item.text) == (mark, number, rest)


@pytest.mark.parametrize("text", [". one", "o one", "° one", "' one", '" one'])
def test_a_misread_bullet_is_one_only_where_a_list_item_is_known_to_stand(text: str) -> None:
    assert split_mark(text).mark == ""
    assert split_mark(text, is_item=True).text == "one"


@pytest.mark.parametrize("text", ["one", "of course", "...", "'"])
def test_a_list_item_without_a_bullet_keeps_its_words(text: str) -> None:
    assert split_mark(text, is_item=True).text == text

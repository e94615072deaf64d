import pytest

from pipeline.lists import levels, split_mark


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


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ([], []),
        ([(100, 0), (100, 60)], [0, 0]),
        ([(100, 0), (160, 60), (220, 120), (160, 180), (100, 240)], [0, 1, 2, 1, 0]),
        ([(100, 0), (115, 60), (130, 120), (145, 180)], [0, 0, 0, 0]),
        ([(200, 0), (100, 60), (160, 120)], [0, 0, 1]),
        ([(100, 0), (160, 60), (900, 0), (960, 60)], [0, 1, 0, 1]),
    ],
    ids=["none", "flat", "nested", "leaning margin", "first set in farthest", "two columns"],
)
def test_items_are_nested_by_how_far_they_are_set_in(starts: list[tuple[int, int]], expected: list[int]) -> None:
    assert levels([(x, y, 1400, y + 50) for x, y in starts]) == expected

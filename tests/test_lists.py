import pytest

from pipeline.document import Kind
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
    assert levels([(x, y, 1400, y + 50) for x, y in starts], ["list_item"] * len(starts)) == expected


@pytest.mark.parametrize(
    ("kind", "boxes", "expected"),
    [
        ("text", [(160, 0, 400), (60, 60, 900), (220, 120, 460), (280, 180, 520)], [0, None, 0, 1]),
        ("text", [(100, 0, 400), (100, 60, 900), (160, 120, 460)], [0, None, 0]),
        ("text", [(100, 0, 400), (160, 60, 460), (60, 120, 900), (160, 180, 460), (100, 240, 400)], [0, 1, None, 0, 0]),
        ("heading", [(100, 0, 400), (500, 60, 700), (160, 120, 460)], [0, None, 0]),
        ("text", [(100, 0, 400), (160, 60, 460), (300, 120, 900), (160, 180, 460)], [0, 1, None, 1]),
        ("text", [(100, 0, 400), (160, 60, 300), (160, 120, 900), (160, 180, 460)], [0, 1, None, 1]),
        ("text", [(100, 0, 400), (160, 60, 300), (420, 60, 700), (160, 120, 460)], [0, 1, None, 1]),
        ("text", [(300, 0, 600), (360, 60, 660), (0, 60, 250), (360, 120, 660)], [0, 1, None, 1]),
    ],
    ids=[
        *("prose", "prose at the same margin", "prose inside a list", "centred heading"),
        *("example under an item", "text under an item", "note beside it", "note in the margin"),
    ],
)
def test_a_list_ends_where_other_text_goes_on_at_its_margin(
    kind: Kind, boxes: list[tuple[int, int, int]], expected: list[int | None]
) -> None:
    kinds: list[Kind] = [kind if level is None else "list_item" for level in expected]
    assert levels([(x0, y, x1, y + 50) for x0, y, x1 in boxes], kinds) == [level or 0 for level in expected]


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ([(100, 0, 500), (160, 60, 600), (700, 120, 900), (760, 180, 900)], [0, 1, 0, 1]),
        ([(100, 0, 500), (100, 60, 140), (160, 120, 400)], [0, 0, 1]),
    ],
    ids=["right of the whole list", "right of one short item"],
)
def test_a_column_that_begins_lower_than_the_one_before_is_a_list_of_its_own(
    boxes: list[tuple[int, int, int]], expected: list[int]
) -> None:
    assert levels([(x0, y, x1, y + 50) for x0, y, x1 in boxes], ["list_item"] * len(boxes)) == expected

import pytest

from pipeline.document import Line
from pipeline.export.flow import Block, block_text, block_words, blocks, clean_text, levels
from tests.export.pages import HARMLESS, HOSTILE, decorated_line, line, page


def test_clean_text_drops_what_breaks_files_and_nothing_else() -> None:
    assert clean_text(HOSTILE).replace("  ", " ") == HARMLESS
    assert clean_text("Éé ß → ∑ 中 \U0001f600 e\u0301") == "Éé ß → ∑ 中 \U0001f600 e\u0301"


@pytest.mark.parametrize("space", ["\t", "\n", "\r\n", "\u2028", "\x85"])
def test_clean_text_is_one_line(space: str) -> None:
    assert clean_text(f"one{space}two") == "one two"


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        (["one", "two"], "one two"),
        (["photo-", "synthesis"], "photosynthesis"),
        (["photo¬", "synthesis"], "photosynthesis"),
        (["Jean-", "Pierre"], "Jean- Pierre"),
        (["1914 -", "and on"], "1914 - and on"),
        (["1914-", "1918"], "1914- 1918"),
        (["", " one ", "", "two"], "one two"),
        ([], ""),
    ],
)
def test_lines_join_to_running_text(texts: list[str], joined: str) -> None:
    assert block_text(Block("text", tuple(line(place, text) for place, text in enumerate(texts)))) == joined


def test_a_word_parted_at_the_end_of_a_line_is_decorated_as_a_whole() -> None:
    lines = decorated_line(0, "so ~_wa-_~"), decorated_line(1, "_ter falls_ down")
    words = block_words(Block("text", lines))
    assert [(word.text, sorted(word.decorations)) for word in words] == [
        ("so", []),
        ("water", ["strike", "underline"]),
        ("falls", ["underline"]),
        ("down", []),
    ]


def texts(found: list[Block]) -> list[list[str]]:
    return [[written.text for written in block.lines] for block in found]


def test_lines_of_one_paragraph_are_one_block_and_headings_and_items_stand_alone() -> None:
    found = blocks(
        page(
            line(0, "Title", kind="heading", paragraph=0),
            line(1, "a", paragraph=1),
            line(2, "b", paragraph=1),
            line(3, "- c", kind="list_item", paragraph=1),
            line(4, "d", paragraph=1),
        )
    )
    assert texts(found) == [["Title"], ["a", "b"], ["- c", "d"]]
    assert [block.kind for block in found] == ["heading", "text", "list_item"]


def test_a_figure_stands_between_the_lines_above_and_below_it() -> None:
    found = blocks(page(line(0, "above"), line(12, "below"), figures=((300, 400, 900, 1200),)))
    assert [block.figure is not None for block in found] == [False, True, False]


def test_figures_at_one_place_keep_their_order() -> None:
    found = blocks(page(line(0, "above"), line(30, "below"), figures=((300, 1300, 900, 1900), (300, 400, 900, 1200))))
    assert [block.figure.box[1] for block in found if block.figure] == [400, 1300]


def test_a_figure_is_placed_in_its_own_column() -> None:
    left = [line(place, f"left {place}", paragraph=0, width=900) for place in range(8)]
    right = [line(place, f"right {place}", paragraph=1, x=1300, width=900) for place in (0, 1, 6, 7)]
    found = blocks(
        page(*left, right[0], right[1], line(7, "right end", x=1300, width=900), figures=((1350, 400, 2000, 700),))
    )
    assert [block.lines[0].text if block.lines else "figure" for block in found] == [
        "left 0",
        "right 0",
        "figure",
        "right end",
    ]


def test_words_written_in_a_figure_go_with_it() -> None:
    found = blocks(
        page(line(0, "above"), line(5, "label", x=500, width=200), line(12, "below"), figures=((300, 400, 900, 1200),))
    )
    assert texts(found) == [["above"], ["label"], ["below"]]
    assert found[1].figure is not None


def test_a_page_of_one_figure_is_one_block() -> None:
    [block] = blocks(page(figures=((0, 0, 500, 500),)))
    assert block.figure is not None


def items(*starts: tuple[int, int], width: int = 700) -> list[Line]:
    return [line(place, f"- {place}", kind="list_item", x=x, width=width) for place, x in starts]


def test_a_list_after_prose_is_not_nested_into_the_one_above_it() -> None:
    prose = line(3, "Prose.", x=100)
    assert levels(blocks(page(*items((1, 200), (2, 200)), prose, *items((5, 300), (6, 360))))) == [0, 0, 0, 0, 1]


def test_a_list_in_a_second_column_is_not_nested_into_that_of_the_first() -> None:
    assert levels(blocks(page(*items((1, 200), (2, 260), (3, 1300), (4, 1360))))) == [0, 1, 0, 1]


def test_the_second_line_of_an_item_and_a_drawing_do_not_end_a_list() -> None:
    first, deeper, last = items((1, 200), (3, 260), (14, 260))
    more = line(2, "goes on", paragraph=first.paragraph)
    assert levels(blocks(page(first, more, deeper, last, figures=((300, 600, 900, 1200),)))) == [0, 1, 0, 1]

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import SourceError
from pipeline.train.sources import read_lines
from pipeline.train.sources.iam import join_tokens
from tests.train.lines import draw_line
from tests.train.sources.layouts import (
    TEXTS,
    draw_page,
    ink_of,
    line_box,
    write_iam,
    write_iam_forms,
    write_picture,
    write_text,
)

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("ascii_", ["ascii", "."])
def test_lines_come_with_their_writers_and_those_marked_err_too(tmp_path: Path, ascii_: str) -> None:
    read = read_lines(write_iam(tmp_path, ascii_=ascii_))
    assert [(sample.text, sample.writer) for sample in read.samples] == [
        ("A MOVE to stop Mr. Gaitskell from", "000"),
        ('he\'s late, "so there" (said I).', "000"),
        ("Hello world!", "012"),
    ]
    assert not read.bad
    assert read.samples[0].name == "a01-000u-00.png"
    assert read.samples[0].image(RNG).shape == draw_line("some text").shape


def test_words_marked_err_are_left_out_by_name(tmp_path: Path) -> None:
    read = read_lines(write_iam(tmp_path), "word")
    assert [sample.text for sample in read.samples] == ["A"]
    assert [str(row) for row in read.bad] == [
        f"{tmp_path / 'ascii' / 'words.txt'}, row 3 (a01-000u-00-01): its segmentation is marked err."
    ]


def test_rows_that_can_t_be_used_are_named(tmp_path: Path) -> None:
    write_iam(tmp_path)
    with (tmp_path / "ascii" / "lines.txt").open("a", encoding="utf-8") as table:
        table.write("c01-001-00 ok 1 2 3\nc01-001-01 ok 154 19 4 7 16 8 |\nc01-001-02 ok 154 19 4 7 16 8 lost|line\n")
        table.write("noform ok 154 19 4 7 16 8 text\na01-000u-09 ok 154 19 4 7 16 8 bad|one\n")
    write_text(tmp_path / "lines/a01/a01-000u/a01-000u-09.png", "no picture at all")
    read = read_lines(tmp_path)
    assert len(read.samples) == 3
    reasons = [(row.row.split(" (")[0], row.reason) for row in read.bad]
    assert [row for row, _ in reasons] == ["row 6", "row 7", "row 8", "row 9", "row 10"]
    expected = ("5 columns", "text is empty", "is not there", "names no form", "can't be read")
    assert all(words in reason for words, (_, reason) in zip(expected, reasons, strict=True))


def test_without_line_pictures_lines_are_cut_out_of_the_forms(tmp_path: Path) -> None:
    write_picture(tmp_path / "formsA-D" / "a01-000u.png", draw_page())
    rows = [
        f"a01-000u-0{n} ok 154 19 {' '.join(map(str, line_box(text, n)))} {text.replace(' ', '|')}\n"
        for n, text in enumerate(TEXTS)
    ]
    write_text(tmp_path / "lines.txt", "".join(rows) + "a01-000u-04 ok 154 19 -1 -1 -1 -1 no|box\n")
    read = read_lines(tmp_path)
    assert [sample.text for sample in read.samples] == list(TEXTS)
    assert all(ink_of(sample.image(RNG)) > 500 for sample in read.samples)
    assert [row.reason for row in read.bad] == ["it has no outline"]


def test_forms_with_xml_give_lines_and_words(tmp_path: Path) -> None:
    lines = read_lines(write_iam_forms(tmp_path))
    words = read_lines(tmp_path, "word")
    assert [sample.text for sample in lines.samples] == list(TEXTS)
    assert [sample.text for sample in words.samples] == [word for text in TEXTS for word in text.split()]
    assert {sample.writer for sample in lines.samples} == {"000"}
    assert lines.samples[0].width() > 3 * words.samples[0].width()


def test_iam_without_one_usable_line_says_why(tmp_path: Path) -> None:
    write_text(tmp_path / "lines.txt", "a01-000u-00 ok 154 19 4 7 16 8 a|line\n")
    with pytest.raises(SourceError, match=r"no line that can be used.*a01-000u\.png is there"):
        read_lines(tmp_path)


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("He|did|n't|,|he|said|;|we|'ll|see|...", "He didn't, he said; we'll see..."),
        ('"|Yes|"|,|"|no|"', '"Yes", "no"'),
        ("(|a|)|[|b|]|!", "(a) [b]!"),
        ("5|%|-|3|'", "5 % - 3 '"),
    ],
)
def test_tokens_are_joined_as_people_write(tokens: str, text: str) -> None:
    assert join_tokens(tokens.split("|")) == text

"""Pages with a .json of their lines: polygons or boxes, kinds, and what is wrong named."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.train.sources import read_lines
from tests.train.sources.layouts import TEXTS, draw_page, ink_of, line_box, write_picture, write_text

RNG = np.random.default_rng(0)


def row(number: int, **more: Any) -> dict[str, Any]:
    x, y, width, height = line_box(TEXTS[number], number)
    polygon = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return {"id": f"l{number}", "text": TEXTS[number], "polygon": polygon, "baseline": None, **more}


def boxed(number: int) -> dict[str, Any]:
    x, y, width, height = line_box(TEXTS[number], number)
    return row(number, bbox=[x, y, x + width, y + height], polygon=None)


def write(folder: Path, *rows: Any) -> Path:
    write_picture(folder / "page.png", draw_page())
    write_text(folder / "page.json", json.dumps(list(rows)))
    return folder


def test_polygons_and_boxes_are_cut_alike(tmp_path: Path) -> None:
    one = read_lines(write(tmp_path / "one", *map(row, range(3))))
    other = read_lines(write(tmp_path / "other", *map(boxed, range(3))))
    assert [sample.text for sample in one.samples] == [sample.text for sample in other.samples] == list(TEXTS)
    for a, b in zip(one.samples, other.samples, strict=True):
        assert (a.image(RNG) == b.image(RNG)).all()
    assert not one.bad
    assert {(sample.group, sample.writer) for sample in one.samples} == {("one", "page")}


def test_a_baseline_is_used_where_there_is_one(tmp_path: Path) -> None:
    x, y, width, _ = line_box(TEXTS[0], 0)
    read = read_lines(write(tmp_path, row(0, baseline=[[x, y + 42], [x + width, y + 42]]), row(0)))
    given, guessed = (sample.image(RNG) for sample in read.samples)
    assert abs(ink_of(given) - ink_of(guessed)) < 0.1 * ink_of(given)


def test_lines_keep_their_kind(tmp_path: Path) -> None:
    read = read_lines(write(tmp_path, row(0, type="text"), row(1, type="math"), row(2)))
    assert [sample.kind for sample in read.samples] == ["text", "math", ""]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"text": " "}, "its text is empty"),
        ({"text": None}, "its text is empty"),
        ({"polygon": "everywhere"}, "it has no outline"),
        ({"polygon": [[1, 2, 3]]}, "it has no outline"),
        ({"polygon": [[float("nan"), 1], [2, 3], [4, 5]]}, "it has no outline"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, more: dict[str, Any], reason: str) -> None:
    read = read_lines(write(tmp_path, row(0), row(1, **more)))
    assert [sample.text for sample in read.samples] == [TEXTS[0]]
    assert [(bad.row, bad.reason) for bad in read.bad] == [("line l1", reason)]


def test_other_json_files_and_missing_pictures_are_named(tmp_path: Path) -> None:
    write(tmp_path, row(0))
    write_text(tmp_path / "settings.json", "{}")
    write_text(tmp_path / "broken.json", "[")
    write_text(tmp_path / "lost.json", json.dumps([row(1)]))
    read = read_lines(tmp_path)
    assert len(read.samples) == 1
    reasons = {Path(bad.file).name: bad.reason for bad in read.bad}
    assert reasons["settings.json"] == "it is not a list of lines"
    assert reasons["broken.json"].startswith("it is not JSON")
    assert reasons["lost.json"] == "its picture lost.* is not there"

"""The sample pages hold what they promise, and the layout finds it in them."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.clean import CleanPage, clean_page
from pipeline.layout import Layout, lay_out
from pipeline.lines import find_lines

SAMPLES = Path(__file__).resolve().parent.parent / "assets" / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.jpg"))


def truth(name: str) -> list[dict]:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def picture(name: str) -> np.ndarray:
    return cv2.imread(str(SAMPLES / f"{name}.jpg"))


@cache
def laid_out(name: str) -> tuple[CleanPage, Layout]:
    page = clean_page(picture(name))
    return page, lay_out(page, find_lines(page))


def test_there_are_samples() -> None:
    assert len(NAMES) == 3


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_a_small_file_that_the_readme_names(name: str) -> None:
    assert (SAMPLES / f"{name}.jpg").stat().st_size < 600_000
    assert f"`{name}.jpg`" in (SAMPLES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_ground_truth_lies_on_the_ink(name: str) -> None:
    grey = cv2.cvtColor(picture(name), cv2.COLOR_BGR2GRAY)
    ink = grey < cv2.blur(grey, (101, 101)).astype(int) - 25
    lines = truth(name)
    assert len({line["id"] for line in lines}) == len(lines)
    for line in lines:
        inside = np.zeros(grey.shape, np.uint8)
        cv2.fillPoly(inside, [np.int32(line["polygon"])], 1)
        assert ink[inside > 0].mean() > 0.07, line["text"]
        xs = [x for x, _ in line["baseline"]]
        assert xs == sorted(xs)
        assert line["text"].strip() == line["text"] != ""


@pytest.mark.parametrize("name", NAMES)
def test_the_drawing_is_found_and_the_headings_and_list_items_around_it(name: str) -> None:
    layout = laid_out(name)[1]
    assert len(layout.figures) == 1
    kinds = [laid.kind for laid in layout.lines]
    assert kinds[0] == "heading"
    assert 2 <= kinds.count("heading") <= 3
    expected = sum(line["text"][0] in "•-1234" for line in truth(name))
    assert expected - 1 <= kinds.count("list_item") <= expected


@pytest.mark.parametrize("name", NAMES)
def test_text_lines_are_read_in_the_order_they_were_written(name: str) -> None:
    """Each wide line of the ground truth is found, one after the other."""
    page, layout = laid_out(name)
    found = [page.source_points(laid.line.baseline)[:, 1].mean() for laid in layout.lines]
    wide = [line for line in truth(name) if line["baseline"][-1][0] - line["baseline"][0][0] > 500]
    places = []
    for line in wide:
        middle = np.mean([y for _, y in line["baseline"]])
        places.append(int(np.argmin(np.abs(np.array(found) - middle))))
        assert abs(found[places[-1]] - middle) < 30, line["text"]
    assert places == sorted(set(places))


def test_the_script_says_which_font_is_missing(tmp_path: Path) -> None:
    command = [sys.executable, str(SAMPLES / "make_samples.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No nothing-you-could-do-latin-400-normal.woff2" in done.stderr

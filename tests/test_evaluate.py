import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import UnreadableFileError
from pipeline.evaluate import Evaluation, Score, evaluate_folder, format_evaluation
from tests.handmade import TEXT, page

SHARED_PAGES = Path(__file__).resolve().parents[2] / "shared" / "data" / "pages"


def _box(row: int, height: int = 90) -> list[list[int]]:
    top = 135 + 100 * row
    return [[100, top], [1200, top], [1200, top + height], [100, top + height]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "one.png"), page())
    truth = [{"id": str(row), "type": "text", "polygon": _box(row)} for row in range(7)]
    x0y0, _, x1y1, _ = _box(7)
    truth.append({"id": "7", "type": "math", "bbox": [*x0y0, *x1y1]})
    (tmp_path / "one.json").write_text(json.dumps(truth), encoding="utf-8")
    return tmp_path


def _finder(*outlines: list[list[int]]):
    return lambda pixels: [np.array(outline, float) for outline in outlines]


def test_the_true_outlines_score_full_marks(folder: Path) -> None:
    total = evaluate_folder(folder, _finder(*(_box(row) for row in range(7)))).total
    assert (total.recall, total.precision, total.fm) == (1, 1, 1)


def test_outlines_differ_freely_where_there_is_no_ink(folder: Path) -> None:
    assert evaluate_folder(folder, _finder(*(_box(row, height=94) for row in range(7)))).total.fm == 1


def test_half_a_line_is_not_found_and_two_lines_in_one_are_wrong(folder: Path) -> None:
    half = [[100, 135], [500, 135], [500, 225], [100, 225]]
    both = [[100, 335], [1200, 335], [1200, 525], [100, 525]]
    total = evaluate_folder(folder, _finder(half, both, _box(4))).total
    assert (total.true, total.found, total.matched) == (7, 3, 1)


def test_a_line_found_twice_counts_once(folder: Path) -> None:
    total = evaluate_folder(folder, _finder(_box(0), _box(0))).total
    assert (total.found, total.matched) == (2, 1)


def test_a_formula_need_not_be_found_and_does_no_harm_if_it_is(folder: Path) -> None:
    total = evaluate_folder(folder, _finder(_box(0), _box(7))).total
    assert (total.true, total.found, total.matched) == (7, 1, 1)


def test_shares_and_their_harmonic_mean() -> None:
    score = Score("page", true=10, found=8, matched=6)
    assert (score.recall, score.precision) == (0.6, 0.75)
    assert score.fm == pytest.approx(2 * 0.6 * 0.75 / 1.35)
    assert Score("nothing found", 3, 0, 0).fm == 0


def test_the_table_names_each_page_and_ends_with_the_total() -> None:
    rows = format_evaluation(Evaluation((Score("a", 4, 4, 4), Score("b", 4, 4, 2)))).splitlines()
    assert [row.split()[0] for row in rows] == ["page", "a", "b", "all"]
    assert rows[-1].split()[-3:] == ["75.0", "75.0", "75.0"]


def test_a_folder_without_pages_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="holds no pages"):
        evaluate_folder(tmp_path)
    (tmp_path / "lost.json").write_text("[]", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="no page image"):
        evaluate_folder(tmp_path)


def test_our_own_finder_does_well_on_a_drawn_page(folder: Path) -> None:
    assert evaluate_folder(folder).total.recall == 1
    assert len(TEXT) == 8


@pytest.mark.data
@pytest.mark.skipif(not SHARED_PAGES.is_dir(), reason="the shared handwriting is not beside the repository")
@pytest.mark.parametrize(("name", "least"), [("copiste_fr", 0.98), ("iam_forms_en", 0.989)])
def test_lines_of_real_pages_are_found(name: str, least: float) -> None:
    assert evaluate_folder(SHARED_PAGES / name).total.fm >= least


@pytest.mark.data
@pytest.mark.skipif(not SHARED_PAGES.is_dir(), reason="the shared handwriting is not beside the repository")
def test_text_lines_of_lecture_notes_are_found() -> None:
    assert evaluate_folder(SHARED_PAGES / "lecture_notes_en").total.recall >= 0.92

"""evaluate: how well lines are found."""

import json
from pathlib import Path

import pytest

from pipeline.cli import main
from tests.cli.helpers import page_image


def test_evaluate_prints_how_well_lines_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page_image(2).save(tmp_path / "page.png")
    boxes = [{"id": str(n), "bbox": [40, 30 + 60 * n, 400, 100 + 60 * n], "type": "text"} for n in (0, 1)]
    (tmp_path / "page.json").write_text(json.dumps(boxes))
    assert main(["evaluate", str(tmp_path)]) == 0
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last[:5] == ["all", "pages", "2", "2", "2"]
    assert main(["evaluate", str(tmp_path / "none")]) == 6


def test_evaluate_leaves_its_figures_in_a_file(tmp_path: Path) -> None:
    pages = tmp_path / "notes"
    pages.mkdir()
    page_image(2).save(pages / "page.png")
    boxes = [[40, 30, 400, 100], [40, 90, 400, 160], [450, 180, 590, 215]]
    (pages / "page.json").write_text(json.dumps([{"bbox": box} for box in boxes]))
    file = tmp_path / "figures.json"
    assert main(["evaluate", str(pages), "--json", str(file)]) == 0
    figures = {"set": "notes", "photos": None, "pages": 1, "lines": 3, "recall": 0.6667, "fm": 0.8}
    assert json.loads(file.read_text()) == [figures]


def test_evaluate_reads_the_pages_too_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page_image(1).save(tmp_path / "page.png")
    (tmp_path / "page.json").write_text(json.dumps([{"bbox": [40, 30, 400, 100], "text": "some words"}]))
    assert main(["evaluate", "--read", "--engine", "fake", str(tmp_path)]) == 0
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last == ["all", "pages", "10", "50.00", "50.00", "0.00", "0.00"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("[{", "is no JSON"),
        ("{}", "is no list of lines"),
        ('[{"text": "a"}]', "Line 1 in"),
        ('[{"bbox": [1, 2, 3]}]', "neither a polygon nor a bbox"),
        ("[1]", "neither a polygon nor a bbox"),
        ('[{"bbox": [40, 30, 400, 100]}]', "has no text to compare with"),
    ],
)
def test_truth_that_is_none_is_told_in_a_sentence(
    told: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page_image(1).save(tmp_path / "page.png")
    (tmp_path / "page.json").write_text(told)
    assert main(["evaluate", "--read", "--engine", "fake", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err


def test_photos_that_are_not_made_cannot_be_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["evaluate", str(tmp_path), "--keep", str(tmp_path / "kept")])
    assert stopped.value.code == 2
    assert "--photos" in capsys.readouterr().err


def test_photos_of_several_folders_are_kept_apart(tmp_path: Path) -> None:
    for folder in ("a/pages", "b/pages"):
        (tmp_path / folder).mkdir(parents=True)
        page_image(2).save(tmp_path / folder / "page.png")
        boxes = [{"bbox": [40, 30 + 60 * n, 400, 100 + 60 * n], "type": "text"} for n in (0, 1)]
        (tmp_path / folder / "page.json").write_text(json.dumps(boxes))
    kept = tmp_path / "kept"
    folders = [str(tmp_path / folder) for folder in ("a/pages", "b/pages")]
    assert main(["evaluate", *folders, "--photos", "easy", "--keep", str(kept)]) == 0
    assert sorted(path.name for path in kept.iterdir()) == ["pages", "pages-2"]
    assert (kept / "pages-2" / "page.jpg").is_file()

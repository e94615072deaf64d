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


def test_evaluate_reads_the_pages_too_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page_image(1).save(tmp_path / "page.png")
    (tmp_path / "page.json").write_text(json.dumps([{"bbox": [40, 30, 400, 100], "text": "some words"}]))
    assert main(["evaluate", "--read", "--engine", "fake", str(tmp_path)]) == 0
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last == ["all", "pages", "10", "50.00", "50.00", "0.00", "0.00"]

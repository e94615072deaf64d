"""infer: a row a line, or a JSON object."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.cli import main
from pipeline.document import Transcription


def test_infer_prints_a_row_a_line(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infer", str(photo), str(photo)]) == 0
    assert capsys.readouterr().out == f"{photo}\tsome words read\t0.877\n" * 2


def test_each_page_of_a_file_is_a_line(scan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infer", str(scan)]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows == [f"{scan}, page {page}\tsome words read\t0.877" for page in (1, 2)]
    assert main(["infer", "--json", str(scan)]) == 0
    assert [json.loads(row)["page"] for row in capsys.readouterr().out.splitlines()] == [1, 2]


def test_infer_reads_the_pictures_of_a_folder_in_the_order_of_their_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("line10.png", "line2.PNG", ".hidden.png", "a.jpg"):
        Image.new("L", (300, 60), 255).save(tmp_path / name)
    (tmp_path / "labels.tsv").write_text("no picture")
    assert main(["infer", str(tmp_path)]) == 0
    files = [Path(row.split("\t")[0]).name for row in capsys.readouterr().out.splitlines()]
    assert files == ["a.jpg", "line2.PNG", "line10.png"]


def test_more_lines_than_a_batch_come_in_order(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(labelled / "images" / f"{number % 5}.png") for number in range(40)]
    assert main(["infer", *files]) == 0
    assert [row.split("\t")[0] for row in capsys.readouterr().out.splitlines()] == files


def test_infer_goes_on_after_a_bad_image(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    assert main(["infer", str(tmp_path / "bad.png"), str(photo), str(tmp_path / "none.png")]) == 1
    said = capsys.readouterr()
    assert said.out == f"{photo}\tsome words read\t0.877\n"
    assert "bad.png is neither" in said.err
    assert "none.png is not there" in said.err


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [("bad.png", 2, "is neither"), ("none.png", 6, "is not there"), ("empty", 6, "no pictures")],
)
def test_one_kind_of_trouble_has_its_own_exit_code(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, code: int, words: str
) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    (tmp_path / "empty").mkdir()
    assert main(["infer", "--json", str(tmp_path / name), str(photo)]) == code
    failed, read = map(json.loads, capsys.readouterr().out.splitlines())
    assert failed["file"] == str(tmp_path / name)
    assert words in failed["error"]
    told = asdict(Transcription("some\twords\nread", 0.87654, "fake"))
    assert read == json.loads(json.dumps({"file": str(photo), **told}))


def test_a_whole_page_is_read_and_the_right_command_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(np.full((900, 700), 255, np.uint8)).save(tmp_path / "page.png")
    assert main(["infer", str(tmp_path / "page.png")]) == 0
    said = capsys.readouterr()
    assert "some words read" in said.out
    assert "looks like a page" in said.err
    assert "digitize" in said.err


def test_a_strange_file_name_can_t_break_a_row(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strange = photo.rename(photo.with_name("a\tb\nc\udcff.png"))
    assert main(["infer", str(strange)]) == 0
    out = capsys.readouterr().out
    assert out.count("\t") == 2
    assert out.count("\n") == 1
    assert r"a\tb\nc\udcff.png" in out
    assert main(["infer", "--json", str(strange)]) == 0
    assert json.loads(capsys.readouterr().out)["file"] == str(strange)

"""validate: error rates a set, as a table, as JSON and as a page."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline.cli import main
from pipeline.document import Transcription
from tests.cli.helpers import FakeEngine, page_image


def test_validate_prints_error_rates_a_set(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--data", str(labelled)]) == 0
    header, row, speed = capsys.readouterr().out.splitlines()
    assert header.split() == ["set", "lines", "writers", "CER", "%", "(95", "%)", "WER", "%", "(95", "%)"]
    assert row.split() == [str(labelled), "5", "1", "7.14", "7.14", "-", "7.14", "33.33", "33.33", "-", "33.33"]
    assert "lines/s" in speed


def test_validate_of_several_sets_ends_with_all_lines_and_the_mean(
    labelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", "--data", str(labelled), str(labelled.parent / ".." / "set" / "dev")]) == 0
    total, mean = capsys.readouterr().out.splitlines()[-3:-1]
    assert total.split()[:5] == ["all", "lines", "10", "2", "7.14"]
    assert mean == "mean of the sets: CER 7.14 %, WER 33.33 %"


def test_a_report_and_json_are_written_whole_and_into_new_folders(labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    files = ["--report", str(out / "report.html"), "--json", str(out / "report.json")]
    assert main(["validate", "--data", str(labelled), *files]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "report.json"]
    record = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert (record["engine"], record["settings"]["data"]) == ("fake", [str(labelled)])
    (part,) = record["sets"]
    assert part["by_line"][0] == {
        "file": "0.png", "writer": "w1", "truth": "some word read", "read": "some words read", "confidence": 0.8765,
        "edits": 1,
    }  # fmt: skip
    assert part["by_writer"] == [
        {"writer": "w1", "lines": 5, "cer": pytest.approx(1 / 14), "wer": pytest.approx(1 / 3), "confidence": 0.87654}
    ]
    assert (out / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_broken_image_is_named_and_left_out(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = labelled / "images" / "3.png"
    whole = bytearray(picture.read_bytes())
    whole[60:-60] = bytes(len(whole) - 120)  # header and end are right, the pixels are not
    picture.write_bytes(whole)
    assert main(["validate", "--data", str(labelled), "--json", str(tmp_path / "all.json")]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[1].split()[1] == "4"
    assert "left out, because they can't be used: 1" in said.out
    assert "3.png" in said.err
    (part,) = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))["sets"]
    assert "3.png" in part["bad"][0]


def test_a_bad_row_is_named_and_left_out(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (labelled / "labels.tsv").open("a", encoding="utf-8") as labels:
        labels.write("\nnone.png\tw1\ttext of an image that is missing\n")
    assert main(["validate", "--data", str(labelled)]) == 0
    said = capsys.readouterr()
    assert "none.png" in said.err
    assert "left out, because they can't be used: 1" in said.out


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A page with two lines of text and a formula, as a picture and a list of its lines."""
    folder = tmp_path / "pages"
    folder.mkdir()
    page_image(3).save(folder / "a.png")
    lines = [
        {
            "id": str(number),
            "type": kind,
            "bbox": [40, 40 + 60 * number, 560, 98 + 60 * number],
            "text": "some word read",
        }
        for number, kind in enumerate(("text", "math", "text"))
    ]
    (folder / "a.json").write_text(json.dumps(lines))
    return folder


@pytest.mark.parametrize(("kinds", "lines"), [([], "3"), (["--kinds", "text"], "2"), (["--kinds", "math, text"], "3")])
def test_lines_of_pages_are_measured_by_kind(
    pages: Path, capsys: pytest.CaptureFixture[str], kinds: list[str], lines: str
) -> None:
    assert main(["validate", "--data", str(pages), *kinds]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[1] == lines


def test_kinds_that_are_not_there_are_told_from_those_that_are(
    pages: Path, labelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, there in ((pages, "math, text"), (labelled, "no kind at all")):
        assert main(["validate", "--data", str(folder), "--kinds", "prose"]) == 6
        assert f"no lines of the kind prose. Its lines are of: {there}." in capsys.readouterr().err


def test_ctrl_c_says_how_far_it_came_and_writes_nothing(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = FakeEngine.transcribe
    calls: list[int] = []

    def interrupt_the_second(self: FakeEngine, crops: Sequence[np.ndarray]) -> list[Transcription]:
        calls.append(len(crops))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return read(self, crops)

    monkeypatch.setattr(FakeEngine, "transcribe", interrupt_the_second)
    files = ["--report", str(tmp_path / "a.html"), "--json", str(tmp_path / "a.json")]
    assert main(["validate", "--data", str(labelled), str(labelled), *files]) == 130
    assert "Stopped. 5 of 10 lines were read, CER 7.14 % so far. Nothing was written." in capsys.readouterr().err
    assert not list(tmp_path.glob("a.*"))


def test_a_report_that_can_t_be_written_is_told_before_reading(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeEngine, "transcribe", None)
    assert main(["validate", "--data", str(labelled), "--report", str(tmp_path)]) == 11
    assert "is a folder" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["validate", "--data", str(labelled), "--json", str(tmp_path / "file" / "a.json")]) == 11
    assert "can't be made" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("labels", "words"),
    [(None, "holds no labelled lines that Inkline knows"), ("", "holds no labelled lines"),
     ("a.png\tw1\twords", "the image is not there: a.png"), ("no tabs at all", "it has 1 column")],
)  # fmt: skip
def test_a_folder_without_usable_lines_gets_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], labels: str | None, words: str
) -> None:
    if labels is not None:
        (tmp_path / "labels.tsv").write_text(labels)
    for command in (["validate"], ["train", "--out", str(tmp_path / "model")]):
        assert main([*command, "--data", str(tmp_path)]) == 6
        assert words in capsys.readouterr().err

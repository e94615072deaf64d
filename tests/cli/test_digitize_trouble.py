"""digitize where something is wrong: what it says, what it keeps, and its exit codes."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.cli import common
from pipeline.document import Transcription
from pipeline.errors import EngineError
from tests.cli.helpers import FakeEngine, digitize, page_image, written


@pytest.fixture
def half_damaged(tmp_path: Path) -> Path:
    """A TIFF of three pages, the second of which is damaged."""
    path = tmp_path / "half.tif"
    rest = [page_image(2).convert("L"), page_image(1).convert("L")]
    page_image(1).convert("L").save(path, save_all=True, append_images=rest, compression="tiff_adobe_deflate")
    data = bytearray(path.read_bytes())
    with Image.open(path) as image:
        image.seek(1)
        start = image.tag_v2[273][0]
    data[start : start + 60] = bytes(60)
    path.write_bytes(data)
    return path


def test_a_bad_page_is_named_and_the_others_are_written(
    half_damaged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert digitize(half_damaged, "--out", tmp_path / "out", "--format", "json") == 3
    assert f"Page 2 of {half_damaged} is damaged" in capsys.readouterr().err
    pages = json.loads((tmp_path / "out" / "half.json").read_text(encoding="utf-8"))["pages"]
    assert [len(page["lines"]) for page in pages] == [1, 0, 1]
    assert "error" in pages[1]


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [("empty.pdf", b"", 2, "has 0 bytes"), ("a.docx", b"PK\x03\x04", 2, "a Word, Office or zip file"),
     ("none.png", None, 6, "is not there"), ("ftp://host/a.pdf", None, 6, "must begin with http")],
)  # fmt: skip
def test_a_bad_file_is_named_and_does_not_stop_the_rest(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    name: str, content: bytes | None, code: int, words: str,
) -> None:  # fmt: skip
    bad = tmp_path / name
    if content is not None:
        bad.write_bytes(content)
    given = name if "://" in name else bad
    assert digitize(given, photo, "--out", tmp_path / "out", "--format", "txt") == code
    assert f"{given}" in (said := capsys.readouterr().err)
    assert words in said
    assert written(tmp_path / "out") == ["photo.txt"]


def test_several_kinds_of_trouble_end_with_1(tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").write_bytes(b"")
    assert digitize(tmp_path / "empty.pdf", tmp_path / "none.pdf", "--out", tmp_path / "out") == 1


def test_a_file_of_which_no_page_is_read_leaves_no_document(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: FakeEngine, crops: Sequence[np.ndarray]) -> list[Transcription]:
        raise EngineError("The model is gone.")

    monkeypatch.setattr(FakeEngine, "transcribe", fail)
    assert digitize(photo, "--out", tmp_path / "out") == 3
    assert written(tmp_path / "out") == []
    assert "The model is gone." in capsys.readouterr().err


def test_a_password_opens_a_pdf_and_its_absence_names_the_option(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=scan)
    writer.encrypt("open sesame", algorithm="RC4-128")
    writer.write(scan)
    assert digitize(scan, "--out", tmp_path / "out") == 4
    assert "--password" in capsys.readouterr().err
    assert digitize(scan, "--out", tmp_path / "out", "--password", "open sesame", "--format", "txt") == 0
    assert written(tmp_path / "out") == ["scan.txt"]


def test_an_out_folder_that_is_a_file_gets_a_sentence(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert digitize(photo, "--out", photo) == 11
    assert "can't be made" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--format", "docx,odt"], "there is no format odt. Choose among docx, docx-beside, pdf,"),
     (["--format", ""], "there is no format ''"), (["--dpi", "0"], "from 50 to 1200"), (["--dpi", "many"], "'many'"),
     (["--colour"], "unrecognized arguments: --colour")],
)  # fmt: skip
def test_a_wrong_option_is_told_the_right_ones(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        digitize(photo, "--out", tmp_path, *arguments)
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err


def test_ctrl_c_ends_with_130_and_a_sentence(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: FakeEngine, crops: Sequence[np.ndarray]) -> list[Transcription]:
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeEngine, "transcribe", interrupt)
    assert digitize(photo, "--out", tmp_path / "out") == 130
    assert "Stopped. Documents that were finished are kept." in capsys.readouterr().err


def test_an_unexpected_fault_ends_with_70_and_shows_a_traceback_only_with_debug(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common, "load_engine", lambda name, settings: 1 / 0)
    assert digitize(photo, "--out", tmp_path) == 70
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "--debug" in said
    assert "Traceback" not in said
    assert digitize(photo, "--out", tmp_path, "--debug") == 70
    assert "Traceback" in capsys.readouterr().err

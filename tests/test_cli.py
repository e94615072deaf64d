"""The commands of the shell: what they write, what they say, and their exit codes."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline import cli
from pipeline.cli import common, main
from pipeline.document import Transcription
from pipeline.engines import Choice
from pipeline.errors import EngineError


class FakeEngine:
    """Reads every line as the same words, with a tab and a line break that must not break a row."""

    name = "fake"

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        assert all(crop.ndim == 2 for crop in crops)
        return [Transcription("some\twords\nread", 0.87654, self.name) for _ in crops]


@pytest.fixture(autouse=True)
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common, "choose_engine", lambda name, settings: Choice(name, "It is a test."))
    monkeypatch.setattr(common, "load_engine", lambda name, settings: FakeEngine())


def page_image(lines: int = 2) -> Image.Image:
    pixels = np.full((100 + 60 * lines, 600, 3), 255, np.uint8)
    for number in range(lines):
        cv2.putText(
            pixels, "handwriting", (60, 80 + 60 * number), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.2, (60, 30, 30), 2
        )
    return Image.fromarray(pixels)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    page_image().save(tmp_path / "photo.png", dpi=(150, 150))
    return tmp_path / "photo.png"


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    page_image().save(tmp_path / "scan.pdf", save_all=True, append_images=[page_image(3)], resolution=100)
    return tmp_path / "scan.pdf"


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def digitize(*arguments: object) -> int:
    return main(["digitize", *map(str, arguments)])


def test_each_file_becomes_a_document_of_each_format(photo: Path, scan: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    assert digitize(photo, scan, "--out", out) == 0
    assert written(out) == ["photo.docx", "photo.json", "photo.txt", "scan.docx", "scan.json", "scan.txt"]
    assert zipfile.is_zipfile(out / "scan.docx")
    assert "some words read" in (out / "photo.txt").read_text(encoding="utf-8")


def test_the_json_has_the_layout_that_was_promised(scan: Path, tmp_path: Path) -> None:
    assert digitize(scan, "--out", tmp_path, "--format", "json", "--dpi", "150") == 0
    document = json.loads((tmp_path / "scan.json").read_text(encoding="utf-8"))
    assert set(document) == {"name", "pages"}
    assert document["name"] == "scan"
    first, second = document["pages"]
    assert set(first) == {"index", "width", "height", "dpi", "skew_degrees", "lines", "figures"}
    assert [first["index"], first["width"], first["height"], first["dpi"]] == [0, 900, 330, 150]
    assert (len(first["lines"]), len(second["lines"])) == (2, 3)
    line = first["lines"][0]
    assert set(line) == {"id", "polygon", "baseline", "text", "confidence", "kind"}
    assert line["text"] == "some words read"
    assert line["confidence"] == pytest.approx(0.8765, abs=1e-4)
    assert all(0 <= x <= 900 and 0 <= y <= 330 for x, y in line["polygon"] + line["baseline"])


def test_only_the_formats_asked_for_are_written(photo: Path, tmp_path: Path) -> None:
    assert digitize(photo, "--out", tmp_path / "out", "--format", "TXT, .json,txt") == 0
    assert written(tmp_path / "out") == ["photo.json", "photo.txt"]


def test_inputs_of_the_same_stem_are_numbered_and_old_documents_replaced(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = photo.with_suffix(".jpg")
    page_image(1).save(other)
    third = photo.rename(tmp_path / "b" / "Photo.png")
    out = tmp_path / "out"
    out.mkdir()
    (out / "photo.txt").write_text("old")
    assert digitize(other, third, third, "--out", out, "--format", "txt") == 0
    assert written(out) == ["Photo-2.txt", "Photo-3.txt", "photo.txt"]
    assert (out / "photo.txt").read_text(encoding="utf-8").startswith("some words read")


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


def test_the_reader_and_the_reason_are_said_once(
    photo: Path, scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digitize(photo, scan, "--out", tmp_path / "out")
    assert capsys.readouterr().err.splitlines() == ["Reader: fake. It is a test."]


def test_an_address_is_fetched_and_read(photo: Path, tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(photo.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/photo.png"
        assert digitize(address, photo, "--out", tmp_path / "out", "--format", "txt") == 0
        server.shutdown()
    assert written(tmp_path / "out") == ["photo-2.txt", "photo.txt"]


def test_a_terminal_sees_a_progress_bar(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert digitize(scan, "--out", tmp_path / "out") == 0
    said = capsys.readouterr().err
    assert "page 2: transcribe 3/3 lines" in said
    assert "2/2" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--format", "docx,odt"], "there is no format odt. Choose among docx, txt, json."),
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


def test_infer_prints_a_row_a_line(photo: Path, scan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infer", str(photo), str(scan), str(photo)]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{path}\tsome words read\t0.877" for path in (photo, scan, photo)]


def test_infer_goes_on_after_a_bad_image(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    assert main(["infer", str(tmp_path / "bad.png"), str(photo), str(tmp_path / "none.png")]) == 1
    said = capsys.readouterr()
    assert said.out == f"{photo}\tsome words read\t0.877\n"
    assert "bad.png is neither" in said.err
    assert "none.png is not there" in said.err


def test_a_strange_file_name_can_t_break_a_row(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strange = photo.rename(photo.with_name("a\tb\nc\udcff.png"))
    assert main(["infer", str(strange)]) == 0
    out = capsys.readouterr().out
    assert out.count("\t") == 2
    assert out.count("\n") == 1
    assert r"a\tb\nc\udcff.png" in out


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Five labelled lines."""
    folder = tmp_path / "set" / "dev"
    (folder / "images").mkdir(parents=True)
    for number in range(5):
        page_image(1).convert("L").crop((40, 20, 400, 110)).save(folder / "images" / f"{number}.png")
    rows = [f"{number}.png\tw1\tsome word read" for number in range(5)]
    (folder / "labels.tsv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def test_validate_prints_error_rates_a_set(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--data", str(labelled)]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["set", "lines", "CER", "%", "WER", "%"]
    assert row.split() == [str(labelled), "5", "7.14", "33.33"]


def test_validate_of_several_sets_ends_with_their_mean(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--data", str(labelled), str(labelled.parent / ".." / "set" / "dev")]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["mean", "10", "7.14", "33.33"]


@pytest.mark.parametrize(
    ("labels", "words"),
    [(None, "holds neither"), ("", "no labelled lines"), ("a.png\tw1\twords", "which is not there"),
     ("no tabs at all", "can't be read as labelled lines")],
)  # fmt: skip
def test_a_folder_without_usable_lines_gets_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], labels: str | None, words: str
) -> None:
    if labels is not None:
        (tmp_path / "labels.tsv").write_text(labels)
    for command in (["validate"], ["train", "--out", str(tmp_path / "model")]):
        assert main([*command, "--data", str(tmp_path)]) == 6
        assert words in capsys.readouterr().err


def test_train_makes_a_model_that_reads(
    labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "model"
    options = ["--epochs", "1", "--batch-size", "2", "--seed", "1", "--learning-rate", "0.001"]
    assert main(["train", "--data", str(labelled), "--dev", str(labelled), "--out", str(model), *options]) == 0
    assert {"model.onnx", "model.json"} <= set(written(model))
    assert json.loads((model / "model.json").read_text(encoding="utf-8"))["recipe"]["batch_size"] == 2
    capsys.readouterr()
    monkeypatch.undo()
    assert main(["infer", "--engine", str(model), str(labelled / "images" / "0.png")]) == 0
    assert capsys.readouterr().out.count("\t") == 2


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "2", "fast"])
def test_a_learning_rate_out_of_range_is_refused(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--data", "x", "--out", "y", f"--learning-rate={rate}"])
    assert "is not a number above 0" in capsys.readouterr().err


def test_evaluate_prints_how_well_lines_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page_image(2).save(tmp_path / "page.png")
    boxes = [{"id": str(n), "bbox": [40, 30 + 60 * n, 400, 100 + 60 * n], "type": "text"} for n in (0, 1)]
    (tmp_path / "page.json").write_text(json.dumps(boxes))
    assert main(["evaluate", str(tmp_path)]) == 0
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last[:5] == ["all", "pages", "2", "2", "2"]
    assert main(["evaluate", str(tmp_path / "none")]) == 6


def test_the_module_runs_and_lists_its_commands() -> None:
    done = subprocess.run([sys.executable, "-m", "pipeline", "--help"], capture_output=True, text=True, check=True)
    for command in ("digitize", "infer", "train", "validate", "evaluate"):
        assert command in done.stdout
    assert cli.EPILOG in done.stdout

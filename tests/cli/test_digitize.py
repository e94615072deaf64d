"""digitize: the documents it writes, and what it says meanwhile."""

import json
import sys
import zipfile
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from pipeline.cli import digitize as cli_digitize
from pipeline.ingest import PageImage, Source
from tests.cli.helpers import digitize, page_image, written


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
    told = {"id", "polygon", "baseline", "text", "confidence", "kind", "level", "paragraph", "checked", "reader"}
    assert set(line) == told
    assert line["text"] == "some words read"
    assert line["confidence"] == pytest.approx(0.8765, abs=1e-4)
    assert all(0 <= x <= 900 and 0 <= y <= 330 for x, y in line["polygon"] + line["baseline"])


def test_each_page_is_drawn_once_however_many_formats_show_it(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    whole = cli_digitize.open_pages

    def counting(*arguments: Any, **options: Any) -> Source:
        source = whole(*arguments, **options)

        def read(index: int) -> PageImage:
            drawn.append(index)
            return source.read(index)

        return replace(source, read=read)

    monkeypatch.setattr(cli_digitize, "open_pages", counting)
    assert digitize(scan, "--out", tmp_path, "--format", "docx-beside,pdf,page,alto") == 0
    assert drawn == [0, 1]
    with zipfile.ZipFile(tmp_path / "scan.page.zip") as archive:
        assert sorted(archive.namelist())[1::2] == ["page-0001.xml", "page-0002.xml"]
        assert "problems.txt" not in archive.namelist()


def test_a_file_with_the_longest_name_gets_its_documents(tmp_path: Path) -> None:
    page_image().save(tmp_path / f"{'x' * 251}.png")
    out = tmp_path / "out"
    assert digitize(tmp_path / f"{'x' * 251}.png", "--out", out, "--format", "docx-beside") == 0
    assert written(out) == [f"{'x' * 200}.beside.docx"]


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

"""digitize --debug DIR: a picture of each stage."""

from pathlib import Path

from tests.cli.helpers import digitize, written


def test_debug_with_a_folder_writes_pictures_of_each_page(scan: Path, tmp_path: Path) -> None:
    out, stages = tmp_path / "out", tmp_path / "stages" / "new"
    assert digitize(scan, "--out", out, "--format", "txt", "--debug", stages) == 0
    names = ["1-source", "2-cleaned", "3-ink", "4-ridges", "5-lines", "6-kinds"]
    assert written(stages) == [f"scan-page{page}-{name}.jpg" for page in (1, 2) for name in names]
    assert written(out) == ["scan.txt"]


def test_debug_without_a_folder_writes_no_pictures(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert digitize(photo, "--out", out, "--format", "txt", "--debug") == 0
    assert written(out) == ["photo.txt"]


def test_a_debug_folder_that_is_a_file_is_said_in_words(photo: Path, tmp_path: Path) -> None:
    assert digitize(photo, "--out", tmp_path / "out", "--format", "txt", "--debug", photo) == 11

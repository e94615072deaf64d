import io
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import ExportError
from pipeline.export.archive import file_name, write_archive
from tests.export.pages import RED, document, line, page


def test_each_document_is_a_file_and_none_covers_another() -> None:
    file = io.BytesIO()
    named = {"a": "Notes", "b": "notes", "c": "x/y"}
    documents = [document(page(line(0, text)), name=name) for text, name in named.items()]
    write_archive(file, documents, "txt", RED)
    with zipfile.ZipFile(file) as archive:
        read = {name: archive.read(name).decode().strip() for name in archive.namelist()}
    assert read == {"Notes.txt": "a", "notes-2.txt": "b", "x y.txt": "c"}


def test_archives_lie_whole_in_the_archive_and_the_longest_names_fit_a_file_system(tmp_path: Path) -> None:
    file = io.BytesIO()
    write_archive(file, [document(page(line(0, text)), name="é" * 300) for text in ("a", "b")], "page", RED)
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path)
        assert archive.testzip() is None
    parts = sorted(tmp_path.iterdir())
    assert len(parts) == 2
    for part in parts:
        assert zipfile.ZipFile(part).testzip() is None


def test_an_unknown_format_is_refused_before_anything_is_written() -> None:
    file = io.BytesIO()
    with pytest.raises(ExportError, match="wav"):
        write_archive(file, [document()], "wav", RED)
    assert not file.getvalue()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Biology 4", "Biology 4"),
        ("../../etc/passwd", "etc passwd"),
        ('a:b*c?"d"<e>|f\\g\r\nh', "a b c d e f g h"),
        (" . ", "document"),
        ("é" * 300, "é" * 100),
        ("\U0001f600" * 300, "\U0001f600" * 50),
    ],
)
def test_names_of_documents_become_names_of_files(name: str, safe: str) -> None:
    assert file_name(name) == safe

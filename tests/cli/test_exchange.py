"""`export` and `import`, over a real store in an empty folder."""

import zipfile
from pathlib import Path

import docx
import pytest

from pipeline.cli import bring, main
from pipeline.document import Document
from pipeline.settings import read_settings
from pipeline.store import Store, open_store
from tests.cli.helpers import written
from tests.store.helpers import page, picture


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("INKLINE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return open_store(read_settings())


def keep(store: Store, name: str, *texts: str) -> str:
    return store.create_finished_document(Document(name, (page(texts=texts or ("text",)),)), [picture()])


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def test_documents_named_by_id_are_written_in_every_format_asked_for(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = keep(store, "Botany", "leaf")
    keep(store, "Algebra")
    out = tmp_path / "out"
    assert run("export", "--format", "docx,txt", "--out", out, wanted) == 0
    assert written(out) == ["Botany.docx", "Botany.txt"]
    assert docx.Document(str(out / "Botany.docx")).paragraphs[0].text == "leaf"
    assert capsys.readouterr().out.splitlines() == [f"{out}/Botany.docx", f"{out}/Botany.txt"]


def test_all_documents_get_files_of_their_own(store: Store, tmp_path: Path) -> None:
    for name in ("Notes", "notes", "a/b"):
        keep(store, name)
    assert run("export", "--all", "--format", "txt", "--out", tmp_path / "out") == 0
    assert sorted(name.casefold() for name in written(tmp_path / "out")) == ["a b.txt", "notes-2.txt", "notes.txt"]


def test_files_that_are_there_stay_and_the_new_ones_are_numbered(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(store, "Botany", "new")
    (tmp_path / "Botany.txt").write_text("mine")
    for _ in range(2):
        assert run("export", "--all", "--format", "txt,json", "--out", tmp_path) == 0
    assert (tmp_path / "Botany.txt").read_text() == "mine"
    assert [(tmp_path / f"Botany-{n}.txt").read_text().strip() for n in (2, 3)] == ["new", "new"]
    assert not (tmp_path / "Botany.json").exists()
    assert f"{tmp_path}/Botany is there already and stays: this one is called Botany-2." in capsys.readouterr().err


def test_a_name_longer_than_file_systems_allow_is_cut(store: Store, tmp_path: Path) -> None:
    for _ in range(2):
        keep(store, "\N{SLIGHTLY SMILING FACE}" * 300)
    assert run("export", "--all", "--format", "docx-beside,page", "--out", tmp_path / "out") == 0
    assert len(written(tmp_path / "out")) == 4


def test_the_whole_library_goes_into_one_archive_and_comes_back(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(store, "Botany", "leaf")
    keep(store, "Algebra")
    path = tmp_path / "new" / "library.zip"
    assert run("export", "--all", "--archive", path) == 0
    assert run("export", "--all", "--archive", path) == 11
    assert "is there already" in capsys.readouterr().err
    assert run("import", path) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert sorted(summary.name for summary in store.list_documents()) == ["Algebra", "Algebra", "Botany", "Botany"]
    assert written(tmp_path / "new") == ["library.zip"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--all", "--archive", "a.zip", "--format", "txt"), "leave out --format"),
        (("--all", "--archive", "a.zip", "--out", "out"), "leave out --format and --out"),
        (("--all", "some-id"), "--all is every document"),
    ],
)
def test_options_that_would_be_passed_over_are_refused(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    words: str,
) -> None:
    keep(store, "Botany")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SystemExit) as stopped:
        run("export", *options)
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_a_page_that_has_lost_its_picture_is_exported_and_imported_with_its_text(store: Store, tmp_path: Path) -> None:
    document_id = keep(store, "Botany", "leaf")
    store.blob_path(store.get_page(document_id, 0).image).unlink()
    assert run("export", "--all", "--format", "page,alto", "--out", tmp_path) == 0
    assert run("import", tmp_path / "Botany.page.zip", tmp_path / "Botany.alto.zip") == 0
    others = [summary.id for summary in store.list_documents() if summary.id != document_id]
    assert [store.get_page(other, 0).lines[0].text for other in others] == ["leaf", "leaf"]


def test_a_fault_with_one_file_does_not_keep_the_others_from_coming_in(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("export", "--format", "page", "--out", tmp_path, keep(store, "Botany")) == 0
    take_in = bring.take_in

    def faulty(path: Path, *others: object) -> object:
        if path.name == "bad.zip":
            raise ZeroDivisionError("by zero")
        return take_in(path, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(bring, "take_in", faulty)
    assert run("import", tmp_path / "bad.zip", tmp_path / "Botany.page.zip") == 70
    assert "bad.zip met a fault in Inkline (ZeroDivisionError: by zero)." in capsys.readouterr().err
    assert len(store.list_documents()) == 2


def test_a_list_tells_the_ids(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    document_id = keep(store, "Botany")
    assert run("export", "--list") == 0
    [row] = capsys.readouterr().out.splitlines()
    told = row.split("\t")
    assert (told[0], told[2], told[3]) == (document_id, "1", "Botany")


def test_a_wrong_id_does_not_keep_the_others_from_being_written(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = keep(store, "Botany")
    assert run("export", "--format", "txt", "--out", tmp_path / "out", "nothing", right) == 8
    assert written(tmp_path / "out") == ["Botany.txt"]
    assert "nothing: There is no such document" in capsys.readouterr().err


def test_nothing_to_export_is_said(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export") == 6
    assert "--list" in capsys.readouterr().err


@pytest.mark.parametrize("format", ["page", "alto"])
def test_what_was_exported_is_imported(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    first = keep(store, "Botany", "leaf", "root and stem")
    assert run("export", "--format", format, "--out", tmp_path / "out", first) == 0
    capsys.readouterr()
    assert run("import", tmp_path / "out" / f"Botany.{format}.zip") == 0
    document_id, pages, lines = capsys.readouterr().out.strip().split("\t")
    assert (pages, lines) == ("1", "2")
    assert store.get_summary(document_id).name == "Botany"
    assert [line.text for line in store.get_page(document_id, 0).lines] == ["leaf", "root and stem"]


def test_what_cannot_be_imported_is_named_and_the_rest_comes_in(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", "--format", "page", "--out", tmp_path, keep(store, "Botany")) == 0
    with zipfile.ZipFile(tmp_path / "Botany.page.zip", "a") as archive:
        archive.writestr("page-0002.xml", archive.read("page-0001.xml").replace(b"page-0001.", b"lost."))
    (tmp_path / "odd.xml").write_text("<svg/>")
    assert run("import", tmp_path / "nothing", tmp_path / "odd.xml", tmp_path / "Botany.page.zip") == 1
    told = capsys.readouterr()
    assert "odd.xml: it is neither PAGE XML nor ALTO (<svg>).\n" in told.err
    assert told.err.count("odd.xml") == 1
    assert len(told.out.splitlines()) == 2  # the exported path, the imported document
    assert "nothing is not there." in told.err
    assert "page-0002.xml: its picture lost.png is not there." in told.err

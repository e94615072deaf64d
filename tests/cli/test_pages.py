"""`pages`, over a real store in an empty folder."""

from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.document import Document
from pipeline.settings import read_settings
from pipeline.store import Store, open_store
from tests.store.helpers import finished, page, picture
from tests.test_ingest_pdf import locked, scan


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("INKLINE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return open_store(read_settings())


@pytest.fixture
def document_id(store: Store) -> str:
    return store.create_finished_document(Document("Notes", tuple(page(n, [f"p{n}"] * n) for n in range(3))), [b""] * 3)


def lines(store: Store, document_id: str) -> list[int]:
    return [page.lines for page in store.list_pages(document_id)]


def test_pages_are_listed_moved_deleted_and_brought_back(
    store: Store, document_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pages", document_id]) == 0
    assert capsys.readouterr().out == "1\t0\t0\t\n2\t1\t0\t\n3\t2\t0\t\n"
    assert main(["pages", document_id, "--move", "3", "1"]) == 0
    assert capsys.readouterr().out.startswith("Page 3 moved to 1\n1\t2\t0\t\n")
    assert main(["pages", document_id, "--delete", "2"]) == 0
    assert lines(store, document_id) == [2, 1]
    assert main(["pages", document_id, "--undo"]) == 0
    assert main(["pages", document_id, "--undo"]) == 0
    assert lines(store, document_id) == [0, 1, 2]


def test_undo_says_where_others_have_changed_what_it_would_take_back(
    store: Store, document_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line_id = store.get_page(document_id, 1).lines[0].id
    store.correct_line(line_id, "mine")
    store.correct_line(line_id, "theirs", author="somebody")
    assert main(["pages", document_id, "--undo"]) == 0
    said = capsys.readouterr().out.splitlines()[0]
    assert said == "1 line written or confirmed. Nothing was undone: others have changed 1 of these lines since."
    assert store.get_line(line_id)[2].text == "theirs"


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--delete", "4"], 8, "There is no page 4; the document has 3."),
        (["--move", "0", "1"], 8, "There is no page 0; the document has 3."),
        (["--move", "1", "9"], 12, "The document has 3 pages. Give a place from 1 to 3."),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(
    store: Store, document_id: str, options: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pages", document_id, *options]) == code
    assert capsys.readouterr().err.strip() == sentence
    assert lines(store, document_id) == [0, 1, 2]


@pytest.mark.usefixtures("store")
def test_a_document_that_is_not_there_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pages", "none"]) == 8
    assert "no such document" in capsys.readouterr().err


def test_a_page_is_turned(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    document_id = finished(store)
    for way, turned in (("right", 1), ("over", 3), ("left", 2)):
        assert main(["pages", document_id, "--turn", "1", way]) == 0
        assert capsys.readouterr().out.startswith("Page turned\n")
        assert store.list_pages(document_id)[0].turned == turned
    with pytest.raises(SystemExit) as stopped:
        main(["pages", document_id, "--turn", "1", "around"])
    assert stopped.value.code == 2
    assert "left, right or over" in capsys.readouterr().err


def test_files_are_added_and_a_bad_one_holds_up_no_other(
    store: Store, document_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, gone = tmp_path / "good.png", tmp_path / "bad.png", tmp_path / "gone.png"
    good.write_bytes(picture())
    bad.write_text("plain words")
    assert main(["pages", document_id, "--add", str(bad), str(good)]) == 2
    out, err = capsys.readouterr()
    assert "good.png: 1 page to be read" in out.splitlines()[0]
    assert err.startswith("bad.png is neither a PDF nor a picture")
    assert [source.file.name for source in store.sources_of(document_id)] == ["good.png"]
    assert store.job_of(document_id).state == "queued"
    assert lines(store, document_id) == [0, 1, 2]
    assert main(["pages", document_id, "--add", str(gone)]) == 6
    assert capsys.readouterr().err.strip() == "gone.png is not there."


def test_files_are_added_before_a_page(
    store: Store, document_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "more.png"
    path.write_bytes(picture())
    assert main(["pages", document_id, "--add", str(path), "--before", "4"]) == 8
    assert capsys.readouterr().err.strip() == "There is no page 4; the document has 3."
    assert store.sources_of(document_id) == []
    assert main(["pages", document_id, "--add", str(path), "--before", "2"]) == 0
    assert capsys.readouterr().out.startswith("more.png: 1 page to be read, before page 2\n")
    store.count_pages(job := store.claim_job("worker"), [1])
    assert store.save_page(document_id, page(0, ["new"] * 5), None, job=job)
    assert lines(store, document_id) == [0, 5, 1, 2]
    with pytest.raises(SystemExit) as stopped:
        main(["pages", document_id, "--before", "2"])
    assert stopped.value.code == 2
    assert "--before says where" in capsys.readouterr().err


def test_an_encrypted_pdf_is_added_with_its_password(
    store: Store, document_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(locked(scan(tmp_path / "a.pdf"), "secret"))
    assert main(["pages", document_id, "--add", path]) == 4
    assert capsys.readouterr().err.strip().endswith("Give its password to read it. (--password)")
    assert store.sources_of(document_id) == []
    assert main(["pages", document_id, "--password", "secret", "--add", path]) == 0
    assert capsys.readouterr().out.startswith("a.pdf: 1 page to be read")
    assert store.sources_of(document_id)[0].password == "secret"


def test_more_pages_than_the_settings_allow_are_refused(
    store: Store, document_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INKLINE_MAX_PAGES", "4")
    path = str(scan(tmp_path / "a.pdf", pages=2))
    assert main(["pages", document_id, "--add", path]) == 5
    assert "would have 5 pages; the limit is 4" in capsys.readouterr().err
    assert (store.sources_of(document_id), store.job_of(document_id).state) == ([], "done")

"""A library goes out as one archive and comes back elsewhere as it was."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.document import Decoration, Document, Figure, Page, Transcription
from pipeline.errors import InklineError, NotFoundError, UnreadableFileError
from pipeline.exchange import take_in
from pipeline.exchange_library import is_library, write_library
from pipeline.store import Store
from tests.store.helpers import line, page, picture, settings_in, store_in


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path / "here")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Store:
    return store_in(tmp_path / "there")


def notes() -> Document:
    """Of each field one value that is not what it is by default."""
    decorations = Decoration(0, 4, "strike"), Decoration(2, 4, "underline")
    read = Transcription("- ab", 0.5, "crnn", (1.0, 1.0, 0.25, 0.5), ("- ah", "- ob"), decorations)
    said = (
        replace(line("checked", 1.0), checked=True, kind="text"),
        replace(line("- ab", top=40), kind="list_item", level=2, paragraph=5, transcription=read),
    )
    first = Page(0, 100, 200, 180, -1.5, said, (Figure((1, 2, 30, 40)),))
    return Document("Notes: 1/2", (first, Page(1, 0, 0, 0, error="It is damaged."), page(2)))


def keep(store: Store, document: Document, *tags: str) -> str:
    pictures = [picture(number) if page.width else b"" for number, page in enumerate(document.pages)]
    document_id = store.create_finished_document(document, pictures)
    store.set_tags(document_id, tags)
    return document_id


def archive_of(store: Store, folder: Path, *ids: str) -> Path:
    path = folder / "library.zip"
    with path.open("w+b") as file:
        assert write_library(file, store, ids) == []
    return path


def plain(document: Document, store: Store) -> Document:
    """A document without what a store gives it, and with its pictures' contents for their keys."""
    pages = [
        replace(
            page,
            image=store.get_blob(page.image).hex() if page.image else "",
            lines=tuple(replace(line, id="") for line in page.lines),
        )
        for page in document.pages
    ]
    return Document(document.name, tuple(pages))


def test_everything_of_a_document_comes_back(store: Store, elsewhere: Store, tmp_path: Path) -> None:
    document_id = keep(store, notes(), "botany", "term 2")
    keep(store, Document("Other", (page(),)))
    taken = take_in(archive_of(store, tmp_path), elsewhere, settings_in(tmp_path / "there"))
    assert [(found.name, found.pages, found.lines, found.problems) for found in taken] == [
        ("Notes: 1/2", 3, 4, ()),
        ("Other", 1, 2, ()),
    ]
    back = elsewhere.get_document(taken[0].document_id)
    assert plain(back, elsewhere) == plain(store.get_document(document_id), store)
    assert elsewhere.get_summary(taken[0].document_id).tags == ("botany", "term 2")
    [version] = elsewhere.history(back.pages[0].lines[0].id)
    assert version.is_person
    assert [d.name for d in elsewhere.list_documents()] == [d.name for d in store.list_documents()]


def test_some_documents_go_out_and_come_back_into_the_same_library_beside_the_others(
    store: Store, tmp_path: Path
) -> None:
    wanted = keep(store, Document("Wanted", (page(),)))
    keep(store, Document("Other", (page(),)))
    take_in(archive_of(store, tmp_path, wanted), store, settings_in(tmp_path / "here"))
    assert sorted(found.name for found in store.list_documents()) == ["Other", "Wanted", "Wanted"]


def test_documents_come_back_in_the_order_of_the_library_however_they_were_named(
    store: Store, elsewhere: Store, tmp_path: Path
) -> None:
    oldest, _, newest = (keep(store, Document(name, (page(),))) for name in ("oldest", "other", "newest"))
    for ids in ((oldest, newest), (newest, oldest, newest)):
        take_in(archive_of(store, tmp_path, *ids), elsewhere, settings_in(tmp_path / "there"))
    assert [found.name for found in elsewhere.list_documents()] == ["newest", "oldest"] * 2


def test_a_lost_picture_is_told_and_its_text_comes_back_on_white(
    store: Store, elsewhere: Store, tmp_path: Path
) -> None:
    document_id = keep(store, Document("Notes", (page(),)))
    store.blob_path(store.get_page(document_id, 0).image).unlink()
    path = tmp_path / "library.zip"
    with path.open("w+b") as file:
        [lost] = write_library(file, store)
    assert lost.startswith("Notes: page 1 goes without its picture.")
    [taken] = take_in(path, elsewhere, settings_in(tmp_path / "there"))
    [problem] = taken.problems
    assert "a white one stands in its place" in problem
    assert [found.text for found in elsewhere.get_page(taken.document_id, 0).lines] == ["first line", "second line"]


def test_an_empty_library_is_no_archive(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no documents"):
        write_library(io.BytesIO(), store)


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def without_json(files: dict[str, bytes]) -> None:
    del files["documents/0001/document.json"]


def with_odd_line(files: dict[str, bytes]) -> None:
    name = "documents/0001/document.json"
    files[name] = files[name].replace(b'"heading"', b'"poem"')


def with_odd_decoration(files: dict[str, bytes]) -> None:
    name = "documents/0001/document.json"
    bold = b'"decorations": [{"start": 0, "end": 4, "kind": "bold"}], "checked"'
    files[name] = files[name].replace(b'"checked"', bold)


def with_huge_page(files: dict[str, bytes]) -> None:
    name = "documents/0001/document.json"
    files[name] = files[name].replace(b'"width": 100', b'"width": 900000')
    del files["documents/0001/page-0001.png"]


def with_endless_number(files: dict[str, bytes]) -> None:
    name = "documents/0001/document.json"
    files[name] = files[name].replace(b'"skew_degrees": ', b'"skew_degrees": 1' + 400 * b"0")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_endless_number, "its JSON is not as Inkline writes it"),
        (without_json, "document.json is not in the archive"),
        (with_odd_line, "no line is a poem"),
        (with_odd_decoration, "no word is decorated with bold"),
        (with_huge_page, "page 1 is larger than can be taken"),
    ],
)
def test_one_bad_document_does_not_lose_the_others(
    change: Callable[[dict[str, bytes]], None], words: str, store: Store, elsewhere: Store, tmp_path: Path
) -> None:
    keep(store, Document("Bad", (page(),)))
    keep(store, Document("Good", (page(),)))
    path = changed(archive_of(store, tmp_path), change)
    [taken] = take_in(path, elsewhere, settings_in(tmp_path / "there"))
    [problem] = taken.problems
    assert problem.startswith("Bad was not taken in: ")
    assert words in problem
    assert [found.name for found in elsewhere.list_documents()] == ["Good"]


def test_a_fault_with_one_document_does_not_lose_the_others(
    store: Store, elsewhere: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("First", "Odd", "Last"):
        keep(store, Document(name, (page(),)))
    create = elsewhere.create_finished_document

    def faulty(document: Document, *others: object) -> str:
        if document.name == "Odd":
            raise ArithmeticError("too odd")
        return create(document, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(elsewhere, "create_finished_document", faulty)
    taken = take_in(archive_of(store, tmp_path), elsewhere, settings_in(tmp_path / "there"))
    assert [found.name for found in taken] == ["First", "Last"]
    assert taken[0].problems == ("Odd was not taken in: it met a fault in Inkline (ArithmeticError: too odd).",)


def test_the_names_in_an_archive_are_looked_through_once_however_many_documents_it_holds(
    store: Store, elsewhere: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        keep(store, Document(f"Notes {number}", (page(),)))
    path = archive_of(store, tmp_path)
    looked: list[zipfile.ZipFile] = []
    namelist = zipfile.ZipFile.namelist
    monkeypatch.setattr(zipfile.ZipFile, "namelist", lambda archive: (looked.append(archive), namelist(archive))[1])
    assert len(take_in(path, elsewhere, settings_in(tmp_path / "there"))) == 4
    assert len(looked) <= 2  # once to see whether it is a library


def of_tomorrow(files: dict[str, bytes]) -> None:
    files["library.json"] = json.dumps({"inkline_library": 2, "documents": []}).encode()


def of_others(files: dict[str, bytes]) -> None:
    files["library.json"] = b"[1, 2]"


def of_nothing(files: dict[str, bytes]) -> None:
    files["library.json"] = json.dumps({"inkline_library": 1, "documents": []}).encode()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (of_tomorrow, UnreadableFileError, "written by a newer Inkline"),
        (of_others, UnreadableFileError, "that Inkline did not write"),
        (of_nothing, UnreadableFileError, "No document of library.zip can be taken"),
        (with_huge_page, UnreadableFileError, "larger than can be taken"),
    ],
)
def test_what_is_no_library_is_said_and_changes_nothing(
    change: Callable[[dict[str, bytes]], None],
    error: type[InklineError],
    words: str,
    store: Store,
    elsewhere: Store,
    tmp_path: Path,
) -> None:
    keep(store, Document("Notes", (page(),)))
    path = changed(archive_of(store, tmp_path), change)
    assert is_library(path)
    with pytest.raises(error, match=words):
        take_in(path, elsewhere, settings_in(tmp_path / "there"))
    assert elsewhere.list_documents() == []


def test_pictures_beyond_the_limits_do_not_come_in(store: Store, elsewhere: Store, tmp_path: Path) -> None:
    keep(store, Document("Notes", (page(),)))
    path = archive_of(store, tmp_path)
    narrow = replace(settings_in(tmp_path / "there"), max_pages=0)
    with pytest.raises(UnreadableFileError, match="more than 0 pages"):
        take_in(path, elsewhere, narrow)


def test_the_dictionary_goes_along_with_a_whole_library(store: Store, elsewhere: Store, tmp_path: Path) -> None:
    document_id = keep(store, notes())
    for word in ("thylakoid", "Bézout"):
        store.add_word(word)
    elsewhere.add_word("bézout")
    take_in(archive_of(store, tmp_path, document_id), elsewhere, settings_in(tmp_path / "there"))
    assert elsewhere.list_words() == ["bézout"], "one document is not the library"
    take_in(archive_of(store, tmp_path), elsewhere, settings_in(tmp_path / "there"))
    assert elsewhere.list_words() == ["bézout", "thylakoid"]


def test_what_is_no_word_in_the_dictionary_of_an_archive_is_told(
    store: Store, elsewhere: Store, tmp_path: Path
) -> None:
    keep(store, notes())
    path = archive_of(store, tmp_path)
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    listing = json.loads(contents["library.json"])
    contents["library.json"] = json.dumps({**listing, "dictionary": ["two words", "granum"]}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    (taken,) = take_in(path, elsewhere, settings_in(tmp_path / "there"))
    assert [problem[:31] for problem in taken.problems] == ["“two words” is not one word of "]
    assert elsewhere.list_words() == ["granum"]

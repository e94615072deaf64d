"""What goes out as PAGE XML or ALTO comes in again, and what others wrote comes in, too."""

import zipfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.document import Document, Figure, Line, Page, Transcription
from pipeline.errors import InklineError, LimitError, SourceError, UnreadableFileError
from pipeline.exchange import import_transcribed
from pipeline.export import write_document
from pipeline.store import Store
from pipeline.store.pictures import pictures_of
from tests.store.helpers import settings_in, store_in
from tests.train.sources.layouts import corners, draw_page, line_box, page_line, page_xml, write_alto, write_picture

WIDTH, HEIGHT = 300, 200


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path)


def picture(suffix: str = ".jpg", width: int = WIDTH) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 255, (HEIGHT, width, 3), np.uint8)
    return cv2.imencode(suffix, pixels)[1].tobytes()


def line(place: int, text: str, **changes: object) -> Line:
    y = 30.0 + 40 * place
    outline = ((10.0, y - 20), (200.0, y - 22), (290.0, y - 20), (290.0, y + 8), (10.0, y + 8))
    made = Line(f"l{place}", outline, ((10.0, y), (150.0, y - 2), (290.0, y)), transcription=Transcription(text, 0.75))
    return replace(made, **changes)  # type: ignore[arg-type]


def notes() -> Document:
    first = (
        line(0, "Title", kind="heading", checked=True),
        line(1, "Éé → ∑ <&> \U0001f600", paragraph=1),
        line(2, "- an item", kind="list_item", paragraph=1),
        line(3, "goes on", paragraph=1),
    )
    second = (line(0, ""), line(1, "x = 1", kind="formula", paragraph=1))
    figures = (Figure((20, 100, 120, 180)),)
    return Document(
        "Notes", (Page(0, WIDTH, HEIGHT, 150, lines=first, figures=figures), Page(1, WIDTH, HEIGHT, 150, lines=second))
    )


def imported(path: Path, store: Store, tmp_path: Path) -> Document:
    return store.get_document(import_transcribed(path, store, settings_in(tmp_path)).document_id)


def exported(format: str, store: Store, tmp_path: Path) -> Path:
    """Two pages in the store, the second with a black and white picture, as an archive."""
    document_id = store.create_finished_document(notes(), [picture(), picture(".png")])
    data = write_document(store.get_document(document_id), format, pictures_of(store))
    path = tmp_path / f"Notes.{format}.zip"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("format", ["page", "alto"])
def test_lines_text_and_pictures_come_back_as_they_went(format: str, store: Store, tmp_path: Path) -> None:
    back = imported(exported(format, store, tmp_path), store, tmp_path)
    assert back.name == "Notes"
    assert len(back.pages) == 2
    for page, true in zip(back.pages, notes().pages, strict=True):
        assert (page.width, page.height) == (WIDTH, HEIGHT)
        assert [figure.box for figure in page.figures] == [figure.box for figure in true.figures]
        told = [(line.text, line.kind, line.paragraph, line.checked) for line in page.lines]
        assert told == [(line.text, line.kind, line.paragraph, line.checked) for line in true.lines]
        for read, line in zip(page.lines, true.lines, strict=True):
            np.testing.assert_allclose(read.polygon, line.polygon, atol=0.5)
            np.testing.assert_allclose(read.baseline, line.baseline, atol=0.5)
            assert read.transcription.confidence == pytest.approx(0.75)
    assert [store.get_blob(page.image) for page in back.pages] == [picture(), picture(".png")]


@pytest.mark.parametrize("format", ["page", "alto"])
def test_a_second_time_around_nothing_moves_any_more(format: str, store: Store, tmp_path: Path) -> None:
    once = imported(exported(format, store, tmp_path), store, tmp_path)
    (tmp_path / "again.zip").write_bytes(write_document(once, format, pictures_of(store)))
    twice = imported(tmp_path / "again.zip", store, tmp_path)
    for page, before in zip(twice.pages, once.pages, strict=True):
        assert [(line.polygon, line.baseline, line.text) for line in page.lines] == [
            (line.polygon, line.baseline, line.text) for line in before.lines
        ]


def test_files_of_other_programs_come_in_by_folder_zip_or_alone(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    write_picture(folder / "page.png", draw_page())
    (folder / "a.xml").write_text(page_xml(page_line("first line here", 0, words=True)), encoding="utf-8")
    (folder / "mets.xml").write_text("<mets/>")
    with zipfile.ZipFile(tmp_path / "scans.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"inner/{file.name}")
    for path in (folder, tmp_path / "scans.zip", folder / "a.xml"):
        document = imported(path, store, tmp_path)
        assert [[line.text for line in page.lines] for page in document.pages] == [["first line here"]]
    assert [summary.name for summary in store.list_documents()][::-1] == ["scans", "scans", "a"]


def test_a_page_in_both_formats_counts_once(store: Store, tmp_path: Path) -> None:
    folder = write_alto(tmp_path / "in")
    assert len(imported(folder, store, tmp_path).pages[0].lines) == 3
    [file] = folder.rglob("*.xml")
    (folder / "page").mkdir()
    (folder / "page" / file.name).write_text(page_xml(page_line("first line here", 0)), encoding="utf-8")
    [page] = imported(folder, store, tmp_path).pages
    assert [line.text for line in page.lines] == ["first line here"]


def test_lines_follow_the_reading_order_of_the_file(store: Store, tmp_path: Path) -> None:
    write_picture(tmp_path / "page.png", draw_page())
    order = (
        '<ReadingOrder><OrderedGroup id="o"><RegionRefIndexed index="1" regionRef="r1"/>'
        '<RegionRefIndexed index="0" regionRef="r2"/></OrderedGroup></ReadingOrder>'
    )
    region = '<TextRegion id="r2" type="heading"><Coords points="0,0 9,9"/>'
    second = f"{region}{page_line('and a second one', 1)}</TextRegion>"
    text = page_xml(page_line("first line here", 0)).replace("<TextRegion", order + "<TextRegion", 1)
    (tmp_path / "a.xml").write_text(text.replace("</Page>", f"{second}</Page>"), encoding="utf-8")
    [page] = imported(tmp_path / "a.xml", store, tmp_path).pages
    assert [(line.text, line.kind, line.paragraph) for line in page.lines] == [
        ("and a second one", "heading", 0),
        ("first line here", "text", 1),
    ]


def test_a_line_without_outline_takes_its_regions_and_one_without_baseline_gets_a_guess(
    store: Store, tmp_path: Path
) -> None:
    write_picture(tmp_path / "page.png", draw_page())
    bare = '<TextLine id="l"><TextEquiv><Unicode>bare</Unicode></TextEquiv></TextLine>'
    (tmp_path / "a.xml").write_text(page_xml(bare), encoding="utf-8")
    [line] = imported(tmp_path / "a.xml", store, tmp_path).pages[0].lines
    assert line.polygon == ((0, 0), (800, 0), (800, 600), (0, 600))
    assert line.baseline == ((0, 456), (800, 456))


def test_coordinates_of_a_smaller_copy_fit_the_picture(store: Store, tmp_path: Path) -> None:
    write_picture(tmp_path / "page.png", cv2.resize(draw_page(), None, fx=2, fy=2))
    (tmp_path / "a.xml").write_text(page_xml(page_line("first line here", 0)), encoding="utf-8")
    [line] = imported(tmp_path / "a.xml", store, tmp_path).pages[0].lines
    x, y, width, height = line_box("first line here", 0)
    assert corners((2 * x, 2 * y, 2 * width, 2 * height)) == " ".join(f"{x:.0f},{y:.0f}" for x, y in line.polygon)


def test_pictures_the_store_does_not_keep_are_turned_and_packed_anew(store: Store, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "page.tif"), draw_page())
    text = page_xml(page_line("first line here", 0), image="page.tif")
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    [page] = imported(tmp_path / "a.xml", store, tmp_path).pages
    assert store.get_blob(page.image).startswith(b"\xff\xd8")


def test_one_bad_page_does_not_lose_the_others(store: Store, tmp_path: Path) -> None:
    write_picture(tmp_path / "page.png", draw_page())
    (tmp_path / "a.xml").write_text(page_xml(page_line("first line here", 0)), encoding="utf-8")
    (tmp_path / "b.xml").write_text(page_xml("", image="lost.png"), encoding="utf-8")
    (tmp_path / "c.xml").write_text("<PcGts", encoding="utf-8")
    (tmp_path / "d.xml").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "e.xml").write_text(page_xml("", size='imageWidth="800" imageHeight="900"'), encoding="utf-8")
    found = import_transcribed(tmp_path, store, settings_in(tmp_path))
    assert (found.pages, found.lines) == (1, 1)
    assert [problem.split(":")[0] for problem in found.problems] == ["b.xml", "c.xml", "d.xml", "e.xml"]
    for problem, words in zip(found.problems, ("lost.png", "not valid XML", "neither", "800 x 900"), strict=True):
        assert words in problem


def zip_of(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return path


def bad_zip(tmp_path: Path) -> Path:
    path = zip_of(tmp_path / "bad.zip", **{"a.xml": b"<PcGts/>" * 100})
    data = bytearray(path.read_bytes())
    data[40:60] = bytes(20)
    path.write_bytes(data)
    return path


def spoilt_zip(folder: Path) -> Path:
    """A zip whose list of files is whole, and whose packed data are not."""
    path = folder / "spoilt.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", "<PcGts/>" * 500)
    data = bytearray(path.read_bytes())
    data[35:55] = b"\xff" * 20
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda folder: folder / "nothing.zip", SourceError, "not there"),
        (lambda folder: zip_of(folder / "a.zip", **{"a.txt": b"x"}), UnreadableFileError, "neither PAGE XML nor ALTO"),
        (lambda folder: zip_of(folder / "a.zip", **{"a.xml": b"<a/>"}), UnreadableFileError, "<a>"),
        (lambda folder: zip_of(folder / "a.zip", **{"a.xml": bytes(2**23)}), LimitError, "unpacks to 8 MB"),
        (bad_zip, UnreadableFileError, "bad.zip can't be unpacked"),
        (spoilt_zip, UnreadableFileError, "spoilt.zip can't be unpacked"),
    ],
    ids=["not there", "no XML", "other XML", "grows without bound", "damaged", "damaged inside"],
)
def test_what_cannot_come_in_is_said_and_leaves_nothing_behind(
    make: object, error: type[InklineError], words: str, store: Store, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        import_transcribed(make(tmp_path), store, settings_in(tmp_path))  # type: ignore[operator]
    assert store.list_documents() == []


def test_a_zip_takes_no_picture_from_outside_of_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    write_picture(tmp_path / "page.png", draw_page())
    path = zip_of(tmp_path / "a.zip", **{"a.xml": page_xml(page_line("not yours", 0, words=True)).encode()})
    with pytest.raises(UnreadableFileError):
        import_transcribed(path, store, settings_in(tmp_path))
    assert store.list_documents() == []


def test_a_zip_writes_nothing_outside_of_its_folder(store: Store, tmp_path: Path) -> None:
    data = {"__..__..__escaped.xml": b"<PcGts/>", "..__..__escaped2.xml": b"<PcGts/>"}
    with pytest.raises(UnreadableFileError):
        import_transcribed(zip_of(tmp_path / "a.zip", **data), store, settings_in(tmp_path))
    assert not list(Path(tmp_path.anchor).glob("escaped*")) + list(tmp_path.parent.glob("escaped*"))

"""What other programs wrote comes in, and what can't is told."""

import io
import zipfile
from pathlib import Path

import cv2
import pytest
from lxml import etree
from PIL import Image

from pipeline import exchange
from pipeline.document import Page
from pipeline.errors import InklineError, LimitError, SourceError, UnreadableFileError
from pipeline.exchange import import_transcribed, uploads
from pipeline.store import Store
from tests.decorated import spans
from tests.exchanges import imported
from tests.store.helpers import settings_in, store_in
from tests.train.sources.layouts import corners, draw_page, line_box, page_line, page_xml, write_alto, write_picture


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path)


@pytest.mark.parametrize(
    ("attributes", "dpi"),
    [
        ('imageXResolution="200" imageResolutionUnit="PPI"', 400),  # of a copy half as large as its picture
        ('imageXResolution="100" imageResolutionUnit="PPCM"', 508),
        ('imageXResolution="9999" imageResolutionUnit="PPI"', 300),
        ('imageXResolution="200" imageResolutionUnit="other"', 300),
    ],
)
def test_the_resolution_a_file_tells_counts_if_it_can_be_true(
    attributes: str, dpi: int, store: Store, tmp_path: Path
) -> None:
    write_picture(tmp_path / "page.png", cv2.resize(draw_page(), None, fx=2, fy=2))
    text = page_xml(page_line("first line here", 0)).replace("imageWidth", f"{attributes} imageWidth", 1)
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    assert imported(tmp_path / "a.xml", store, tmp_path).pages[0].dpi == dpi


@pytest.mark.parametrize(
    ("before", "after", "decorated"),
    [
        (
            "<TextLine",
            '<TextLine custom="readingOrder {index:0;} textStyle {offset:6; length:4;underlined:true;}"',
            "_line_",
        ),
        ("<TextLine", '<TextLine custom="textStyle {strikethrough:true; offset:0; length:8;}"', "~first line~"),
        ("<TextLine", '<TextLine custom="textStyle {offset:0; length:5; bold:true;}"', ""),
        ("<TextLine", '<TextLine custom="textStyle {offset:9999999; length:-5; underlined:true;}"', ""),
        ("</TextEquiv></Word>", '</TextEquiv><TextStyle underlined="true"/></Word>', "_first line here_"),
        (
            "</TextEquiv></TextLine>",
            '</TextEquiv><TextStyle strikethrough="1" bold="true"/></TextLine>',
            "~first line here~",
        ),
    ],
)
def test_underlines_and_strike_outs_of_other_programs_come_in(
    before: str, after: str, decorated: str, store: Store, tmp_path: Path
) -> None:
    write_picture(tmp_path / "page.png", draw_page())
    text = page_xml(page_line("first line here", 0, words=True))
    assert before in text
    (tmp_path / "a.xml").write_text(text.replace(before, after), encoding="utf-8")
    [line] = imported(tmp_path / "a.xml", store, tmp_path).pages[0].lines
    plain, decorations = spans("first line here".replace(decorated.strip("_~"), decorated) if decorated else line.text)
    assert (line.text, line.transcription.decorations) == (plain, decorations)


def test_pages_come_in_the_order_of_their_numbers(store: Store, tmp_path: Path) -> None:
    write_picture(tmp_path / "page.png", draw_page())
    for number in (1, 2, 10):
        (tmp_path / f"p{number}.xml").write_text(page_xml(page_line(f"page {number}", 0)), encoding="utf-8")
    pages = imported(tmp_path, store, tmp_path).pages
    assert [page.lines[0].text for page in pages] == ["page 1", "page 2", "page 10"]


def test_an_alto_file_comes_in_though_another_folder_has_a_page_file_of_its_name(store: Store, tmp_path: Path) -> None:
    folder = write_alto(tmp_path / "in" / "one")
    [file] = folder.rglob("*.xml")
    other = tmp_path / "in" / "two"
    write_picture(other / "page.png", draw_page())
    (other / file.name).write_text(page_xml(page_line("of another page", 0)), encoding="utf-8")
    pages = imported(tmp_path / "in", store, tmp_path).pages
    assert [len(page.lines) for page in pages] == [3, 1]


def test_where_the_page_file_of_a_page_is_damaged_its_alto_file_counts(store: Store, tmp_path: Path) -> None:
    folder = write_alto(tmp_path / "in")
    [file] = folder.rglob("*.xml")
    (folder / "page").mkdir()
    (folder / "page" / file.name).write_text("<PcGts", encoding="utf-8")
    found = import_transcribed(folder, store, settings_in(tmp_path))
    assert (found.pages, found.lines, len(found.problems)) == (1, 3, 1)


def test_a_picture_may_be_a_pdf_of_one_page_and_one_of_several_is_told(store: Store, tmp_path: Path) -> None:
    sheet = Image.fromarray(draw_page())
    sheet.save(tmp_path / "one.pdf", resolution=300)
    sheet.save(tmp_path / "two.pdf", resolution=300, save_all=True, append_images=[sheet])
    for name in ("one", "two"):
        text = page_xml(page_line("first line here", 0), image=f"{name}.pdf")
        (tmp_path / f"{name}.xml").write_text(text, encoding="utf-8")
    found = import_transcribed(tmp_path, store, settings_in(tmp_path))
    assert found.problems == (
        "two.xml: its picture is two.pdf, which has 2 pages. Save each page as a picture of its own.",
    )
    [page] = store.get_document(found.document_id).pages
    assert (page.width, page.height, page.lines[0].text) == (800, 600, "first line here")
    assert store.get_blob(page.image).startswith(b"\xff\xd8")


def test_a_fault_with_one_page_does_not_lose_the_others(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_picture(tmp_path / "page.png", draw_page())
    for name in ("a", "b"):
        (tmp_path / f"{name}.xml").write_text(page_xml(page_line(name, 0)), encoding="utf-8")
    whole = exchange.read_page

    def faulty(root: object, *others: object) -> Page:
        if b">a<" in etree.tostring(root):
            raise ZeroDivisionError("by zero")
        return whole(root, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(exchange, "read_page", faulty)
    found = import_transcribed(tmp_path, store, settings_in(tmp_path))
    assert found.problems == ("a.xml met a fault in Inkline (ZeroDivisionError: by zero).",)
    assert [line.text for line in store.get_page(found.document_id, 0).lines] == ["b"]


def test_uploads_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    same = [("a.xml", io.BytesIO(b"<a/>")), ("x/a.xml", io.BytesIO(b"<a/>"))]
    with uploads([*same, ("a.zip", io.BytesIO(b"1")), ("a.zip", io.BytesIO(b"2"))]) as sources:
        assert [(source.called, source.name) for source in sources] == [("a.zip", "a"), ("a.zip", "a"), ("a.xml", "a")]
        assert [source.path.read_bytes() for source in sources] == [b"1", b"2", b"<a/>"]
    others = [("a.xml", io.BytesIO(b"<a/>")), ("a.xml", io.BytesIO(b"<b/>"))]
    with pytest.raises(SourceError, match=r"Two different files are called a\.xml"), uploads(others):
        pass


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

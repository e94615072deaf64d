import io
import re
import subprocess
import time
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document as Word
from lxml import etree

from pipeline.document import Page
from pipeline.export import write_document
from tests.export.pages import GONE, HARMLESS, HOSTILE, RED, decorated_line, document, everything, line, page

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def word(*pages: Page, name: str = "Biology 4") -> Word:
    return docx.Document(io.BytesIO(write_document(document(*pages, name=name), "docx", RED)))


def styled(written: Word) -> list[tuple[str, str]]:
    return [(p.style.name, p.text) for p in written.paragraphs]


def test_headings_paragraphs_lists_figures_and_notes_get_their_styles() -> None:
    written = docx.Document(io.BytesIO(write_document(everything(), "docx", RED)))
    assert [(s, re.sub(" +", " ", t)) for s, t in styled(written)] == [
        ("Heading 1", "Photosynthesis"),
        ("Normal", "Plants build sugar out of water and light."),
        ("List Bullet", "sun"),
        ("List Bullet", "soil with a lot of minerals"),
        ("List Bullet 2", "potassium"),
        ("Normal", ""),
        ("Caption", "leaf"),
        ("Normal", "After the drawing."),
        ("List Number", "third"),
        ("List Number", "fourth"),
        ("Normal", "Between."),
        ("List Number", "first"),
        ("List", "a) letter"),
        ("Normal", ""),
        ("Normal", "[Page 2 could not be read. The picture is damaged.]"),
        ("Normal", ""),
        ("Normal", HARMLESS),
    ]


def test_a_badly_read_number_goes_on_counting_and_letters_do_not() -> None:
    texts = ("1. one", "s. two", "3. three", "a) under it", "b) too", "4. four")
    written = word(page(*(line(place, text, kind="list_item") for place, text in enumerate(texts))))
    assert styled(written) == [
        ("List Number", "one"),
        ("List Number", "two"),
        ("List Number", "three"),
        ("List", "a) under it"),
        ("List", "b) too"),
        ("List Number", "four"),
    ]


def test_only_the_first_heading_of_the_document_is_its_title() -> None:
    written = word(
        page(line(0, "One", kind="heading"), line(1, "Two", kind="heading")), page(line(0, "3", kind="heading"))
    )
    assert styled(written) == [("Heading 1", "One"), ("Heading 2", "Two"), ("Heading 2", "3")]


def test_each_page_after_the_first_begins_on_a_new_page() -> None:
    written = word(page(line(0, "one"), line(1, "two")), page(), page(error="No."), page(line(0, "four")))
    breaks = [bool(p.paragraph_format.page_break_before) for p in written.paragraphs]
    assert breaks == [False, False, True, True, True]


def test_properties_name_the_document() -> None:
    properties = word(page(line(0, "text")), name=f"Notes{HOSTILE}").core_properties
    assert properties.title == clean(f"Notes{HARMLESS}")
    assert properties.author == ""


def clean(text: str) -> str:
    return re.sub(" +", " ", text)


@pytest.mark.parametrize(
    ("box", "width_cm"),
    [((0, 0, 1240, 400), 10.5), ((0, 0, 2480, 400), 16.0), ((0, 0, 1240, 3508), 22.23 * 1240 / 3508)],
    ids=["half the page", "as wide as the text at most", "as high as the text at most"],
)
def test_a_picture_is_as_wide_as_it_was_on_the_page(box: tuple[int, int, int, int], width_cm: float) -> None:
    [picture] = word(page(figures=(box,))).inline_shapes
    assert picture.width.cm == pytest.approx(width_cm, abs=0.05)
    assert picture.height / picture.width == pytest.approx((box[3] - box[1]) / (box[2] - box[0]), rel=0.02)


def test_pictures_have_alt_text() -> None:
    written = word(page(line(3, "sun", x=500, width=100), figures=((400, 300, 900, 700), (400, 900, 900, 1300))))
    texts = [shape._inline.docPr.get("descr") for shape in written.inline_shapes]
    assert texts == ["Drawing on page 1: sun", "Drawing on page 1"]


def test_a_picture_that_is_gone_leaves_a_note() -> None:
    figures = document(page(line(9, "x", kind="formula"), figures=((0, 0, 500, 500),)))
    written = docx.Document(io.BytesIO(write_document(figures, "docx", GONE)))
    assert [p.text for p in written.paragraphs] == [
        "[A drawing of page 1 could not be added. Its picture is missing.]",
        "[Formula: x could not be added. Its picture is missing.]",
    ]


def test_a_formula_is_a_picture_whose_alt_text_is_what_was_read() -> None:
    [picture] = word(page(line(9, "E = mc²", kind="formula"))).inline_shapes
    assert picture._inline.docPr.get("descr") == "Formula: E = mc²"


def test_doubtful_words_have_comments_and_neighbours_share_one() -> None:
    sure, unsure = (0.9,) * 4, (0.9, 0.31, 0.9, 0.9)
    read = line(0, "this that them then", paragraph=0, characters=(*sure, 1, *unsure, 1, *unsure, 1, *sure))
    written = word(page(read, line(1, "confirmed", confidence=1.0)))
    assert [comment.text for comment in written.comments] == ["Please check: read with 31% confidence."]
    first, _ = written.paragraphs
    assert [run.text for run in first.runs if run.text.strip()] == ["this", "that them", "then"]
    assert first.text == "this that them then"


def looks(written: Word) -> list[list[tuple[str, bool, bool]]]:
    """Each run of each paragraph with whether it is underlined, and whether struck out."""
    return [[(run.text, bool(run.underline), bool(run.font.strike)) for run in p.runs] for p in written.paragraphs]


def test_words_are_underlined_and_struck_out_and_so_is_the_space_between_them() -> None:
    lines = (
        decorated_line(0, "The _first law_", paragraph=0),
        decorated_line(1, "_of_ ~the~ ~_old_~ days", paragraph=0),
        decorated_line(2, "~1. gone~ _now_", kind="list_item"),
        decorated_line(3, "_Title_", kind="heading"),
    )
    assert looks(word(page(*lines))) == [
        [
            ("The", False, False),
            (" ", False, False),
            ("first law of", True, False),
            (" ", False, False),
            ("the", False, True),
            (" ", False, True),
            ("old", True, True),
            (" ", False, False),
            ("days", False, False),
        ],
        [("gone", False, True), (" ", False, False), ("now", True, False)],
        [("Title", True, False)],
    ]


def test_a_comment_spans_doubtful_words_whatever_is_underlined_among_them() -> None:
    written = word(page(decorated_line(0, "_this that_ them", confidence=0.3)))
    assert [comment.text for comment in written.comments] == ["Please check: read with 30% confidence."]
    assert looks(written) == [
        [("this that", True, False), (" ", False, False), ("them", False, False), ("", False, False)]
    ]
    [paragraph] = written.paragraphs
    tags = [etree.QName(child).localname for child in paragraph._p]
    assert tags == ["commentRangeStart", "r", "r", "r", "commentRangeEnd", "r"]


def seconds_with_comments(number: int) -> float:
    doubtful = [line(n % 20, "sure doubt", paragraph=n, characters=(*(0.9,) * 5, *(0.1,) * 5)) for n in range(number)]
    made = document(*(page(*doubtful[start : start + 20]) for start in range(0, number, 20)))
    start = time.process_time()
    data = write_document(made, "docx", RED)
    taken = time.process_time() - start
    assert len(list(docx.Document(io.BytesIO(data)).comments)) == number
    return taken


def test_ten_times_as_many_comments_take_no_hundred_times_as_long() -> None:
    few = min(seconds_with_comments(200) for _ in range(3))
    assert seconds_with_comments(2000) < 25 * few


@pytest.mark.parametrize("mark", ["• ", "•", "3. ", "3) "])
def test_doubts_stay_with_their_word_when_a_list_loses_its_marks(mark: str) -> None:
    text = f"{mark}sun and soil"
    characters = [1.0] * len(text)
    characters[text.index("soil")] = 0.2
    [item] = word(page(line(0, text, kind="list_item", characters=tuple(characters)))).paragraphs
    assert [run.text for run in item.runs if run.text.strip()] == ["sun and", "soil"]


def test_beside_the_text_stands_the_picture_of_its_page_on_a_sheet_of_its_own() -> None:
    written = docx.Document(io.BytesIO(write_document(everything(), "docx-beside", RED)))
    assert len(written.tables) == 4
    left, right = written.tables[0].rows[0].cells
    assert left._tc.xpath(".//wp:docPr/@descr") == ["Page 1 as it was written"]
    assert [p.text for p in right.paragraphs][:2] == ["Photosynthesis", "Plants build sugar out of water and light."]
    assert [p._p.xpath(".//w:br/@w:type") for p in written.paragraphs] == [["page"]] * 3
    assert written.sections[0].page_width > written.sections[0].page_height


def test_every_part_is_well_formed_ids_are_unique_and_relations_lead_somewhere() -> None:
    figures = ((400, 300, 900, 700), (400, 900, 900, 1300))
    data = write_document(document(*everything().pages, page(figures=figures)), "docx", RED)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        names = parts.namelist()
        trees = {name: etree.fromstring(parts.read(name)) for name in names if name.endswith((".xml", ".rels"))}
    assert len(names) == len(set(names))
    ids = [element.get("id") for element in trees["word/document.xml"].iter("{*}docPr")]
    assert len(ids) == len(set(ids)) == 4
    relations = trees["word/_rels/document.xml.rels"]
    targets = {r.get("Id"): r.get("Target") for r in relations}
    used = {v for e in trees["word/document.xml"].iter() for k, v in e.attrib.items() if k.endswith(("}embed", "}id"))}
    assert used <= set(targets)
    assert all(f"word/{target}" in names for target in targets.values() if not target.startswith(".."))
    numbers = {n.get(f"{W}numId") for n in trees["word/numbering.xml"].iter(f"{W}num")}
    assert {n.get(f"{W}val") for n in trees["word/document.xml"].iter(f"{W}numId")} <= numbers
    styles = {s.get(f"{W}styleId") for s in trees["word/styles.xml"].iter(f"{W}style")}
    assert {s.get(f"{W}val") for s in trees["word/document.xml"].iter(f"{W}pStyle")} <= styles


# As the schema of Open XML orders what Inkline uses of it (ECMA-376, wml.xsd).
ORDERS = {
    "pPr": ["pStyle", "keepNext", "keepLines", "pageBreakBefore", "numPr", "tabs", "spacing", "ind", "jc", "rPr"],
    "rPr": ["rStyle", "rFonts", "b", "i", "strike", "color", "sz", "u"],
    "numPr": ["ilvl", "numId"],
    "tbl": ["tblPr", "tblGrid", "tr"],
    "tc": ["tcPr", "p"],
    "numbering": ["abstractNum", "num"],
    "comments": ["comment"],
}


@pytest.mark.parametrize("format", ["docx", "docx-beside"])
def test_parts_stand_in_the_order_of_open_xml_and_comments_end_where_they_began(format: str) -> None:
    doubtful = page(line(0, "sure", confidence=0.9), line(1, "not at all", confidence=0.1), decorated_line(2, "~_a_~"))
    data = write_document(document(*everything().pages, doubtful), format, RED)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        body, numbering, comments = (
            etree.fromstring(parts.read(f"word/{name}.xml")) for name in ("document", "numbering", "comments")
        )
    for root in (body, numbering, comments):
        for element in root.iter(*(f"{W}{name}" for name in ORDERS)):
            order = ORDERS[etree.QName(element).localname]
            places = [order.index(etree.QName(child).localname) for child in element if child.tag.startswith(W)]
            assert places == sorted(places)
    for cell in body.iter(f"{W}tc"):
        assert etree.QName(cell[-1]).localname == "p"
    places = ("commentRangeStart", "commentRangeEnd", "commentReference")
    ids = [[element.get(f"{W}id") for element in body.iter(f"{W}{place}")] for place in places]
    assert ids == [[comment.get(f"{W}id") for comment in comments]] * 3
    assert len(ids[0]) == 1


def converted(path: Path, suffix: str) -> Path:
    """What LibreOffice makes of a file, beside it."""
    home = f"-env:UserInstallation=file://{path.parent / 'office'}"
    command = ["soffice", home, "--headless", "--convert-to", suffix, "--outdir", str(path.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return path.with_suffix(f".{suffix}")


def test_libreoffice_shows_the_text_the_numbers_and_the_pages(tmp_path: Path) -> None:
    (tmp_path / "notes.docx").write_bytes(write_document(everything(), "docx", RED))
    converted(tmp_path / "notes.docx", "pdf")
    command = ["pdftotext", "-layout", str(tmp_path / "notes.pdf"), "-"]
    text = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode("utf-8")
    first, second, third, fourth, _ = text.split("\f")
    shown = [clean(row).strip() for row in first.splitlines() if row.strip()]
    assert shown[:2] == ["Photosynthesis", "Plants build sugar out of water and light."]
    for item in ("3. third", "4. fourth", "1. first", "a) letter"):
        assert item in shown
    assert "Page 2 could not be read" in second
    assert third.strip() == ""
    assert "<&>" in fourth


def test_libreoffice_underlines_and_strikes_out(tmp_path: Path) -> None:
    made = document(page(decorated_line(0, "The _first law_ of ~the old~ days")))
    (tmp_path / "notes.docx").write_bytes(write_document(made, "docx", RED))
    shown = etree.HTML(converted(tmp_path / "notes.docx", "html").read_bytes())
    for tags, words in (("u", "first law"), ("strike|//s|//del", "the old")):
        assert [clean("".join(found.itertext())) for found in shown.xpath(f"//{tags}")] == [words]

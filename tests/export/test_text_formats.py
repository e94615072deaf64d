"""Markdown, CSV, hOCR and TEI."""

import csv
import io
import re

import pytest
from lxml import etree

from pipeline.document import Page
from pipeline.export import write_document
from tests.export.pages import HARMLESS, HOSTILE, RED, decorated_line, document, everything, line, page

NAMES = {"h": "http://www.w3.org/1999/xhtml", "t": "http://www.tei-c.org/ns/1.0"}


def markdown(*pages: Page) -> str:
    return write_document(document(*pages), "md", RED).decode("utf-8")


def tree(format: str, *pages: Page) -> etree._Element:
    return etree.fromstring(write_document(document(*pages) if pages else everything(), format, RED))


def words(text: str) -> str:
    return " ".join(text.split())


def test_markdown_has_headings_joined_paragraphs_and_lists_in_lists() -> None:
    first = write_document(everything(), "md", RED).decode("utf-8").split("\n---\n\n")[0]
    assert first == (
        "# Photosynthesis\n\nPlants build sugar out of water and light.\n\n- sun\n- soil with a lot of minerals\n"
        "    - potassium\n\n*[Drawing: leaf]*\n\nAfter the drawing.\n\n3. third\n4. fourth\n\nBetween.\n\n"
        "1. first\n- a) letter\n\nE = mc²\n"
    )


@pytest.mark.parametrize(
    ("written", "escaped"),
    [
        ("a * b_c [d] <e> `f` \\ &amp;", "a \\* b\\_c \\[d\\] \\<e\\> \\`f\\` \\\\ \\&amp;"),
        ("# no heading", "\\# no heading"),
        ("- no item", "\\- no item"),
        ("1914. A year", "1914\\. A year"),
        ("===", "\\==="),
        ("> no quotation", "\\> no quotation"),
        ("3.5 metres - or 4", "3.5 metres - or 4"),
    ],
)
def test_markdown_means_only_what_was_written(written: str, escaped: str) -> None:
    assert markdown(page(line(0, written))) == f"{escaped}\n"


def test_markdown_underlines_and_strikes_out() -> None:
    lines = (
        decorated_line(0, "The _first law_", paragraph=0),
        decorated_line(1, "_of_ ~th*e~ ~_old_~ days", paragraph=0),
        decorated_line(2, "~1. gone~ _now_", kind="list_item"),
        decorated_line(3, "_Title_", kind="heading"),
    )
    assert markdown(page(*lines)) == (
        "The <u>first law of</u> ~~th\\*e~~ <u>~~old~~</u> days\n\n1. ~~gone~~ <u>now</u>\n\n## <u>Title</u>\n"
    )


def test_a_deep_item_without_one_above_it_is_no_block_of_code() -> None:
    lines = [line(0, "- deep", kind="list_item", x=600), line(1, "words"), line(2, "- top", kind="list_item")]
    assert markdown(page(*lines)) == "- deep\n\nwords\n\n- top\n"


def test_a_page_that_could_not_be_read_says_so_in_markdown() -> None:
    assert markdown(page(error="It is damaged.")) == "*Page 1 could not be read. It is damaged.*\n"


def test_csv_has_a_row_for_each_line_however_odd_its_text() -> None:
    said = 'semi; "quoted", comma'
    data = write_document(document(page(line(0, said, kind="heading")), page(line(0, "b"), line(1, "c"))), "csv", RED)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [(row["page"], row["line"], row["kind"], row["text"]) for row in rows] == [
        ("1", "1", "heading", said),
        ("2", "1", "text", "b"),
        ("2", "2", "text", "c"),
    ]
    assert [rows[0][name] for name in ("confidence", "checked", "x0", "y0", "x1", "y1")] == [
        *("0.8765", "0", "200", "140", "2001", "221")
    ]


def cells(*texts: str) -> list[str]:
    data = write_document(document(page(*(line(n, text) for n, text in enumerate(texts)))), "csv", RED)
    return [row["text"] for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))]


def test_no_text_in_the_csv_runs_as_a_formula_and_each_can_be_told_back() -> None:
    said = ["=1+1", "+1", "- an item", "@SUM(A1)", "  =1", "'=1", "＝1", "'tis", "1 = 1", "plain"]
    written = cells(*said)
    assert written == ["'=1+1", "'+1", "'- an item", "'@SUM(A1)", "'  =1", "''=1", "'＝1", "'tis", "1 = 1", "plain"]
    assert [re.sub(r"^'(?=['\s]*[=+\-@＝＋－＠])", "", cell) for cell in written] == said


def test_hocr_says_where_pages_lines_and_words_stand() -> None:
    root = tree("hocr")
    pages = root.xpath("//h:div[@class='ocr_page']/@title", namespaces=NAMES)
    assert pages[0] == 'image "page-0001.jpg"; bbox 0 0 2480 3508; ppageno 0; scan_res 300 300'
    assert len(pages) == 4
    lines = root.xpath("//h:span[@class='ocr_line' or @class='ocr_header']", namespaces=NAMES)
    said = [words("".join(element.itertext())) for element in lines]
    assert said == [words(line.text) for line in everything().pages[0].lines] + [HARMLESS]
    assert lines[0].get("title") == "bbox 200 140 2000 220; baseline 0.0000 -20"
    first = root.xpath("(//h:span[@class='ocrx_word'])[2]", namespaces=NAMES)[0]
    assert (first.text, first.get("title").split("; ")[1]) == ("Plants", "x_wconf 88")
    assert root.xpath("//h:div[@class='ocr_linedrawing']/@title", namespaces=NAMES) == ["bbox 700 850 1700 1500"]


def test_tei_points_every_line_at_its_zone() -> None:
    root = tree("tei")
    zones = root.xpath("//t:zone/@xml:id", namespaces=NAMES)
    assert len(zones) == len(set(zones)) == 17
    lines = root.xpath("//t:text//t:lb/@facs", namespaces=NAMES)
    assert {f"#{zone}" for zone in zones} >= set(lines)
    assert root.xpath("//t:figure/@facs", namespaces=NAMES) == ["#page1figure1"]
    assert root.xpath("string(//t:figDesc)", namespaces=NAMES) == "leaf"


def test_tei_keeps_lines_and_says_where_one_parts_a_word() -> None:
    [paragraph] = tree("tei").xpath("(//t:body//t:p)[1]", namespaces=NAMES)
    assert [lb.get("break") for lb in paragraph] == [None, "no"]
    assert "".join(paragraph.itertext()).split("\n")[:2] == ["Plants build sugar out of wa-", "ter and light."]


def test_tei_marks_doubtful_words_and_begins_a_division_with_each_heading() -> None:
    doubtful = line(2, "sure not", characters=(*(0.9,) * 5, 0.9, 0.2, 0.9))
    root = tree("tei", page(line(0, "One", kind="heading"), line(1, "a"), doubtful, line(3, "Two", kind="heading")))
    assert root.xpath("//t:unclear/text()", namespaces=NAMES) == ["not"]
    heads = root.xpath("//t:div/t:head", namespaces=NAMES)
    assert [words("".join(head.itertext())) for head in heads] == ["One", "Two"]
    assert len(root.xpath("//t:body/t:div", namespaces=NAMES)) == 2


def test_hocr_and_tei_underline_and_strike_out() -> None:
    law = page(decorated_line(0, "The _law_ ~of~ _~old~_ days", confidence=1.0))
    hocr = tree("hocr", law)
    assert hocr.xpath("//h:span[@class='ocrx_word']/h:u/text()", namespaces=NAMES) == ["law"]
    assert hocr.xpath("//h:span[@class='ocrx_word']/h:s//text()", namespaces=NAMES) == ["of", "old"]
    assert hocr.xpath("//h:s/h:u/text()", namespaces=NAMES) == ["old"]
    tei = tree("tei", law)
    assert tei.xpath("//t:hi[@rend='underline']/text()", namespaces=NAMES) == ["law", "old"]
    assert tei.xpath("//t:del[@rend='strikethrough']//text()", namespaces=NAMES) == ["of", "old"]
    assert words("".join(tei.xpath("//t:body//t:p", namespaces=NAMES)[0].itertext())) == "The law of old days"


def test_tei_lists_items_together() -> None:
    lists = tree("tei").xpath("//t:list", namespaces=NAMES)
    assert [len(found) for found in lists] == [3, 2, 2]


@pytest.mark.parametrize("format", ["hocr", "tei"])
def test_xml_takes_text_no_xml_can_hold(format: str) -> None:
    assert HARMLESS in words("".join(tree(format, page(line(0, HOSTILE))).itertext()))

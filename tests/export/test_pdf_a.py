"""What the PDF does to be PDF/A-2b (ISO 19005-2), as far as it can be proven without a validator."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from lxml import etree
from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    ContentStream,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from pipeline.document import Document, Page
from pipeline.export import write_document
from tests.export.pages import GONE, RED, everything

XMP = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
}


@pytest.fixture(scope="module")
def data() -> bytes:
    return write_document(everything(), "pdf", RED)


@pytest.fixture(scope="module")
def pdf(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data), strict=True)


def objects(pdf: PdfReader) -> Iterator[Any]:
    """Every object that can be reached, once."""
    todo: list[Any] = [pdf.trailer]
    seen: set[int] = set()
    while todo:
        thing = todo.pop().get_object()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        yield thing
        if isinstance(thing, DictionaryObject):
            todo += thing.values()
        elif isinstance(thing, ArrayObject):
            todo += thing


def test_the_file_begins_and_ends_as_it_must_and_is_not_encrypted(data: bytes, pdf: PdfReader) -> None:
    first, second = data.splitlines()[:2]
    assert re.fullmatch(rb"%PDF-1\.[0-7]", first)
    assert second[:1] == b"%"
    assert sum(byte > 127 for byte in second[1:]) >= 4
    assert re.search(rb"%%EOF\r?\n?$", data)
    assert [len(part) > 0 for part in pdf.trailer["/ID"]] == [True, True]
    assert "/Encrypt" not in pdf.trailer


def test_its_metadata_name_the_standard_and_agree_with_the_document_information(pdf: PdfReader) -> None:
    stream = pdf.root_object["/Metadata"].get_object()
    assert (stream["/Type"], stream["/Subtype"]) == ("/Metadata", "/XML")
    assert "/Filter" not in stream
    root = etree.fromstring(stream.get_data())

    def said(name: str) -> list[str]:
        found = root.xpath(f"//{name}//text() | //@{name}", namespaces=XMP)
        return [text.strip() for text in found if text.strip()]

    assert said("pdfaid:part") == ["2"]
    assert said("pdfaid:conformance") == ["B"]
    assert pdf.metadata is not None
    assert said("dc:title") == [pdf.metadata.title]
    assert said("pdf:Producer") == [pdf.metadata.producer]
    assert said("xmp:CreatorTool") == [pdf.metadata.creator]
    assert pdf.metadata.creation_date is not None
    [created] = said("xmp:CreateDate")
    assert created[:19] == pdf.metadata.creation_date.strftime("%Y-%m-%dT%H:%M:%S")


def test_all_colours_are_those_of_the_output_intent(pdf: PdfReader) -> None:
    [intent] = pdf.root_object["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    profile = intent.get_object()["/DestOutputProfile"].get_object()
    header = profile.get_data()
    # An ICC profile of at most version 4 for a display in RGB.
    assert (profile["/N"], header[36:40], header[12:16], header[16:20]) == (3, b"acsp", b"mntr", b"RGB ")
    assert header[8] <= 4
    spaces = {
        thing["/ColorSpace"] for thing in objects(pdf) if isinstance(thing, StreamObject) and "/ColorSpace" in thing
    }
    assert spaces <= {"/DeviceRGB", "/DeviceGray"}


def test_nothing_is_in_it_that_the_standard_forbids(pdf: PdfReader) -> None:
    forbidden = {"/SMask", "/Group", "/JS", "/JavaScript", "/AA", "/OpenAction", "/EmbeddedFiles", "/Launch", "/XFA"}
    for thing in objects(pdf):
        if isinstance(thing, DictionaryObject):
            assert not forbidden & set(thing)
            filters = thing.get("/Filter", [])
            assert {filters} if isinstance(filters, str) else set(filters) <= {"/FlateDecode", "/DCTDecode"}
            assert not thing.get("/Interpolate", False)
            assert thing.get("/Type") != "/Annot"


def test_its_font_is_embedded_as_wide_as_it_says_and_every_character_is_a_glyph(pdf: PdfReader) -> None:
    font = next(f for p in pdf.pages for f in p["/Resources"].get("/Font", {}).values()).get_object()
    [descendant] = [part.get_object() for part in font["/DescendantFonts"]]
    descriptor = descendant["/FontDescriptor"].get_object()
    embedded = TTFont(io.BytesIO(descriptor["/FontFile2"].get_object().get_data()))
    scale = 1000 / embedded["head"].unitsPerEm
    assert {round(width * scale) for width, _ in embedded["hmtx"].metrics.values()} == {descendant["/DW"]}
    assert "/W" not in descendant
    assert font["/BaseFont"] == descendant["/BaseFont"] == descriptor["/FontName"]
    glyphs = descendant["/CIDToGIDMap"].get_object().get_data()
    known = {int(code, 16) for code in re.findall(rb"<([0-9A-F]{4})> <", font["/ToUnicode"].get_object().get_data())}
    used: set[int] = set()
    for page in pdf.pages:
        content = page.get_contents()
        for text in re.findall(rb"<([0-9A-F]+)>", content.get_data() if content is not None else b""):
            used |= {int(text[place : place + 4], 16) for place in range(0, len(text), 4)}
    assert used
    assert used <= known
    for code in used:
        glyph = int.from_bytes(glyphs[2 * code : 2 * code + 2], "big")
        assert 0 < glyph < len(embedded.getGlyphOrder())


def test_objects_and_streams_are_written_to_the_letter(data: bytes) -> None:
    found = re.findall(rb"(\d+ \d+ obj)(.)", data, re.DOTALL)
    assert found
    assert {after for _, after in found} == {b"\n"}
    assert len(re.findall(rb"\nendobj\n", data)) == len(found) == len(re.findall(rb"\n\d+ \d+ obj\n", data))
    begun = list(re.finditer(rb"/Length (\d+)[^>]*(?:>>[^>]*)*?>>\nstream\n", data))
    assert len(begun) == len(re.findall(rb">>\nstream\r?\n", data))
    for stream in begun:
        assert re.match(rb"\n?endstream\nendobj\n", data[stream.end() + int(stream[1]) :])
    [table] = re.findall(rb"\nxref\n0 (\d+)\n", data)
    assert int(table) == len(found) + 1


def test_numbers_names_and_strings_are_inside_the_limits_of_the_standard(pdf: PdfReader) -> None:
    dictionaries = [thing for thing in objects(pdf) if isinstance(thing, DictionaryObject)]
    things = [part for entries in dictionaries for pair in entries.items() for part in pair]
    assert all(len(thing.encode()) <= 127 for thing in things if isinstance(thing, NameObject))
    assert all(abs(thing) < 2**31 for thing in things if isinstance(thing, NumberObject | FloatObject))
    assert all(len(thing.original_bytes) < 2**15 for thing in things if isinstance(thing, TextStringObject))


def test_pages_draw_only_what_they_name_with_operators_of_the_standard(pdf: PdfReader) -> None:
    for page in pdf.pages:
        resources = page["/Resources"]
        named = {name for kind in ("/Font", "/XObject") for name in resources.get(kind, {})}
        used: set[str] = set()
        depth = 0
        for operands, operator in ContentStream(page.get_contents(), pdf).operations:
            assert operator in {b"q", b"Q", b"cm", b"Do", b"BT", b"ET", b"Tr", b"Tf", b"Tz", b"Tm", b"Tj"}
            used |= {operand for operand in operands if isinstance(operand, NameObject)}
            depth += (operator == b"q") - (operator == b"Q")
            assert depth in (0, 1)
            if operator == b"Tr":
                assert operands == [3]  # invisible, so that no rendering differs
        assert depth == 0
        assert used == named


@pytest.mark.parametrize(("width", "height"), [(8, 6), (1, 40_000), (60_000, 200_000), (2480, 3508)])
def test_no_page_is_smaller_or_larger_than_the_standard_allows(width: int, height: int) -> None:
    document = Document("Odd", (Page(0, width, height, 300),))
    [page] = PdfReader(io.BytesIO(write_document(document, "pdf", GONE))).pages
    assert all(3 <= float(side) <= 14_400 for side in page.mediabox[2:])

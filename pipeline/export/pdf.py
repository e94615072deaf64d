"""Searchable PDF: each page's picture with invisible text over its ink, as PDF/A-2b (ISO 19005-2)."""

from datetime import UTC, datetime
from typing import BinaryIO

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)
from pypdf.xmp import XmpInformation

from pipeline.document import Document, Page
from pipeline.errors import InklineError
from pipeline.export.flow import clean_text
from pipeline.export.pdf_font import Alphabet, add_font
from pipeline.export.pdf_image import Image, read_image, srgb_profile
from pipeline.export.pdf_objects import dictionary, stream
from pipeline.export.pdf_text import page_text
from pipeline.export.pictures import Pictures

USUAL_DPI = 300
SHORTEST_SIDE, LONGEST_SIDE = 3, 14_400  # points: what the standard allows
FONT, IMAGE = "/F", "/P"


def write(document: Document, pictures: Pictures, file: BinaryIO) -> None:
    """A page for each page, as large as on paper; one without a picture stays white."""
    pdf = PdfWriter()
    pdf.pdf_header = "%PDF-1.7"
    alphabet = Alphabet()
    font = pdf._add_object(DictionaryObject())
    for page in document.pages:
        _add_page(pdf, page, pictures, alphabet, font)
    add_font(pdf, font, alphabet)
    _describe(pdf, document)
    pdf.write(file)


def _add_page(pdf: PdfWriter, page: Page, pictures: Pictures, alphabet: Alphabet, font: PdfObject) -> None:
    width, height = page.width or 2480, page.height or 3508
    scale = min(72 / (page.dpi or USUAL_DPI), LONGEST_SIDE / max(width, height))
    sheet = pdf.add_blank_page(*(max(round(side * scale, 3), SHORTEST_SIDE) for side in (width, height)))
    resources = DictionaryObject()
    drawing = b""
    try:
        image = read_image(pictures.read(page))
    except InklineError:  # a page whose picture is gone keeps its text
        pass
    else:
        resources[NameObject("/XObject")] = dictionary({IMAGE: pdf._add_object(_image_object(image))})
        drawing = f"q {width * scale:.3f} 0 0 {height * scale:.3f} 0 0 cm {IMAGE} Do Q\n".encode()
    if page.lines:
        resources[NameObject("/Font")] = dictionary({FONT: font})
        drawing += page_text(page, scale, FONT, alphabet)
    sheet[NameObject("/Contents")] = pdf._add_object(stream(drawing))
    sheet[NameObject("/Resources")] = resources


def _image_object(image: Image) -> PdfObject:
    entries = {
        "/Type": NameObject("/XObject"),
        "/Subtype": NameObject("/Image"),
        "/Width": NumberObject(image.width),
        "/Height": NumberObject(image.height),
        "/BitsPerComponent": NumberObject(image.bits),
        "/ColorSpace": NameObject("/DeviceRGB" if image.is_colour else "/DeviceGray"),
    }
    if image.is_jpeg:
        return stream(image.data, {**entries, "/Filter": NameObject("/DCTDecode")}, packed=False)
    return stream(image.data, entries)


def _describe(pdf: PdfWriter, document: Document) -> None:
    """Title and what PDF/A asks for: metadata that say so, a colour profile, an identifier."""
    title, written = clean_text(document.name), datetime.now(UTC).replace(microsecond=0)
    stamp = f"D:{written:%Y%m%d%H%M%S}+00'00'"
    pdf.add_metadata(
        {"/Title": title, "/Creator": "Inkline", "/Producer": "pypdf", "/CreationDate": stamp, "/ModDate": stamp}
    )
    about = XmpInformation.create()
    about.pdfaid_part, about.pdfaid_conformance = "2", "B"
    about.dc_title = {"x-default": title}
    about.xmp_creator_tool, about.pdf_producer = "Inkline", "pypdf"
    about.xmp_create_date = about.xmp_modify_date = about.xmp_metadata_date = written
    pdf.xmp_metadata = about
    # pypdf leaves out what ISO 32000 asks of a stream of metadata.
    metadata = pdf.root_object["/Metadata"].get_object()
    if isinstance(metadata, DictionaryObject):
        metadata.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    intent = {
        "/Type": NameObject("/OutputIntent"),
        "/S": NameObject("/GTS_PDFA1"),
        "/OutputConditionIdentifier": TextStringObject("sRGB"),
        "/Info": TextStringObject("sRGB"),
        "/DestOutputProfile": pdf._add_object(stream(srgb_profile(), {"/N": NumberObject(3)})),
    }
    pdf.root_object[NameObject("/OutputIntents")] = ArrayObject([pdf._add_object(dictionary(intent))])
    pdf.root_object[NameObject("/ViewerPreferences")] = dictionary({"/DisplayDocTitle": BooleanObject(True)})
    pdf.generate_file_identifiers()

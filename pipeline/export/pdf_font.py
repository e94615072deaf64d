"""A font without ink for text that is there to be found and copied: every character is an empty box of one width."""

import io

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, PdfObject, TextStringObject

from pipeline.export.pdf_objects import dictionary, stream

NAME = "InklineInvisible"
# In shares of the font's size; a box from under the baseline to above it is what readers mark when text is selected.
ADVANCE, ASCENT, DESCENT = 0.5, 0.75, -0.25
UNITS = 1000
RANGES = 100  # most entries of one block of a character map


class Alphabet:
    """The characters of a document, each with a number from 1 in the order in which they first came."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def encode(self, text: str) -> str:
        """The characters' numbers as hexadecimal digits, four each."""
        return "".join(f"{self.numbers.setdefault(c, len(self.numbers) + 1):04X}" for c in text)


def add_font(pdf: PdfWriter, place: PdfObject, alphabet: Alphabet) -> None:
    """Fill the dictionary at `place` with a font for the alphabet, embedded as PDF/A asks."""
    file = _font_file()
    box = [0, round(DESCENT * UNITS), round(ADVANCE * UNITS), round(ASCENT * UNITS)]
    descriptor = {
        "/Type": NameObject("/FontDescriptor"),
        "/FontName": NameObject(f"/{NAME}"),
        "/Flags": NumberObject(4 + 1),  # symbolic, all of one width
        "/FontBBox": ArrayObject(NumberObject(value) for value in box),
        "/ItalicAngle": NumberObject(0),
        "/Ascent": NumberObject(box[3]),
        "/Descent": NumberObject(box[1]),
        "/CapHeight": NumberObject(box[3]),
        "/StemV": NumberObject(80),
        "/FontFile2": pdf._add_object(stream(file, {"/Length1": NumberObject(len(file))})),
    }
    descendant = {
        "/Type": NameObject("/Font"),
        "/Subtype": NameObject("/CIDFontType2"),
        "/BaseFont": NameObject(f"/{NAME}"),
        "/CIDSystemInfo": dictionary(
            {
                "/Registry": TextStringObject("Adobe"),
                "/Ordering": TextStringObject("Identity"),
                "/Supplement": NumberObject(0),
            }
        ),
        "/FontDescriptor": pdf._add_object(dictionary(descriptor)),
        "/DW": NumberObject(round(ADVANCE * UNITS)),
        # Every number shows glyph 1, the empty box.
        "/CIDToGIDMap": pdf._add_object(stream(b"\0\1" * (len(alphabet.numbers) + 1))),
    }
    font = {
        "/Type": NameObject("/Font"),
        "/Subtype": NameObject("/Type0"),
        "/BaseFont": NameObject(f"/{NAME}"),
        "/Encoding": NameObject("/Identity-H"),
        "/DescendantFonts": ArrayObject([pdf._add_object(dictionary(descendant))]),
        "/ToUnicode": pdf._add_object(stream(_to_unicode(alphabet))),
    }
    target = place.get_object()
    assert isinstance(target, DictionaryObject)
    target.update(dictionary(font))


def _font_file() -> bytes:
    """A TrueType file with one glyph, whose outline spans its box by a speck in each of two corners.

    PDFium marks selected text by its outlines: without any it would mark a hairline.
    """
    # Only a PDF needs it: an import for everyone would make every start slower.
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    font = FontBuilder(UNITS, isTTF=True)
    glyphs = [".notdef", "box"]
    font.setupGlyphOrder(glyphs)
    font.setupCharacterMap({0x20: "box"})
    pen = TTGlyphPen(None)
    right, top, bottom = round(ADVANCE * UNITS), round(ASCENT * UNITS), round(DESCENT * UNITS)
    for corner in ([(0, bottom), (0, bottom + 1), (1, bottom)], [(right, top), (right, top - 1), (right - 1, top)]):
        pen.moveTo(corner[0])
        for point in corner[1:]:
            pen.lineTo(point)
        pen.closePath()
    font.setupGlyf(dict.fromkeys(glyphs, pen.glyph()))
    font.setupHorizontalMetrics({name: (round(ADVANCE * UNITS), 0) for name in glyphs})
    font.setupHorizontalHeader(ascent=round(ASCENT * UNITS), descent=round(DESCENT * UNITS))
    font.setupNameTable({"familyName": NAME, "styleName": "Regular", "psName": NAME})
    font.setupOS2(sTypoAscender=round(ASCENT * UNITS), usWinAscent=round(ASCENT * UNITS), usWinDescent=250)
    font.setupPost()
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def _to_unicode(alphabet: Alphabet) -> bytes:
    """The character map by which readers copy and search: number to UTF-16."""
    entries = [f"<{number:04X}> <{c.encode('utf-16-be').hex().upper()}>" for c, number in alphabet.numbers.items()]
    blocks = [entries[start : start + RANGES] for start in range(0, len(entries), RANGES)]
    rows = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
        *("\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"]) for block in blocks),
        "endcmap CMapName currentdict /CMap defineresource pop end end",
    ]
    return "\n".join(rows).encode("ascii")

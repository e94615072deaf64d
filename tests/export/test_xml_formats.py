"""PAGE XML and ALTO: valid, complete, and read again by the readers of training data."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from PIL import Image

from pipeline.document import Page
from pipeline.export import Pictures, write_document
from pipeline.train.sources import alto, page_xml
from tests.export.pages import GONE, HARMLESS, HOSTILE, RED, decorated_line, document, everything, line, page, red_png

SCHEMAS = Path(__file__).parent / "schemas"
FORMATS = {"page": ("pagecontent-2019-07-15.xsd", page_xml), "alto": ("alto-used.xsd", alto)}


def forbidden(page: Page) -> bytes:
    raise PermissionError(13, "Permission denied")


def files(format: str, *pages: Page) -> dict[str, bytes]:
    made = document(*pages) if pages else everything()
    with zipfile.ZipFile(io.BytesIO(write_document(made, format, RED))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("format", FORMATS)
def test_each_page_has_its_file_and_its_picture(format: str) -> None:
    written = files(format)
    assert sorted(written) == sorted(f"page-000{n}.{suffix}" for n in (1, 2, 3, 4) for suffix in ("xml", "png"))
    for number in (1, 2, 3, 4):
        root = etree.fromstring(written[f"page-000{number}.xml"])
        assert FORMATS[format][1].image_name(root) == f"page-000{number}.png"


@pytest.mark.parametrize("format", FORMATS)
def test_every_file_is_valid_by_its_schema(format: str) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMAS / FORMATS[format][0]))
    odd = page(
        line(0, ""),
        replace(line(1, "no baseline"), baseline=()),
        replace(line(2, "beyond the edge"), polygon=((-9.6, -3), (9999, -3), (9999.4, 50), (-9, 50))),
        line(3, "surer than sure", confidence=1.2),
        replace(line(4, "confirmed", kind="heading"), checked=True),
        replace(line(5, "- deep", kind="list_item", characters=(0.5,) * 6), level=2),
        decorated_line(6, "The _first law_ of ~_the_ old~ days"),
    )
    for name, data in {**files(format), **{f"odd {n}": d for n, d in files(format, odd).items()}}.items():
        if name.endswith(".xml"):
            schema.assertValid(etree.fromstring(data))


@pytest.mark.parametrize("format", FORMATS)
def test_readers_of_training_data_find_the_same_lines(format: str) -> None:
    [first, *_, last] = [etree.fromstring(d) for n, d in files(format).items() if n.endswith(".xml")]
    lines = everything().pages[0].lines
    found = FORMATS[format][1].true_lines(first, "line")
    assert [line.text for line in found] == [line.text for line in lines]
    for read, true in zip(found, lines, strict=True):
        np.testing.assert_allclose(read.outline, true.polygon, atol=0.5)
        np.testing.assert_allclose(read.baseline, true.baseline, atol=0.5)
    assert " ".join(FORMATS[format][1].true_lines(last, "line")[0].text.split()) == HARMLESS
    assert FORMATS[format][1].page_size(first) == (2480, 3508)


@pytest.mark.parametrize("format", FORMATS)
def test_words_stand_in_order_inside_their_line(format: str) -> None:
    [data] = [d for n, d in files(format, page(line(0, "one three fifteen"))).items() if n.endswith(".xml")]
    words = FORMATS[format][1].true_lines(etree.fromstring(data), "word")
    assert [word.text for word in words] == ["one", "three", "fifteen"]
    edges = [x for word in words for x in (word.outline[:, 0].min(), word.outline[:, 0].max())]
    assert edges == sorted(edges)
    assert (edges[0], edges[-1]) == (200, 2000)
    assert edges[1] - edges[0] == pytest.approx(1800 * 3 / 17, abs=1)


@pytest.mark.parametrize("format", FORMATS)
def test_what_no_xml_can_hold_is_left_out(format: str) -> None:
    data = next(d for n, d in files(format, page(line(0, HOSTILE))).items() if n.endswith(".xml"))
    [found] = FORMATS[format][1].true_lines(etree.fromstring(data), "line")
    assert " ".join(found.text.split()) == HARMLESS


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("pictures", "why"),
    [
        (GONE, "Its picture is missing."),
        (Pictures(lambda page: b"\xff\xd8 no JPEG"), "is damaged"),
        (Pictures(lambda page: red_png(page)[:200]), "is damaged"),
        (Pictures(forbidden), "can't be opened: Permission denied"),
    ],
    ids=["gone", "no picture", "half a picture", "forbidden"],
)
def test_a_page_whose_picture_is_lost_keeps_its_text_on_a_white_one_and_says_so(
    format: str, pictures: Pictures, why: str
) -> None:
    made = document(page(line(0, "still here")), page(line(0, "and here")))
    some = Pictures(lambda page: red_png(page) if page.index else pictures.read(page))
    with zipfile.ZipFile(io.BytesIO(write_document(made, format, some))) as archive:
        first, second = (etree.fromstring(archive.read(f"page-000{number}.xml")) for number in (1, 2))
        white, red = (Image.open(io.BytesIO(archive.read(f"page-000{number}.png"))) for number in (1, 2))
        [note] = archive.read("problems.txt").decode().splitlines()
    etree.XMLSchema(etree.parse(SCHEMAS / FORMATS[format][0])).assertValid(first)
    assert [FORMATS[format][1].true_lines(root, "line")[0].text for root in (first, second)] == [
        "still here",
        "and here",
    ]
    assert FORMATS[format][1].image_name(first) == "page-0001.png"
    assert (white.size, white.getextrema()) == ((2480, 3508), (255, 255))
    assert red.size == (310, 438)
    assert note.startswith("Page 1 has lost its picture")
    assert why in note
    assert note in etree.tostring(first, encoding="unicode", method="text")


@pytest.mark.parametrize("format", FORMATS)
def test_a_page_nothing_is_known_of_has_no_file(format: str) -> None:
    unknown = replace(page(error="It is damaged."), width=0, height=0)
    assert sorted(files(format, unknown, page(line(0, "a")))) == ["page-0002.png", "page-0002.xml"]

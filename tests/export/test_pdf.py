"""The searchable PDF, as other people's readers see it."""

import io
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from pipeline.document import Line, Page, Transcription
from pipeline.export import Pictures, write_document
from tests.export.pages import GONE, RED, document, everything, line, page

Box = tuple[float, float, float, float]


def pdf(*pages: Page, pictures: Pictures = RED) -> PdfReader:
    return PdfReader(io.BytesIO(write_document(document(*pages), "pdf", pictures)), strict=True)


def poppler_words(tmp_path: Path, *pages: Page) -> list[tuple[str, Box]]:
    """Words with their boxes in points from the upper left corner."""
    (tmp_path / "a.pdf").write_bytes(write_document(document(*pages), "pdf", RED))
    command = ["pdftotext", "-bbox", str(tmp_path / "a.pdf"), "-"]
    told = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()
    found = re.findall(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', told)
    return [(text, tuple(map(float, box))) for *box, text in found]  # type: ignore[misc]


def slanted(text: str, rise: float) -> Line:
    """A line 80 px tall whose baseline climbs `rise` px over its 2000."""
    baseline = ((200.0, 1000.0), (1200.0, 1000 - rise / 2), (2200.0, 1000 - rise))
    outline = (*((x, y - 60) for x, y in baseline), *((x, y + 20) for x, y in baseline[::-1]))
    return Line("l", outline, baseline, transcription=Transcription(text, 0.9))


def test_each_page_is_as_large_as_on_paper_and_shows_its_picture() -> None:
    written = pdf(page(line(0, "a")), replace(page(), width=1240, height=1754, dpi=150))
    assert [[round(float(v)) for v in p.mediabox[2:]] for p in written.pages] == [[595, 842]] * 2
    assert [image.image.size for p in written.pages for image in p.images] == [(310, 438), (155, 219)]
    assert np.array(written.pages[0].images[0].image.convert("RGB"))[0, 0].tolist() == [255, 0, 0]


def test_text_is_found_in_reading_order_with_letters_of_every_kind() -> None:
    said = "Éé ß → ∑ 中 \U0001f600 e\u0301 <&>"
    text = pdf(page(line(0, "first line"), line(1, said), line(2, "last"))).pages[0].extract_text()
    assert [row.strip() for row in text.splitlines()] == ["first line", said, "last"]


def test_a_jpeg_goes_in_as_it_is() -> None:
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, "JPEG")
    [image] = pdf(page(), pictures=Pictures(lambda page: file.getvalue())).pages[0]["/Resources"]["/XObject"].values()
    assert image.get_object()["/ColorSpace"] == "/DeviceGray"
    assert image.get_object()._data == file.getvalue()


def test_black_and_white_stays_one_bit_deep() -> None:
    file = io.BytesIO()
    black = Image.new("1", (13, 5), 1)
    black.putpixel((12, 0), 0)
    black.save(file, "PNG")
    [image] = pdf(page(), pictures=Pictures(lambda page: file.getvalue())).pages[0].images
    assert np.array_equal(np.array(image.image.convert("L")) > 0, np.array(black))


def test_the_words_of_a_level_line_cover_their_share_of_it(tmp_path: Path) -> None:
    words = poppler_words(tmp_path, page(line(0, "one three fifteen")))
    assert [text for text, _ in words] == ["one", "three", "fifteen"]
    scale = 72 / 300
    for (_, (x0, y0, x1, y1)), (start, end) in zip(words, [(0, 3), (4, 9), (10, 17)], strict=True):
        assert x0 == pytest.approx(scale * (200 + 1800 * start / 17), abs=1)
        assert x1 == pytest.approx(scale * (200 + 1800 * end / 17), abs=1)
        assert (y0, y1) == (pytest.approx(scale * 140, abs=1), pytest.approx(scale * 220, abs=1))


@pytest.mark.parametrize("rise", [0, 100, -100, 150])
def test_words_of_a_climbing_line_stay_whole_and_lie_on_its_ink(tmp_path: Path, rise: float) -> None:
    said = "these seven words climb up the page"
    words = poppler_words(tmp_path, page(slanted(said, rise)))
    assert sorted(text for text, _ in words) == sorted(said.split())
    for _, (x0, y0, x1, y1) in words:
        middle = (x0 + x1) / 2 / 0.24
        baseline = 1000 - rise * (middle - 200) / 2000
        # The ink of a word reaches from 60 px above its baseline to 20 px below.
        assert y0 / 0.24 == pytest.approx(baseline - 60, abs=12)
        assert y1 / 0.24 == pytest.approx(baseline + 20, abs=12)


def test_steep_writing_is_turned() -> None:
    outline, baseline = ((0.0, 0.0), (60.0, 0.0), (60.0, 900.0), (0.0, 900.0)), ((20.0, 900.0), (20.0, 0.0))
    steep = Line("l", outline, baseline, transcription=Transcription("up", 1.0))
    content = pdf(page(steep)).pages[0].get_contents().get_data()
    [matrix] = re.findall(rb"(\S+) (\S+) (\S+) (\S+) \S+ \S+ Tm", content)
    assert [round(float(value)) for value in matrix] == [0, 1, -1, 0]


@pytest.mark.parametrize(
    "odd",
    [
        replace(line(0, "word"), baseline=()),
        replace(line(0, "word"), baseline=((5.0, 5.0), (5.0, 5.0))),
        replace(line(0, "word"), polygon=((5.0, 5.0),) * 3),
    ],
    ids=["no baseline", "a point for a baseline", "no area"],
)
def test_odd_lines_keep_their_text(odd: Line) -> None:
    assert pdf(page(odd, line(1, "next"))).pages[0].extract_text().split() == ["word", "next"]


def test_a_page_without_picture_keeps_its_text() -> None:
    written = pdf(page(line(0, "still here")), pictures=GONE)
    assert written.pages[0].extract_text() == "still here"
    assert not written.pages[0].images


def test_it_has_what_pdf_a_asks_for() -> None:
    data = write_document(everything(), "pdf", RED)
    written = PdfReader(io.BytesIO(data), strict=True)
    assert data.startswith(b"%PDF-1.7\n%")
    assert all(byte > 127 for byte in data.splitlines()[1][1:5])
    about = written.xmp_metadata
    assert about is not None
    assert (about.pdfaid_part, about.pdfaid_conformance) == ("2", "B")
    assert about.dc_title == {"x-default": "Biology 4"}
    assert written.metadata is not None
    assert written.metadata.title == "Biology 4"
    assert written.trailer["/ID"]
    assert "/Encrypt" not in written.trailer
    [intent] = written.root_object["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    profile = intent.get_object()["/DestOutputProfile"].get_object()
    assert (profile["/N"], profile.get_data()[36:40], profile.get_data()[16:20]) == (3, b"acsp", b"RGB ")


def test_its_font_is_embedded_and_says_what_each_character_means(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(write_document(everything(), "pdf", RED))
    told = subprocess.run(["pdffonts", str(tmp_path / "a.pdf")], check=True, capture_output=True, timeout=60).stdout
    [font] = told.decode().splitlines()[2:]
    assert re.search(r"CID TrueType +Identity-H +yes +no +yes", font)


def test_the_text_leaves_no_trace_on_the_page(tmp_path: Path) -> None:
    white = io.BytesIO()
    Image.new("L", (248, 351), 255).save(white, "PNG")
    data = write_document(document(page(line(0, "invisible"))), "pdf", Pictures(lambda page: white.getvalue()))
    (tmp_path / "a.pdf").write_bytes(data)
    command = ["pdftoppm", "-r", "72", "-png", str(tmp_path / "a.pdf"), str(tmp_path / "a")]
    subprocess.run(command, check=True, timeout=60)
    assert np.array(Image.open(tmp_path / "a-1.png")).min() == 255

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import SourceError
from pipeline.train.sources import Read, read_lines
from tests.train.sources.layouts import (
    HEIGHT,
    TEXTS,
    WIDTH,
    corners,
    draw_page,
    ink_of,
    line_box,
    page_line,
    page_xml,
    write_alto,
    write_page_xml,
    write_picture,
    write_text,
)

RNG = np.random.default_rng(0)
WORDS = [word for text in TEXTS for word in text.split()]


def texts(read: Read) -> list[str]:
    return [sample.text for sample in read.samples]


@pytest.mark.parametrize("year", ["2010-03-19", "2013-07-15", "2019-07-15"])
def test_page_xml_of_any_year_gives_its_lines(tmp_path: Path, year: str) -> None:
    read = read_lines(write_page_xml(tmp_path / "set", year=year))
    assert texts(read) == list(TEXTS)
    assert not read.bad
    assert {sample.group for sample in read.samples} == {"set"}


def test_a_line_is_cut_out_without_its_neighbours(tmp_path: Path) -> None:
    low = "".join(
        f'<TextLine id="l{n}"><Coords points="{corners((40, 60 + 110 * n, 700, 130))}"/>'
        f'<Baseline points="60,{150 + 110 * n} 700,{150 + 110 * n}"/>'
        f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv></TextLine>"
        for n, text in enumerate(TEXTS)
    )
    write_picture(tmp_path / "page.png", draw_page())
    write_text(tmp_path / "page.xml", page_xml(low))
    wide = read_lines(tmp_path).samples[1].image(RNG)
    write_text(tmp_path / "page.xml", page_xml("".join(page_line(text, n) for n, text in enumerate(TEXTS))))
    tight = read_lines(tmp_path).samples[1].image(RNG)
    # The wide outline takes in the feet of the line above and the tops of the one below, the crop does not.
    assert abs(ink_of(wide) - ink_of(tight)) < 0.02 * ink_of(tight)
    assert tight.shape[0] < 70


def test_points_of_2009_stand_in_elements_of_their_own(tmp_path: Path) -> None:
    x, y, width, height = line_box(TEXTS[0], 0)
    points = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    coords = "".join(f'<Point x="{px}" y="{py}"/>' for px, py in points)
    line = f'<TextLine id="a"><Coords>{coords}</Coords><TextEquiv><Unicode>old</Unicode></TextEquiv></TextLine>'
    write_picture(tmp_path / "page.png", draw_page())
    write_text(tmp_path / "page.xml", page_xml(line, year="2009-03-16"))
    assert texts(read_lines(tmp_path)) == ["old"]


@pytest.mark.parametrize(
    ("equivalents", "chosen"),
    [
        ((("index='1'", "b"), ("index='0'", "a")), "a"),
        ((("conf='0.4'", "b"), ("conf='0.9'", "a")), "a"),
        ((("conf='0.99'", "b"), ("index='0' conf='0.1'", "a")), "a"),
        ((("", "a"),), "a"),
    ],
)
def test_of_several_texts_the_lowest_index_or_highest_confidence_counts(
    tmp_path: Path, equivalents: tuple[tuple[str, str], ...], chosen: str
) -> None:
    given = "".join(f"<TextEquiv {marks}><Unicode>{text}</Unicode></TextEquiv>" for marks, text in equivalents)
    line = f'<TextLine id="a"><Coords points="{corners(line_box(TEXTS[0], 0))}"/>{given}</TextLine>'
    write_picture(tmp_path / "page.png", draw_page())
    write_text(tmp_path / "page.xml", page_xml(line))
    assert texts(read_lines(tmp_path)) == [chosen]


def test_words_are_cut_out_by_their_own_boxes(tmp_path: Path) -> None:
    page = read_lines(write_page_xml(tmp_path / "page", words=True), "word")
    alto = read_lines(write_alto(tmp_path / "alto"), "word")
    assert texts(page) == texts(alto) == WORDS
    assert page.samples[0].width() < 200


def test_a_source_without_words_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no labelled words.*--mode line"):
        read_lines(write_page_xml(tmp_path), "word")


@pytest.mark.parametrize("version", [2, 3, 4])
def test_alto_gives_its_strings_as_lines(tmp_path: Path, version: int) -> None:
    read = read_lines(write_alto(tmp_path, version=version))
    assert texts(read) == list(TEXTS)
    assert not read.bad


@pytest.mark.parametrize(("unit", "scale"), [("mm10", 254 / 300), ("inch1200", 4.0)])
def test_alto_in_other_units_is_cut_at_the_same_place(tmp_path: Path, unit: str, scale: float) -> None:
    pixels = read_lines(write_alto(tmp_path / "a")).samples
    others = read_lines(write_alto(tmp_path / "b", unit=unit, scale=scale)).samples
    for one, other in zip(pixels, others, strict=True):
        assert one.text == other.text
        assert abs(ink_of(one.image(RNG)) - ink_of(other.image(RNG))) < 0.05 * ink_of(one.image(RNG))


def test_alto_keeps_hyphens_and_reads_shapes(tmp_path: Path) -> None:
    x, y, width, height = line_box(TEXTS[0], 0)
    line = (
        f'<TextLine ID="t" HPOS="0" VPOS="0" WIDTH="9" HEIGHT="9"><Shape><Polygon POINTS="{x} {y} {x + width} {y} '
        f'{x + width} {y + height} {x} {y + height}"/></Shape><String CONTENT="first" SUBS_TYPE="HypPart1" '
        'SUBS_CONTENT="firstly"/><SP/><String CONTENT="li"/><HYP CONTENT="\N{SOFT HYPHEN}"/></TextLine>'
    )
    write_picture(tmp_path / "page.png", draw_page())
    write_text(tmp_path / "page.xml", f"<alto><Layout><Page><PrintSpace>{line}</PrintSpace></Page></Layout></alto>")
    assert texts(read_lines(tmp_path)) == ["first li-"]


def test_a_page_with_both_files_counts_once(tmp_path: Path) -> None:
    write_page_xml(tmp_path)
    (tmp_path / "page").mkdir()
    (tmp_path / "page.xml").rename(tmp_path / "page" / "page.xml")
    write_alto(tmp_path / "alto")
    write_text(tmp_path / "mets.xml", "<mets/>")
    read = read_lines(tmp_path)
    assert texts(read) == list(TEXTS)
    assert not read.bad


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("first line here</Unicode>", "  </Unicode>"), "text is empty"),
        ((corners(line_box(TEXTS[0], 0)), "900,700 990,700 990,790"), "outside the page"),
        ((corners(line_box(TEXTS[0], 0)), "750,100 990,100 990,190 750,190"), "outside the page"),
        ((corners(line_box(TEXTS[0], 0)), "74,108 500,108"), "no outline"),
        ((corners(line_box(TEXTS[0], 0)), "nonsense"), "no outline"),
        ((corners(line_box(TEXTS[0], 0)), "74,108 76,108 76,110"), "smaller than"),
        ((corners(line_box(TEXTS[0], 0)), "20,500 300,500 300,560 20,560"), "no ink"),
        (('<Baseline points="74,150', '<Baseline points="100,900 100,-2000 74,150'), "up or down"),
    ],
)
def test_a_line_that_can_t_be_used_is_named_and_the_others_stay(
    tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    write_page_xml(tmp_path)
    written = (tmp_path / "page.xml").read_text(encoding="utf-8")
    assert change[0] in written
    write_text(tmp_path / "page.xml", written.replace(*change, 1))
    read = read_lines(tmp_path)
    assert texts(read) == list(TEXTS[1:])
    assert [(row.file, row.row) for row in read.bad] == [(tmp_path / "page.xml", "line l0")]
    assert reason in read.bad[0].reason


def test_a_page_without_picture_names_each_of_its_lines(tmp_path: Path) -> None:
    write_page_xml(tmp_path)
    write_text(tmp_path / "lost.xml", page_xml(page_line("gone", 0), image="../../secret.png"))
    read = read_lines(tmp_path)
    assert texts(read) == list(TEXTS)
    assert "secret.png is not there" in read.bad[0].reason


def test_a_smaller_picture_is_cut_at_the_same_place(tmp_path: Path) -> None:
    write_page_xml(tmp_path)
    half = cv2.resize(draw_page(), (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)
    write_picture(tmp_path / "page.png", half)
    sizes = [sample.image(RNG).shape for sample in read_lines(tmp_path).samples]
    assert all(20 < height < 40 for height, _ in sizes)
    write_picture(tmp_path / "page.png", draw_page()[:, :400])
    with pytest.raises(SourceError, match=r"800 x 600, but its picture page\.png is 400 x 600"):
        read_lines(tmp_path)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_is_upright_as_its_lines_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turns: int) -> None:
    upright = [sample.image(RNG) for sample in read_lines(write_page_xml(tmp_path)).samples]
    monkeypatch.setattr("pipeline.clean.quarter_turns", lambda ink: turns)
    again = [sample.image(RNG) for sample in read_lines(tmp_path).samples]
    for one, other in zip(upright, again, strict=True):
        assert one.shape == other.shape
        assert (one == other).all()


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "lol"><!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">]><PcGts>&e;</PcGts>'
)
THEFT = '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/hostname">]><PcGts>&x;</PcGts>'
HIDDEN = THEFT.replace('version="1.0"', 'version="1.0" encoding="UTF-16"').encode("utf-16")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (BOMB.encode(), "declares entities"),
        (THEFT.encode(), "declares entities"),
        (b'<!DOCTYPE b SYSTEM "b.dtd"><PcGts>&x;</PcGts>', "entities that it does not declare"),
        (HIDDEN, "declares entities"),
        (b"<PcGts><Page>", "not valid XML"),
        (b"", "not valid XML"),
        (b"<html/>", "neither PAGE XML nor ALTO"),
    ],
)
def test_hostile_and_broken_xml_is_named_and_the_others_stay(tmp_path: Path, content: bytes, reason: str) -> None:
    write_page_xml(tmp_path)
    (tmp_path / "bad.xml").write_bytes(content)
    read = read_lines(tmp_path)
    assert texts(read) == list(TEXTS)
    assert reason in read.bad[0].reason
    assert read.bad[0].file == tmp_path / "bad.xml"

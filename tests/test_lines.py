import cv2
import numpy as np
import pytest

from pipeline.clean import CleanPage, clean_page
from pipeline.layout import lay_out
from pipeline.lines import TextLine, crop_line, find_lines
from tests.handmade import TEXT, page, rule, shade, turn, write


def _lines(pixels: np.ndarray) -> tuple[CleanPage, list[TextLine]]:
    cleaned = clean_page(pixels)
    return cleaned, find_lines(cleaned)


@pytest.mark.parametrize(
    "change", [lambda p: p, rule, shade, lambda p: rule(shade(p))], ids=["plain", "ruled", "shaded", "both"]
)
def test_every_line_is_found_on_its_baseline(change) -> None:
    _, lines = _lines(change(page()))
    assert [line.baseline[:, 1].mean() for line in lines] == pytest.approx([200 + 100 * i for i in range(8)], abs=12)


@pytest.mark.parametrize("degrees", [-12, 7])
def test_lines_of_a_skewed_page_lie_on_its_writing(degrees: float) -> None:
    pixels = turn(page(), degrees)
    cleaned, lines = _lines(pixels)
    assert len(lines) == len(TEXT)
    covered = np.zeros(pixels.shape[:2], np.uint8)
    for line in lines:
        cv2.fillPoly(covered, [np.round(cleaned.source_points(line.polygon)).astype(np.int32)], 1)
    assert covered[pixels.min(axis=2) < 128].mean() > 0.98


@pytest.mark.parametrize("factor", [0.5, 1, 2])
def test_lines_are_found_at_any_resolution(factor: float) -> None:
    pixels = cv2.resize(
        page(), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    )
    assert len(_lines(pixels)[1]) == len(TEXT)


@pytest.mark.parametrize(("bow", "slope", "size"), [(0, 0, 1), (30, 0, 1), (-30, 0.04, 1), (45, 0, 1), (45, -0.03, 2)])
def test_a_curved_line_is_one_line_and_its_baseline_is_the_true_one(bow: float, slope: float, size: int) -> None:
    def rise(xs: np.ndarray) -> np.ndarray:
        return bow * np.sin(xs / 980 * np.pi) + slope * (xs - 620)

    xs, ys = np.meshgrid(np.arange(1240, dtype=np.float32), np.arange(1600, dtype=np.float32))
    bent = cv2.remap(page(), xs, (ys + rise(xs)).astype(np.float32), cv2.INTER_LINEAR, borderValue=(250, 250, 250))
    cleaned, lines = _lines(cv2.resize(bent, None, fx=size, fy=size, interpolation=cv2.INTER_CUBIC))
    assert len(lines) == len(TEXT)
    offsets = []
    for number, line in enumerate(lines):
        points = cleaned.source_points(line.baseline) / size
        across = np.linspace(points[0, 0], points[-1, 0], 200)
        offsets.append(np.interp(across, *points.T) - (200 + 100 * number - rise(across)))
    # In pixels, where small letters are about 25 high; where the foot of a line is seen is a matter of a pixel.
    assert np.abs(offsets).mean() < 2
    assert np.abs(offsets).max() < 9
    assert np.std(offsets, axis=1).mean() < 1.6
    assert all(crop_line(cleaned, line).shape[0] < 90 * size for line in lines)


def test_touching_lines_are_parted() -> None:
    pixels = page(pitch=62)
    for x in (300, 500, 700):
        cv2.line(pixels, (x, 180), (x, 640), (60, 40, 30), 3)
    assert len(_lines(pixels)[1]) == len(TEXT)


def test_a_letter_that_meets_a_tail_of_the_line_above_stays_with_its_own_line() -> None:
    pixels = page(TEXT[:4], pitch=90)
    for points in (((787, 262), (779, 330)), ((760, 332), (806, 332)), ((786, 332), (776, 380))):
        cv2.line(pixels, *points, (90, 40, 30), 4)  # a tail, and the bar and stem of a T
    _, lines = _lines(pixels)
    assert len(lines) == 4
    tail, letter = (line.polygon[line.polygon[:, 0] > 760, 1] for line in lines[1:3])
    assert tail.max() < 345
    assert letter.min() < 345 < 375 < letter.max()


def test_a_mark_halfway_between_two_lines_is_an_accent_of_the_lower_one() -> None:
    pixels = page(("none can see no one", "none can see no one"), pitch=80)
    for x in (140, 220, 300):
        cv2.line(pixels, (x, 230), (x + 14, 222), (90, 40, 30), 4)
    _, lines = _lines(pixels)
    assert len(lines) == 2
    assert lines[0].polygon[lines[0].polygon[:, 0] < 330, 1].max() < 216
    assert lines[1].polygon[:, 1].min() < 226


@pytest.mark.parametrize("degrees", [0.0, 2.0])
def test_the_edge_of_a_sheet_beside_the_lines_of_a_scan_is_part_of_none(degrees: float) -> None:
    pixels = page(tuple(f"{text} and so on then" for text in TEXT), pitch=80)
    cv2.fillPoly(pixels, [np.array([(1222, 0), (1238, 0), (1236, 600), (1224, 600)])], (60, 60, 60))
    _, lines = _lines(turn(pixels, degrees))
    assert len(lines) == len(TEXT)
    assert all(np.ptp(line.polygon[:, 1]) < 90 for line in lines)


def test_wide_gaps_between_words_do_not_split_a_line() -> None:
    pixels = np.full((900, 1500, 3), 250, np.uint8)
    for row in range(5):
        for column, word in enumerate(("never", "mind", "the", "gaps")):
            write(pixels, word, 80 + 340 * column, 150 + 120 * row)
    assert len(_lines(pixels)[1]) == 5


def test_columns_with_a_wide_gutter_are_two_lines() -> None:
    pixels = np.full((1200, 2400, 3), 250, np.uint8)
    for row in range(6):
        write(pixels, "left column text", 60, 150 + 110 * row)
        write(pixels, "right column text", 1500, 150 + 110 * row)
    assert len(_lines(pixels)[1]) == 12


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((1600, 1240, 3), 255, np.uint8),
        rule(np.full((1600, 1240, 3), 250, np.uint8)),
        np.full((3, 4, 3), 9, np.uint8),
    ],
    ids=["white", "ruled", "tiny"],
)
def test_an_empty_page_has_no_lines(pixels: np.ndarray) -> None:
    assert _lines(pixels)[1] == []


@pytest.mark.parametrize(
    "dark", [np.s_[:700, -5:], np.s_[:700, -9:], np.s_[:700, -16:], np.s_[:20, :20], np.s_[:8], np.s_[900:940, 60:100]],
    ids=["hair", "stripe", "edge", "corner", "top", "hole"],
)  # fmt: skip
def test_an_empty_page_with_something_dark_on_it_has_no_lines(dark: tuple[slice, ...]) -> None:
    pixels = np.full((2200, 1700, 3), 250, np.uint8)
    pixels[dark] = 40
    assert _lines(pixels)[1] == []


def test_punch_holes_dots_and_frames_are_no_lines() -> None:
    pixels = page()
    for y in (300, 800, 1300):
        cv2.circle(pixels, (40, y), 22, (30, 30, 30), -1)
    cv2.rectangle(pixels, (4, 4), (1235, 1595), (60, 60, 60), 3)
    pixels[1450:1454, 600:604] = 0
    assert len(_lines(pixels)[1]) == len(TEXT)


def test_a_large_drawing_is_no_line() -> None:
    pixels = page(TEXT[:5])
    cv2.circle(pixels, (600, 1150), 300, (60, 40, 30), 4)
    cv2.line(pixels, (300, 1150), (900, 1150), (60, 40, 30), 4)
    cv2.line(pixels, (600, 850), (600, 1450), (60, 40, 30), 4)
    assert len(_lines(pixels)[1]) == 5


def test_a_crop_holds_its_line_alone_with_narrow_margins() -> None:
    cleaned, lines = _lines(page(pitch=75))
    alone = np.full((1600, 1240, 3), 250, np.uint8)
    write(alone, TEXT[2], 120, 350)
    ys, xs = np.nonzero(alone.min(axis=2) < 128)
    crop = crop_line(cleaned, lines[2])
    assert crop.dtype == np.uint8
    assert crop.shape == pytest.approx((np.ptp(ys) + 7, np.ptp(xs) + 7), abs=8)
    assert crop[0].min() == crop[-1].min() == 255
    assert (crop < 128).sum() == pytest.approx((alone.min(axis=2) < 128).sum(), rel=0.1)


def test_the_bar_of_a_tall_letter_and_a_dash_are_no_lines() -> None:
    pixels = page()
    cv2.line(pixels, (130, 130), (190, 130), (90, 40, 30), 3)
    cv2.line(pixels, (700, 1300), (760, 1301), (90, 40, 30), 3)
    _, lines = _lines(pixels)
    assert len(lines) == len(TEXT)
    assert lines[0].polygon[:, 1].min() < 132


def test_a_page_number_is_a_line() -> None:
    pixels = page()
    write(pixels, "2", 1100, 1500)
    assert len(_lines(pixels)[1]) == len(TEXT) + 1


@pytest.mark.parametrize("texts", [TEXT[:1], TEXT[:2]])
def test_a_page_of_a_line_or_two_has_as_many(texts: tuple[str, ...]) -> None:
    assert len(_lines(page(texts, pitch=70))[1]) == len(texts)


def test_an_underline_belongs_to_its_line() -> None:
    pixels = page(TEXT[:4])
    by_hand = np.array([(400 + 40 * step, 424 + 4 * (step % 3)) for step in range(14)])
    cv2.polylines(pixels, [by_hand], False, (90, 40, 30), 4)
    _, lines = _lines(pixels)
    assert len(lines) == 4
    assert lines[2].polygon[:, 1].max() > 425


def test_two_columns_are_parted_and_a_side_note_too() -> None:
    pixels = np.full((1200, 2400, 3), 250, np.uint8)
    for row, text in enumerate(TEXT[:6]):
        write(pixels, text, 120, 200 + 100 * row)
        write(pixels, text[:12], 1500, 215 + 100 * row)
    assert len(_lines(pixels)[1]) == 12


def test_drawings_alone_make_no_line() -> None:
    pixels = np.full((1600, 1240, 3), 250, np.uint8)
    cv2.circle(pixels, (600, 500), 300, (60, 40, 30), 4)
    cv2.line(pixels, (200, 1000), (1000, 1400), (60, 40, 30), 4)
    cv2.line(pixels, (1000, 1000), (200, 1400), (60, 40, 30), 4)
    clean = clean_page(pixels)
    assert lay_out(clean, find_lines(clean)).lines == ()


def test_a_crop_shows_the_full_stop_that_stands_on_a_ruled_line() -> None:
    pixels = page(TEXT[:3])
    end = int(_lines(pixels)[1][1].polygon[:, 0].max())
    cv2.circle(pixels, (end + 6, 298), 2, (90, 40, 30), -1)
    cleaned, lines = _lines(rule(pixels, step=100))
    crop = crop_line(cleaned, lines[1])
    assert crop[:, -19:].min() < 128

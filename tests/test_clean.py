import cv2
import numpy as np
import pytest

from pipeline.clean import clean_page
from pipeline.lines import find_lines
from pipeline.photos.surroundings import paint_desk
from tests.handmade import TEXT, page, rule, shade, turn


@pytest.mark.parametrize("degrees", [-15, -7.3, -1, 0, 0.6, 4, 12, 15])
def test_the_skew_of_a_page_is_found_within_a_third_of_a_degree(degrees: float) -> None:
    assert clean_page(turn(page(), degrees)).skew_degrees == pytest.approx(degrees, abs=0.3)


def test_a_ruled_page_is_levelled_too() -> None:
    assert clean_page(turn(rule(page()), -6)).skew_degrees == pytest.approx(-6, abs=0.3)


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_a_page_on_its_side_comes_upright(turns: int) -> None:
    lying = np.ascontiguousarray(np.rot90(page(), turns))
    cleaned = clean_page(lying)
    assert cleaned.skew_degrees == pytest.approx((90 * turns + 180) % 360 - 180, abs=0.3)
    upright = clean_page(page()).ink
    assert cleaned.ink.shape == upright.shape
    assert np.mean(cleaned.ink != upright) < 0.01


@pytest.mark.parametrize("degrees", [0, 5])
@pytest.mark.parametrize("turns", [0, 1])
def test_clean_pixels_map_back_to_where_they_came_from(degrees: float, turns: int) -> None:
    pixels = page()
    cv2.circle(pixels, (1000, 1300), 14, (0, 0, 0), -1)
    pixels = np.ascontiguousarray(np.rot90(turn(pixels, degrees), turns))
    cleaned = clean_page(pixels)
    ys, xs = np.nonzero(cleaned.ink)
    back = np.round(cleaned.source_points(np.column_stack([xs, ys]).astype(float))).astype(int)
    assert np.mean(pixels[back[:, 1], back[:, 0]].min(axis=1) < 220) > 0.95


def test_ruling_and_margin_go_and_the_writing_stays() -> None:
    bare, ruled = clean_page(page()).ink, clean_page(rule(page())).ink
    assert ruled[bare].mean() > 0.93
    assert (ruled & ~cv2.dilate(bare.astype(np.uint8), np.ones((5, 5))).astype(bool)).sum() < 0.01 * bare.sum()


def test_uneven_light_leaves_paper_white_and_every_stroke_inked() -> None:
    bare, shaded = clean_page(page()).ink, clean_page(shade(page()))
    assert (shaded.ink & bare).sum() / (shaded.ink | bare).sum() > 0.85
    assert np.median(shaded.grey) == 255


@pytest.mark.parametrize(
    ("pen", "name"),
    [((40, 40, 200), "red"), ((200, 80, 40), "blue"), ((60, 140, 40), "green"), ((150, 150, 150), "pencil")],
)
def test_pens_of_every_colour_are_kept(pen: tuple[int, int, int], name: str) -> None:
    dark, coloured = clean_page(page()).ink, clean_page(page(pen=pen)).ink
    assert coloured[dark].mean() > 0.9, name


def test_ink_that_shines_through_from_the_back_is_paper() -> None:
    back = page(tuple(text[::-1] for text in TEXT), pen=(215, 215, 215))[:, ::-1]
    both = np.minimum(page(), np.roll(back, 50, axis=0))
    alone = cv2.dilate(clean_page(page()).ink.astype(np.uint8), np.ones((5, 5))).astype(bool)
    assert (clean_page(both).ink & ~alone).sum() < 0.03 * alone.sum()


def _speckled() -> np.ndarray:
    speckled = np.full((1600, 1240, 3), 250, np.uint8)
    spots = np.random.default_rng(3).integers(0, [1600, 1240], (200, 2))
    speckled[spots[:, 0], spots[:, 1]] = 0
    return speckled


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((1600, 1240, 3), 255, np.uint8),
        np.full((700, 500, 3), 180, np.uint8),
        np.zeros((300, 200, 3), np.uint8),
        np.full((1, 1, 3), 255, np.uint8),
        rule(np.full((1600, 1240, 3), 250, np.uint8)),
        shade(np.full((1600, 1240, 3), 240, np.uint8)),
        _speckled(),
    ],
    ids=["white", "grey", "black", "one pixel", "ruled", "shaded", "speckled"],
)
def test_a_blank_page_has_no_ink(pixels: np.ndarray) -> None:
    assert not clean_page(pixels).ink.any()


@pytest.mark.parametrize("factor", [0.5, 1, 3])
def test_photos_small_and_large_are_cleaned_alike(factor: float) -> None:
    pixels = cv2.resize(
        page(), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    )
    cleaned = clean_page(pixels)
    assert cleaned.grey.shape == pixels.shape[:2]
    assert cleaned.ink.mean() == pytest.approx(clean_page(page()).ink.mean(), rel=0.45)


def test_a_binarised_page_stays_as_it_is() -> None:
    black = page().min(axis=2) < 128
    pixels = np.repeat(np.where(black, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
    assert np.array_equal(clean_page(pixels).ink, black)


def test_a_page_that_clearly_stands_on_its_head_is_turned_over() -> None:
    upright = page(("the hill that held the tall bell", "hid behind the black leafless elk") * 4)
    assert clean_page(upright).skew_degrees == 0
    assert abs(clean_page(np.ascontiguousarray(upright[::-1, ::-1])).skew_degrees) == 180
    assert clean_page(np.ascontiguousarray(upright[::-1, ::-1]), stands=True).skew_degrees == 0


@pytest.mark.parametrize("around", [(50, 55, 60), (255, 255, 255), (120, 150, 170)], ids=["dark", "white", "brown"])
def test_what_lies_around_a_turned_sheet_is_no_ink(around: tuple[int, int, int]) -> None:
    sheet = np.clip(page().astype(np.int16) - 35, 0, 255).astype(np.uint8)  # paper greyer than the white around it
    height, width = sheet.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 7, 0.8)
    photo = cv2.warpAffine(sheet, turn, (width, height), borderValue=around)
    clean = clean_page(photo)
    assert clean.skew_degrees == pytest.approx(7, abs=0.4)
    assert len(find_lines(clean)) == len(TEXT)


def _with_panel(colour: tuple[int, int, int], side: str) -> np.ndarray:
    """A page with a coloured part on its right side (10 lines) or at its foot (4)."""
    base = page()
    height, width = base.shape[:2]
    if side == "right":
        pixels = np.concatenate([base, np.full((height, 500, 3), colour, np.uint8)], axis=1)
        places = [("notes here", width + 60, 150 + 130 * n) for n in range(10)]
    else:
        pixels = np.concatenate([base, np.full((500, width, 3), colour, np.uint8)])
        places = [("summary of the page here", 100, height + 100 + 110 * n) for n in range(4)]
    for text, x, y in places:
        cv2.putText(pixels, text, (x, y), cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.5, (30, 30, 30), 2, cv2.LINE_AA)
    return pixels


def _tilted(pixels: np.ndarray, degrees: float) -> np.ndarray:
    size = pixels.shape[1::-1]
    matrix = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), degrees, 1)
    return cv2.warpAffine(pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE)


COLOURS = {"beige": (150, 190, 210), "blue": (220, 180, 140), "pink": (170, 160, 230), "yellow": (140, 240, 250)}


@pytest.mark.parametrize(("side", "lines"), [("right", 18), ("bottom", 12)])
@pytest.mark.parametrize("colour", COLOURS)
def test_writing_on_a_coloured_part_of_a_page_is_kept(colour: str, side: str, lines: int) -> None:
    panel = _with_panel(COLOURS[colour], side)
    for pixels in (panel, _tilted(panel, 1.5)):
        assert len(find_lines(clean_page(pixels))) == lines


@pytest.mark.parametrize(("side", "lines"), [("right", 18), ("bottom", 12)])
def test_writing_on_a_blue_part_of_a_sheet_on_a_dark_desk_is_kept(side: str, lines: int) -> None:
    panel = _with_panel(COLOURS["blue"], side)
    photo = cv2.copyMakeBorder(panel, 200, 200, 200, 200, cv2.BORDER_CONSTANT, value=(60, 70, 80))
    assert len(find_lines(clean_page(_tilted(photo, 2)))) == lines


def _bulging_sheet(desk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A page on a desk, its right side bulging more than paper does; and what of the picture is the page, (h, w)."""
    height, width = desk.shape[:2]
    share = np.linspace(0, 1, 60)
    bulge = np.column_stack([1340 + 400 * 4 * share * (1 - share), 100 + 1600 * share])
    sheet = np.vstack([[(100, 100)], bulge, [(100, 1700)]]).round().astype(np.int32)
    paper = np.full_like(desk, 250)
    paper[100:1700, 100:1340] = page(TEXT + TEXT[:4], pitch=105)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [sheet], 1)
    return np.where(inside[..., None] > 0, paper, desk), inside > 0


def test_what_lies_around_a_sheet_that_cannot_be_laid_flat_is_no_ink() -> None:
    picture, inside = _bulging_sheet(paint_desk("wood", 1800, 1900, np.random.default_rng(1)))
    clean = clean_page(picture)
    ys, xs = np.nonzero(clean.ink)
    points = clean.source_points(np.column_stack([xs, ys]).astype(np.float64)).round().astype(int)
    on_page = inside[points[:, 1].clip(0, 1799), points[:, 0].clip(0, 1899)]
    assert (~on_page).mean() < 0.01
    assert len(find_lines(clean)) == 12

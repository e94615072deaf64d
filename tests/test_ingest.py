"""Files of all kinds become upright 8-bit BGR pages, or a sentence."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.errors import InklineError, LimitError, PageError, SourceError, UnreadableFileError
from pipeline.ingest import open_source
from pipeline.settings import Settings, read_settings

# Pillow grumbles about damaged files before it fails on them.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")
SETTINGS = read_settings({})
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "BMP": "bmp", "GIF": "gif", "TIFF": "tiff", "HEIF": "heic"}


def settings(**limits: int) -> Settings:
    return read_settings({f"INKLINE_{name.upper()}": str(value) for name, value in limits.items()})


def picture(mode: str = "RGB") -> Image.Image:
    """White paper, 96 x 64, with a dark block at the top left."""
    image = Image.new("RGB", (96, 64), "white")
    ImageDraw.Draw(image).rectangle((4, 4, 36, 20), fill=(20, 30, 90))
    return image.convert(mode)


def saved(folder: Path, image: Image.Image, kind: str, **options: object) -> Path:
    path = folder / f"page.{SUFFIXES[kind]}"
    image.save(path, kind, **options)
    return path


def read(path: Path, index: int = 0) -> np.ndarray:
    return open_source(path, SETTINGS).read(index).pixels


@pytest.mark.parametrize("kind", SUFFIXES)
def test_a_picture_of_each_kind_is_one_bgr_page(tmp_path: Path, kind: str) -> None:
    source = open_source(saved(tmp_path, picture(), kind), SETTINGS)
    pixels = source.read(0).pixels
    assert source.page_count == 1
    assert source.name == f"page.{SUFFIXES[kind]}"
    assert (pixels.shape, pixels.dtype) == ((64, 96, 3), np.uint8)
    assert pixels[50, 80].min() > 245
    blue, green, red = (int(value) for value in pixels[12, 16])
    assert blue > green + 20
    assert red < 60


@pytest.mark.parametrize("kind", SUFFIXES)
def test_the_content_decides_not_the_suffix(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path, picture(), kind).rename(tmp_path / "page.txt")
    assert read(path).shape == (64, 96, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("kind", "as_boxes"), [(kind, False) for kind in ("JPEG", "PNG", "WEBP", "TIFF", "HEIF")] + [("HEIF", True)]
)
def test_every_exif_turn_ends_upright(tmp_path: Path, kind: str, as_boxes: bool, orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = picture().transpose(undo[orientation]) if orientation > 1 else picture()
    exif = Image.Exif()
    exif[0x0112] = orientation
    # From bytes, HEIC writes its own boxes for the turn beside the EXIF block; from an Exif object only the block.
    pixels = read(saved(tmp_path, stored, kind, exif=exif.tobytes() if as_boxes else exif))
    assert pixels.shape == (64, 96, 3)
    assert pixels[12, 16].max() < 130, "the dark block is at the top left again"
    assert pixels[50, 80].min() > 245


def test_a_damaged_exif_block_does_not_lose_the_page(tmp_path: Path) -> None:
    path = saved(tmp_path, picture(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert read(path).shape == (64, 96, 3)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "PNG"), ("1", "TIFF"), ("1", "BMP"), ("L", "JPEG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("P", "GIF"),
     ("RGBA", "PNG"), ("RGBA", "WEBP"), ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "JPEG"), ("LAB", "TIFF")],
)  # fmt: skip
def test_every_mode_keeps_ink_dark_and_paper_light(tmp_path: Path, mode: str, kind: str) -> None:
    if mode == "LAB":
        lightness, grey = picture("L"), Image.new("L", (96, 64), 128)
        image = Image.merge("LAB", (lightness, grey, grey))
    else:
        image = picture(mode)
    pixels = read(saved(tmp_path, image, kind))
    assert (pixels.shape, pixels.dtype) == ((64, 96, 3), np.uint8)
    assert pixels[12, 16].mean() < 90
    assert pixels[50, 80].min() > 240


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_paper_is_white(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGBA", (96, 64), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((4, 4, 36, 20), fill=(20, 20, 20, 255))
    pixels = read(saved(tmp_path, image.convert(mode), "PNG"))
    assert pixels[50, 80].tolist() == [255, 255, 255]
    assert pixels[12, 16].max() == 20


def test_a_transparent_palette_colour_is_white(tmp_path: Path) -> None:
    image = Image.new("P", (96, 64), 0)
    image.putpalette([0, 0, 0, 10, 10, 10])
    ImageDraw.Draw(image).rectangle((4, 4, 36, 20), fill=1)
    pixels = read(saved(tmp_path, image, "GIF", transparency=0))
    assert pixels[50, 80].tolist() == [255, 255, 255]
    assert pixels[12, 16].max() < 20


def deep(values: np.ndarray, ink: float, paper: float) -> np.ndarray:
    values[:] = paper
    values[4:20, 4:36] = ink
    return values


@pytest.mark.parametrize(
    ("dtype", "ink", "paper", "kind"),
    [(np.uint16, 6_000, 60_000, "PNG"), (np.uint16, 6_000, 60_000, "TIFF"), (np.uint16, 400, 4_000, "TIFF"),
     (np.int32, 20, 240, "TIFF"), (np.int32, 100_000, 1_000_000, "TIFF"), (np.float32, 0.1, 0.95, "TIFF"),
     (np.float32, 20.0, 240.0, "TIFF")],
)  # fmt: skip
def test_deep_grey_is_scaled_not_clipped(
    tmp_path: Path, dtype: type[np.generic], ink: float, paper: float, kind: str
) -> None:
    image = Image.fromarray(deep(np.zeros((64, 96), dtype), ink, paper))
    pixels = read(saved(tmp_path, image, kind))
    assert pixels[12, 16].max() < 40
    assert pixels[50, 80].min() > 220


def test_16_bit_grey_that_counts_from_white_is_turned_round(tmp_path: Path) -> None:
    image = Image.fromarray(deep(np.zeros((64, 96), np.uint16), 60_000, 5_000))
    pixels = read(saved(tmp_path, image, "TIFF", tiffinfo={262: 0}))
    assert pixels[12, 16].max() < 40
    assert pixels[50, 80].min() > 220


def test_a_tiff_has_as_many_pages_as_pictures_and_any_can_be_read_first(tmp_path: Path) -> None:
    sizes = [(96, 64), (64, 96), (50, 40)]
    first, *rest = [picture().resize(size) for size in sizes]
    path = saved(tmp_path, first, "TIFF", save_all=True, append_images=rest)
    source = open_source(path, SETTINGS)
    assert source.page_count == 3
    assert [source.read(index).pixels.shape[:2] for index in (2, 0, 1)] == [(40, 50), (64, 96), (96, 64)]
    with pytest.raises(PageError, match="no page 4"):
        source.read(3)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_one_page(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path, picture(), kind, save_all=True, append_images=[picture().rotate(180)])
    assert open_source(path, SETTINGS).page_count == 1


@pytest.mark.parametrize(("dpi", "known"), [(300, 300), (150, 150), (1, 300), (7, 300), (9600, 300)])
def test_the_dpi_is_what_the_file_says_if_that_can_be_true(tmp_path: Path, dpi: int, known: int) -> None:
    path = saved(tmp_path, picture(), "PNG", dpi=(dpi, dpi))
    assert open_source(path, SETTINGS).read(0).dpi == known


def test_a_photo_that_would_be_a_yard_long_is_taken_for_300_dpi(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("L", (4000, 30), 255), "JPEG", dpi=(72, 72))
    assert open_source(path, SETTINGS).read(0).dpi == 300


def test_the_beginning_of_a_jpeg_that_breaks_off_is_read(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (400, 300), np.uint8)
    whole = saved(tmp_path, Image.fromarray(noise), "JPEG")
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) * 2 // 3])
    pixels = read(whole)
    assert pixels.shape == (400, 300, 3)
    assert pixels[:200].std() > 50
    assert pixels[-20:].std() < 5


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "WEBP", "HEIF"])
def test_half_a_picture_of_another_kind_is_called_damaged(tmp_path: Path, kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (100, 100, 3), np.uint8)
    path = saved(tmp_path, Image.fromarray(noise), kind)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises((UnreadableFileError, PageError), match="is damaged"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("notes.pdf", b"just some words", "no PDF, though its name says so"),
     ("notes.docx", b"PK\x03\x04 and more", "Word, Office or zip"),
     ("drawing.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
     ("photo.jpg", b"<!doctype html><title>Not found</title>", "web page"),
     ("photo.png", b"\0" * 50, "neither a PDF nor a picture"),
     ("photo.avif", b"\0\0\0\x1cftypavif\0\0\0\0", "neither a PDF nor a picture"),
     ("empty.pdf", b"", "0 bytes"),
     ("photo.jpg", b"\xff\xd8\xff\xe0", "is damaged"),
     ("photo.tif", b"II*\0\x08\0\0\0", "is damaged")],
)  # fmt: skip
def test_a_file_that_holds_no_page_gets_a_sentence(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=words) as caught:
        open_source(path, SETTINGS)
    assert str(caught.value).startswith(name)
    assert str(caught.value).endswith(".")


def test_messages_name_the_file_as_the_user_knows_it(tmp_path: Path) -> None:
    path = tmp_path / "5f2c"
    path.write_bytes(b"")
    with pytest.raises(UnreadableFileError, match=r"^my notes\.pdf is empty"):
        open_source(path, SETTINGS, name="my notes.pdf")


def test_a_missing_file_and_a_folder_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there"):
        open_source(tmp_path / "none.pdf", SETTINGS)
    with pytest.raises(SourceError, match="is a folder"):
        open_source(tmp_path, SETTINGS)
    with pytest.raises(SourceError, match="not a regular file"):
        open_source(Path("/dev/null"), SETTINGS)


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2**20))
    with pytest.raises(LimitError, match="limit is 1 MB"):
        open_source(path, settings(max_file_mb=1))


def test_a_picture_above_the_limit_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("1", (1200, 1000)), "PNG")
    with pytest.raises(LimitError, match="limit is 1"):
        open_source(path, settings(max_page_megapixels=1))
    huge = tmp_path / "huge.gif"
    huge.write_bytes(b"GIF89a" + b"\xff" * 4 + bytes(3) + b"," + bytes(4) + b"\xff" * 4 + bytes(20))
    with pytest.raises(LimitError, match="pixels"):
        open_source(huge, SETTINGS)


def test_only_the_page_of_a_tiff_that_is_too_large_is_refused(tmp_path: Path) -> None:
    large = Image.new("1", (1200, 1000))
    path = saved(tmp_path, picture("1"), "TIFF", save_all=True, append_images=[large])
    source = open_source(path, settings(max_page_megapixels=1))
    assert source.read(0).pixels.shape == (64, 96, 3)
    with pytest.raises(LimitError, match="Page 2"):
        source.read(1)


def test_a_tiff_with_too_many_pages_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, picture(), "TIFF", save_all=True, append_images=[picture()] * 3)
    assert open_source(path, settings(max_pages=4)).page_count == 4
    with pytest.raises(LimitError, match="more than 3 pages"):
        open_source(path, settings(max_pages=3))


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """The file cut off, with bytes changed, or both."""
    kind = rng.integers(3)
    changed = bytearray(data[: rng.integers(len(data))] if kind == 0 else data)
    if kind and changed:
        # Most faults hide in headers.
        reach = len(changed) if kind == 1 else min(len(changed), 200)
        for position in rng.integers(0, reach, rng.integers(1, 12)):
            changed[position] = rng.integers(256)
    return bytes(changed)


@pytest.mark.parametrize("kind", [*SUFFIXES, "PDF"])
def test_damaged_files_raise_only_sentences(tmp_path: Path, kind: str) -> None:
    buffer = io.BytesIO()
    options = {"save_all": True, "append_images": [picture()]} if kind in {"TIFF", "PDF"} else {}
    picture().save(buffer, kind, **options)
    rng = np.random.default_rng(20)
    path = tmp_path / "page"
    readable, sentences = 0, []
    for _ in range(12 if kind == "PDF" else 60):  # each PDF starts poppler
        path.write_bytes(damaged(buffer.getvalue(), rng))
        try:
            source = open_source(path, settings(max_page_megapixels=4))
            for index in range(source.page_count):
                page = source.read(index).pixels
                assert (page.dtype, page.shape[2]) == (np.uint8, 3)
            readable += 1
        except InklineError as error:
            sentences.append(str(error))
    assert all(sentence.endswith(".") for sentence in sentences)
    assert readable, "some damage leaves a file readable"

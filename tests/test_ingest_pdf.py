"""PDFs come page by page at the dpi asked, and what is wrong with one is said before anything large is rendered."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, RectangleObject

from pipeline.errors import (
    LimitError,
    MissingProgramError,
    PageError,
    PasswordError,
    UnreadableFileError,
)
from pipeline.ingest import open_source, pdf
from pipeline.ingest.pdf import rendering_dpi
from pipeline.settings import read_settings

SETTINGS = read_settings({})


def scan(path: Path, *, pages: int = 1, dpi: int = 100) -> Path:
    """Pages of 3 x 4 inches, each with as many dark bars as its number."""
    images = []
    for number in range(1, pages + 1):
        image = Image.new("L", (3 * dpi, 4 * dpi), 250)
        for bar in range(number):
            ImageDraw.Draw(image).rectangle(
                (dpi, (bar + 1) * dpi // 4, 2 * dpi, (bar + 1) * dpi // 4 + dpi // 10), fill=10
            )
        images.append(image)
    images[0].save(path, "PDF", save_all=True, append_images=images[1:], resolution=dpi)
    return path


def blank(path: Path, width: float, height: float, *, pages: int = 1) -> Path:
    """Empty pages, sizes in points."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width, height)
    writer.write(path)
    return path


def locked(path: Path, user: str, owner: str | None = None) -> Path:
    writer = PdfWriter(clone_from=scan(path))
    writer.encrypt(user, owner, algorithm="RC4-128")
    writer.write(path)
    return path


def bars(pixels: np.ndarray) -> int:
    dark = pixels[:, pixels.shape[1] // 2, 0] < 128
    return int((np.diff(dark.astype(int)) == 1).sum())


def test_pages_come_one_by_one_in_any_order_at_the_dpi_asked(tmp_path: Path) -> None:
    source = open_source(scan(tmp_path / "notes.pdf", pages=3), SETTINGS, dpi=150)
    assert (source.name, source.page_count) == ("notes.pdf", 3)
    for index in (2, 0, 1):
        page = source.read(index)
        assert (page.pixels.shape, page.pixels.dtype, page.dpi) == ((600, 450, 3), np.uint8, 150)
        assert bars(page.pixels) == index + 1
    with pytest.raises(PageError, match="no page 4"):
        source.read(3)


def test_colours_are_bgr(tmp_path: Path) -> None:
    Image.new("RGB", (100, 100), (200, 30, 40)).save(tmp_path / "red.pdf", resolution=100)
    blue, green, red = open_source(tmp_path / "red.pdf", SETTINGS, dpi=100).read(0).pixels[50, 50]
    assert red > 190
    assert max(blue, green) < 60


def test_a_pdf_is_known_by_its_content(tmp_path: Path) -> None:
    path = scan(tmp_path / "notes.jpg")
    path.write_bytes(b"\n some mail header\n" + path.read_bytes())
    assert open_source(path, SETTINGS).page_count == 1


def test_a_name_that_looks_like_an_option_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(tmp_path / "-listenc")
    monkeypatch.chdir(tmp_path)
    assert open_source(Path("-listenc"), SETTINGS).page_count == 1


@pytest.mark.parametrize("password", ["secret", "boss", "  with spaces ", "-upw", "süß"])
def test_the_right_password_opens_an_encrypted_pdf(tmp_path: Path, password: str) -> None:
    path = locked(tmp_path / "locked.pdf", "secret" if password == "boss" else password, "boss")
    assert bars(open_source(path, SETTINGS, password=password).read(0).pixels) == 1


def test_without_its_password_an_encrypted_pdf_asks_for_it(tmp_path: Path) -> None:
    with pytest.raises(PasswordError, match=r"^locked\.pdf is protected by a password\. Give"):
        open_source(locked(tmp_path / "locked.pdf", "secret"), SETTINGS)


@pytest.mark.parametrize("password", ["Secret", "a\0b", "\udc80", "x" * 500])
def test_a_wrong_password_is_called_wrong(tmp_path: Path, password: str) -> None:
    with pytest.raises(PasswordError, match="not right"):
        open_source(locked(tmp_path / "locked.pdf", "secret"), SETTINGS, password=password)


@pytest.mark.parametrize("password", ["", "anything"])
def test_a_pdf_that_only_limits_printing_opens_without_a_password(tmp_path: Path, password: str) -> None:
    path = locked(tmp_path / "locked.pdf", "", "boss")
    assert open_source(path, SETTINGS, password=password).read(0).pixels.size


def test_a_password_for_a_pdf_without_one_does_no_harm(tmp_path: Path) -> None:
    assert open_source(scan(tmp_path / "open.pdf"), SETTINGS, password="secret").page_count == 1


def test_too_many_pages_are_refused_at_once(tmp_path: Path) -> None:
    path = scan(tmp_path / "long.pdf", pages=3)
    with pytest.raises(LimitError, match="3 pages; the limit is 2"):
        open_source(path, read_settings({"INKLINE_MAX_PAGES": "2"}))


def test_a_page_larger_than_any_pdf_page_is_refused_before_it_is_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_source(blank(tmp_path / "bomb.pdf", 35_000, 35_000), SETTINGS)
    monkeypatch.setattr(pdf, "convert_from_path", lambda *_, **__: pytest.fail("it was rendered"))
    with pytest.raises(LimitError, match="486 x 486 inches"):
        source.read(0)


def test_what_lies_outside_the_crop_box_is_neither_shown_nor_rendered(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=blank(tmp_path / "crop.pdf", 35_000, 35_000))
    writer.pages[0][NameObject("/CropBox")] = RectangleObject((0, 0, 144, 72))
    writer.write(tmp_path / "crop.pdf")
    assert open_source(tmp_path / "crop.pdf", SETTINGS, dpi=100).read(0).pixels.shape == (100, 200, 3)


@pytest.mark.parametrize(
    ("width", "height", "asked", "given"),
    [(8.27, 11.69, 300, 300), (11.69, 16.54, 300, 300), (17, 11, 600, 600), (42, 56, 300, 91), (200, 10, 300, 25),
     (8.27, 11.69, 2400, 1114)],
)  # fmt: skip
def test_a_page_gets_the_dpi_asked_unless_it_is_no_sheet_or_too_large(
    width: float, height: float, asked: int, given: int
) -> None:
    assert rendering_dpi(width, height, asked, SETTINGS, "page 1") == given


def test_a_page_too_large_at_the_dpi_asked_is_rendered_lower_and_says_so(tmp_path: Path) -> None:
    source = open_source(scan(tmp_path / "a.pdf"), read_settings({"INKLINE_MAX_PAGE_MEGAPIXELS": "1"}), dpi=600)
    page = source.read(0)
    assert page.dpi == 288
    assert page.pixels.shape == (1152, 864, 3)


def test_a_damaged_pdf_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "damaged.pdf"
    path.write_bytes(b"%PDF-1.4\n" + b"nonsense " * 40)
    with pytest.raises(UnreadableFileError, match=r"^damaged\.pdf is damaged"):
        open_source(path, SETTINGS)


def test_a_page_that_poppler_can_only_leave_white_is_called_damaged(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", pages=2)
    data = path.read_bytes()
    start = data.index(b"stream", data.index(b"/Image")) + 8
    path.write_bytes(data[:start] + b"\0" * 40 + data[start + 40 :])
    source = open_source(path, SETTINGS)
    with pytest.raises(PageError, match=r"^Page 1 of a\.pdf is damaged"):
        source.read(0)
    assert bars(source.read(1).pixels) == 2


def test_an_empty_page_is_a_page(tmp_path: Path) -> None:
    page = open_source(blank(tmp_path / "blank.pdf", 144, 72), SETTINGS, dpi=100).read(0)
    assert page.pixels.shape == (100, 200, 3)
    assert page.pixels.min() == 255


def test_a_turned_page_is_shown_turned(tmp_path: Path) -> None:
    reader = PdfReader(scan(tmp_path / "a.pdf"))
    writer = PdfWriter()
    writer.add_page(reader.pages[0].rotate(90))
    writer.write(tmp_path / "turned.pdf")
    assert open_source(tmp_path / "turned.pdf", SETTINGS, dpi=100).read(0).pixels.shape == (300, 400, 3)


def test_without_poppler_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = scan(tmp_path / "a.pdf")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgramError, match="apt-get install poppler-utils"):
        open_source(path, SETTINGS)


def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = open_source(scan(tmp_path / "a.pdf"), SETTINGS)
    monkeypatch.setattr(pdf, "RENDER_TIMEOUT_S", 1e-6)
    with pytest.raises(PageError, match="takes longer than"):
        source.read(0)

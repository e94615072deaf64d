"""A picture of an opened book comes in as two pages, everything else as what it is."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL.JpegImagePlugin import JpegImageFile

from pipeline.errors import PageError
from pipeline.ingest import open_pages, open_source
from pipeline.photos import opened
from pipeline.settings import read_settings
from tests.handmade import TEXT, page

SETTINGS = read_settings({})


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.jpg"
    cv2.imwrite(str(path), opened(page(TEXT[:4], size=(800, 1240)), page(TEXT[:2], size=(800, 1240)), 1)[:, ::2])
    return path


def test_an_opened_book_is_two_pages_left_and_right(book: Path) -> None:
    source = open_pages(book, SETTINGS)
    assert source.page_count == 2
    left, right = (source.read(index).pixels for index in range(2))
    whole = open_source(book, SETTINGS).read(0).pixels
    assert np.array_equal(left[:, :500], whole[:, :500])
    assert np.array_equal(right[:, -500:], whole[:, -500:])
    assert left.shape[1] + right.shape[1] == pytest.approx(whole.shape[1], abs=0.03 * whole.shape[1])
    with pytest.raises(PageError, match=r"book\.jpg has no page 3"):
        source.read(2)


def test_no_large_picture_is_decoded_before_it_is_read(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = cv2.imread(str(book))
    cv2.imwrite(str(book), cv2.resize(photo, None, fx=4, fy=4))
    decoded: list[int] = []
    load = JpegImageFile.load_prepare

    def counting(image: JpegImageFile) -> None:
        decoded.append(max(image.size))
        load(image)

    monkeypatch.setattr(JpegImageFile, "load_prepare", counting)
    source = open_pages(book, SETTINGS)
    assert source.page_count == 2
    assert max(decoded) < 2 * photo.shape[1]
    source.read(0)
    assert max(decoded) == 4 * photo.shape[1]


def test_who_asks_for_the_picture_itself_gets_it_whole(book: Path) -> None:
    assert open_source(book, SETTINGS).page_count == 1


def test_a_single_page_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), page(size=(1000, 1240)))
    assert open_pages(path, SETTINGS).page_count == 1


def test_a_broad_picture_that_breaks_off_says_so_when_it_is_read(book: Path) -> None:
    path = book.with_suffix(".png")
    cv2.imwrite(str(path), cv2.imread(str(book)))
    path.write_bytes(path.read_bytes()[:2000])
    source = open_pages(path, SETTINGS)
    assert source.page_count == 1
    with pytest.raises(PageError, match=r"book\.png"):
        source.read(0)

import os
import stat
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.errors import SourceError
from pipeline.train.sources import first_readable, read_folder, read_lines
from pipeline.train.sources.pictures import ImageFile, look_at, pack
from tests.train.lines import draw_line, write_folder

RNG = np.random.default_rng(0)


def test_a_labelled_folder_gives_its_lines(tmp_path: Path) -> None:
    samples = read_folder(write_folder(tmp_path / "set" / "part", ["first  line", "caf\u0065\u0301"]))
    assert [sample.text for sample in samples] == ["first line", "café"]
    assert {(sample.writer, sample.group) for sample in samples} == {("drawn", "set/part")}
    assert samples[0].image(RNG).shape[0] == 64
    assert samples[0].width() > samples[1].width()


def test_widths_come_from_the_header_alone(tmp_path: Path) -> None:
    sample = read_folder(write_folder(tmp_path / "set", ["some words"]))[0]
    width = sample.width()
    (tmp_path / "set" / "images" / "0.png").unlink()
    assert sample.width() == width


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"gone.png\tw\ttext", "is not there: gone.png"),
        (b"0.png\tw\t  ", "text of 0.png is empty"),
        (b"0.png\tw", "2 columns"),
        (b"no tabs", "1 column"),
        (b"0.png\tw\ta\tb", "4 columns"),
        (b"\tw\ttext", "names no image"),
        (b"0.png\tw\t\xff\xfe", "not UTF-8"),
        (b"text.png\tw\ttext", "can't be read"),
        (b"empty.png\tw\ttext", "0 bytes"),
        (b"short.png\tw\ttext", "cut short"),
        (b".\tw\ttext", "is a folder"),
        (b"huge.png\tw\ttext", "far more than a line"),
    ],
)
def test_rows_that_can_t_be_used_are_named_before_anything_is_decoded(tmp_path: Path, row: bytes, reason: str) -> None:
    folder = write_folder(tmp_path, ["one", "two"])
    images = folder / "images"
    (images / "text.png").write_text("no picture")
    (images / "empty.png").write_bytes(b"")
    whole = (images / "0.png").read_bytes()
    (images / "short.png").write_bytes(whole[: len(whole) // 2])
    (images / "huge.png").write_bytes(whole[:16] + struct.pack(">II", 9000, 9000) + whole[24:])
    with (folder / "labels.tsv").open("ab") as labels:
        labels.write(b"\r\n" + row + b"\r\n")
    read = read_lines(folder)
    assert [sample.text for sample in read.samples] == ["one", "two"]
    assert [(bad.file, bad.row) for bad in read.bad] == [(folder / "labels.tsv", "row 4")]
    assert reason in read.bad[0].reason


def test_a_folder_of_which_nothing_can_be_used_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text("a.png\tw\tx\nb.png\tw\ty\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"The first of 2 bad rows: .*labels\.tsv, row 1: the image is not there"):
        read_lines(tmp_path)
    (tmp_path / "labels.tsv").write_text("\n", encoding="utf-8")
    with pytest.raises(SourceError, match="holds no labelled lines"):
        read_lines(tmp_path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp", ".webp"])
@pytest.mark.parametrize("colour", [False, True])
def test_pictures_of_many_kinds_are_seen_and_read_alike(tmp_path: Path, suffix: str, colour: bool) -> None:
    line = draw_line("kinds")
    path = tmp_path / f"line{suffix}"
    cv2.imwrite(str(path), cv2.cvtColor(line, cv2.COLOR_GRAY2BGR) if colour else line)
    picture = look_at(path)
    assert isinstance(picture, ImageFile)
    image = picture.read(RNG)
    assert image.shape == line.shape == (picture.down, picture.across)
    assert np.abs(image.astype(int) - line).mean() < 3


def test_ink_on_transparency_is_ink_on_paper(tmp_path: Path) -> None:
    line = draw_line("clear")
    pixels = np.zeros((*line.shape, 4), np.uint8)
    pixels[..., 3] = 255 - line
    Image.fromarray(pixels).save(tmp_path / "line.png")
    picture = look_at(tmp_path / "line.png")
    assert isinstance(picture, ImageFile)
    assert np.abs(picture.read(RNG).astype(int) - line).max() <= 1


def test_what_follows_the_end_of_a_picture_does_no_harm(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "line.png"), draw_line("more"))
    with (tmp_path / "line.png").open("ab") as file:
        file.write(b"a note of the scanner's" * 10)
    assert isinstance(look_at(tmp_path / "line.png"), ImageFile)


def test_a_photo_that_lies_on_its_side_has_the_width_it_is_read_with(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(draw_line("turned"))).save(tmp_path / "line.jpg", exif=exif)
    picture = look_at(tmp_path / "line.jpg")
    assert isinstance(picture, ImageFile)
    assert picture.read(RNG).shape == (picture.down, picture.across) == draw_line("turned").shape


def test_a_picture_that_breaks_during_training_is_named_and_another_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    samples = read_folder(write_folder(tmp_path / "set", ["one", "two", "three"]))
    (tmp_path / "set" / "images" / "2.png").write_bytes(b"broken")
    sample, image = first_readable(samples, 2, RNG)
    assert sample.text == "one"
    assert image.shape[0] == 64
    assert "2.png is not a readable image. The line is left out." in caplog.text
    for number in range(3):
        (tmp_path / "set" / "images" / f"{number}.png").unlink(missing_ok=True)
    with pytest.raises(OSError, match="Not one picture"):
        first_readable(samples, 2, RNG)


def test_a_packed_crop_comes_back_as_it_was() -> None:
    line = draw_line("packed")
    packed = pack(line)
    assert (packed.read(RNG) == line).all()
    assert packed.width() == line.shape[1]


def test_a_source_that_is_none_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there"):
        read_lines(tmp_path / "none")
    (tmp_path / "file.tsv").write_text("")
    with pytest.raises(SourceError, match="is a file; name the folder it lies in"):
        read_lines(tmp_path / "file.tsv")
    with pytest.raises(SourceError, match=r"labels\.tsv, strokes\.npz, IAM"):
        read_lines(tmp_path)
    with pytest.raises(SourceError, match=r"a folder with labels\.tsv, which does not tell where words are"):
        read_lines(write_folder(tmp_path / "set", ["one"]), "word")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_picture_nobody_may_read_is_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, ["one", "two"])
    (folder / "images" / "0.png").chmod(stat.S_IWUSR)
    assert "can't be read" in read_lines(folder).bad[0].reason

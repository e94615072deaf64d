from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import SourceError
from pipeline.train.sources import read_lines
from tests.train.lines import write_strokes
from tests.train.sources.layouts import strokes_xml, write_ondb, write_text


def test_strokes_of_the_npz_come_without_the_part_kept_for_measuring(tmp_path: Path) -> None:
    write_strokes(tmp_path / "strokes.npz")
    read = read_lines(tmp_path)
    assert [(sample.text, sample.writer) for sample in read.samples] == [("one", "w1"), ("two", "w1")]
    assert not read.bad


def test_strokes_are_drawn_afresh_each_time(tmp_path: Path) -> None:
    write_strokes(tmp_path / "strokes.npz")
    sample = read_lines(tmp_path).samples[0]
    rng = np.random.default_rng(0)
    first, second = sample.image(rng), sample.image(rng)
    assert sample.strokes
    assert first.shape != second.shape or (first != second).any()
    assert (first < 128).any()


def test_ondb_prefers_the_careful_transcription_and_knows_the_writer(tmp_path: Path) -> None:
    read = read_lines(write_ondb(tmp_path))
    assert [(sample.text, sample.writer) for sample in read.samples] == [
        ('By Trevor "W"', "10168"),
        ("A MOVE to", "10168"),
    ]


def test_ondb_without_it_takes_the_text_after_csr(tmp_path: Path) -> None:
    read = read_lines(write_ondb(tmp_path, original=False))
    assert [(sample.text, sample.writer) for sample in read.samples] == [
        ("By Trevor Williams.", "a01-000u"),
        ("A move to", "a01-000u"),
    ]


def test_ondb_strokes_are_about_as_wide_as_they_are_drawn(tmp_path: Path) -> None:
    sample = read_lines(write_ondb(tmp_path)).samples[0]
    image = sample.image(np.random.default_rng(3))
    assert (image < 128).any()
    assert abs(sample.width() - image.shape[1] * 64 / image.shape[0]) < 0.5 * sample.width()


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("a01-000u-03.xml", strokes_xml(), "a text for 2 lines only"),
        ("a01-000u-02.xml", strokes_xml(3), "3 points of the pen"),
        ("a01-000u-02.xml", "<WhiteboardCaptureSession/>", "0 points of the pen"),
        ("a01-000u-02.xml", "<Whiteboard", "not valid XML"),
        ("a01-000u-02.xml", "<a><Stroke><Point x='1'/></Stroke></a>", "no numbers for x and y"),
        ("strange.xml", strokes_xml(), "does not end with the number of a line"),
        ("a01-001z-01.xml", strokes_xml(), "a01-001z.txt is not there"),
    ],
)
def test_lines_that_can_t_be_used_are_named(tmp_path: Path, file: str, content: str, reason: str) -> None:
    write_ondb(tmp_path, original=False)
    place = tmp_path / "lineStrokes" / "a01" / "a01-000" / file
    write_text(place, content)
    read = read_lines(tmp_path)
    assert read.samples
    assert [row.file for row in read.bad] == [place]
    assert reason in read.bad[0].reason


def test_strokes_know_no_words(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"IAM-OnDB, which does not tell where words are"):
        read_lines(write_ondb(tmp_path), "word")


def test_a_damaged_npz_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "strokes.npz").write_bytes(b"not a zip file")
    with pytest.raises(SourceError, match=r"can't be read as pen strokes in strokes\.npz"):
        read_lines(tmp_path)

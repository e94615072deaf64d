import multiprocessing
import os
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import ExportError, SourceError
from pipeline.train import cache
from pipeline.train.cache import cached_lines
from pipeline.train.sources import Read, Sample, read_lines
from tests.store.helpers import finished, store_in
from tests.train.lines import draw_line, write_folder, write_strokes
from tests.train.sources.layouts import write_page_xml


def told(read: Read) -> list[tuple[str, str, str, str, int, bool]]:
    return [(s.text, s.writer, s.group, s.name, s.width(), s.strokes) for s in read.samples]


def pixels_of(sample: Sample, seed: int = 5) -> np.ndarray:
    return sample.image(np.random.default_rng(seed))


@pytest.fixture
def sources(tmp_path: Path) -> list[str]:
    """A folder of lines, one of pen strokes and a page with its lines."""
    (tmp_path / "pen").mkdir()
    write_strokes(tmp_path / "pen" / "strokes.npz")
    return [
        str(write_folder(tmp_path / "set", ["one", "two words"])),
        str(tmp_path / "pen"),
        str(write_page_xml(tmp_path / "page")),
    ]


def test_the_cache_gives_what_the_sources_give(tmp_path: Path, sources: list[str]) -> None:
    reads = cached_lines(sources, "line", tmp_path / "lines.lmdb")
    for source, cached in zip(sources, reads, strict=True):
        direct = read_lines(source)
        assert told(cached) == told(direct)
        for one, other in zip(cached.samples, direct.samples, strict=True):
            assert (pixels_of(one) == pixels_of(other)).all()


def test_strokes_are_drawn_afresh_from_the_cache_too(tmp_path: Path, sources: list[str]) -> None:
    sample = cached_lines(sources[1:2], "line", tmp_path / "lines.lmdb")[0].samples[0]
    first, second = pixels_of(sample, 1), pixels_of(sample, 2)
    assert first.shape != second.shape or (first != second).any()


def test_a_second_run_reads_the_cache_alone(
    tmp_path: Path, sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cached_lines(sources, "line", tmp_path / "lines.lmdb")
    monkeypatch.delattr(cache, "read_lines")
    again = cached_lines(sources, "line", tmp_path / "lines.lmdb")
    assert [told(read) for read in again] == [told(read) for read in first]


def rewrite(folder: Path) -> None:
    (folder / "labels.tsv").write_text("0.png\tdrawn\tchanged\n", encoding="utf-8")


def redraw(folder: Path) -> None:
    picture = folder / "images" / "0.png"
    cv2.imwrite(str(picture), draw_line("quite different"))
    os.utime(picture, ns=(0, time.time_ns() + 1))


def add(folder: Path) -> None:
    cv2.imwrite(str(folder / "images" / "new.png"), draw_line("new"))


@pytest.mark.parametrize("change", [rewrite, redraw, add])
def test_a_folder_that_has_changed_is_read_anew(tmp_path: Path, change: object) -> None:
    folder = write_folder(tmp_path / "set", ["one", "two"])
    file = tmp_path / "lines.lmdb"
    before = cached_lines([str(folder)], "line", file)[0].samples
    old = pixels_of(before[0])
    assert callable(change)
    change(folder)
    mark = before[0].picture
    after = cached_lines([str(folder)], "line", file)[0].samples
    direct = read_lines(folder).samples
    assert [sample.text for sample in after] == [sample.text for sample in direct]
    assert (pixels_of(after[0]) == pixels_of(direct[0])).all()
    # Whoever still reads the old cache goes on with the old lines.
    assert mark != after[0].picture
    assert (pixels_of(before[0]) == old).all()


def test_the_mode_and_the_list_of_sources_count_too(tmp_path: Path) -> None:
    page, file = str(write_page_xml(tmp_path / "page", words=True)), tmp_path / "lines.lmdb"
    assert len(cached_lines([page], "line", file)[0].samples) == 3
    assert len(cached_lines([page], "word", file)[0].samples) == 11
    assert [len(read.samples) for read in cached_lines([page, page], "line", file)] == [3, 3]


def test_newly_confirmed_lines_make_the_cache_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKLINE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    store = store_in(tmp_path / "data")
    line = store.get_page(finished(store), 0).lines[0]
    store.correct_line(line.id, "one")
    first = cache.fingerprint(["store"], "line")
    assert cache.fingerprint(["store"], "line") == first
    store.correct_line(line.id, "other")
    assert cache.fingerprint(["store"], "line") != first


def test_pictures_that_can_t_be_decoded_are_bad_rows(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", ["one", "two"])
    whole = (folder / "images" / "0.png").read_bytes()
    middle = len(whole) // 2
    (folder / "images" / "0.png").write_bytes(whole[:60] + bytes(middle - 60) + whole[middle:])
    assert not read_lines(folder).bad
    for _ in range(2):  # as it is made, and as it is read again
        read = cached_lines([str(folder)], "line", tmp_path / "lines.lmdb")[0]
        assert [sample.text for sample in read.samples] == ["two"]
        assert "0.png is not a readable image" in read.bad[0].reason


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    folder, file = write_folder(tmp_path / "set", ["one"]), tmp_path / "lines.lmdb"
    file.write_bytes(b"no cache" * 1000)
    assert len(cached_lines([str(folder)], "line", file)[0].samples) == 1


def test_the_file_grows_as_needed_and_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "FIRST_SIZE", 1 << 16)
    folder = write_folder(tmp_path / "set", [f"line {number}" for number in range(60)])
    read = cached_lines([str(folder)], "line", tmp_path / "out.lmdb")[0]
    assert (pixels_of(read.samples[59]) == pixels_of(read_lines(folder).samples[59])).all()
    assert {path.name for path in tmp_path.iterdir()} == {"set", "out.lmdb"}


def test_a_run_that_was_killed_leaves_a_part_that_goes_away_in_time(tmp_path: Path) -> None:
    old, young = tmp_path / ".lines.lmdb.1", tmp_path / ".lines.lmdb.2"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    cached_lines([str(write_folder(tmp_path / "set", ["one"]))], "line", tmp_path / "lines.lmdb")
    assert not old.exists()
    assert young.exists()


def test_a_cache_that_can_t_be_written_gets_a_sentence(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", ["one"])
    with pytest.raises(ExportError, match=r"The cache .*lines\.lmdb can't be written"):
        cached_lines([str(folder)], "line", tmp_path / "none" / "lines.lmdb")
    with pytest.raises(SourceError, match="is not there"):
        cached_lines([str(tmp_path / "nothing")], "line", tmp_path / "lines.lmdb")


def sum_of_pixels(samples: list[Sample]) -> int:
    return sum(int(pixels_of(sample).sum()) for sample in samples)


def test_two_processes_read_one_cache(tmp_path: Path, sources: list[str]) -> None:
    samples = [sample for read in cached_lines(sources, "line", tmp_path / "lines.lmdb") for sample in read.samples]
    here = sum_of_pixels(samples)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(sum_of_pixels, [samples, samples]) == [here, here]
    assert sum_of_pixels(samples) == here

from pathlib import Path

import numpy as np

from pipeline.engines.line_image import HEIGHT
from pipeline.train.augment import EFFECTS
from pipeline.train.crnn import CRNNLearner
from pipeline.train.data import Lines, Part, Scribble, WidthBatches, collate, made_up
from pipeline.train.fonts import FontLine
from pipeline.train.sources import read_folder
from tests.train.lines import write_folder


def test_the_same_seed_and_epoch_draw_the_same_pictures(tmp_path: Path) -> None:
    samples = read_folder(write_folder(tmp_path / "set", ["same", "again"]))
    one, two = (Lines(samples, CRNNLearner.prepare, seed=3) for _ in range(2))
    assert (one[0][0] == two[0][0]).all()
    two.epoch = 1
    assert one[0][0].shape != two[0][0].shape or (one[0][0] != two[0][0]).any()


def test_pieces_of_the_augmentation_can_be_left_out(tmp_path: Path) -> None:
    samples = read_folder(write_folder(tmp_path / "set", ["plain"]))
    effects = frozenset(EFFECTS)

    def shades(without: frozenset[str]) -> int:
        """Grey levels of fifty views of a line of black ink on white paper."""
        lines = Lines(samples, lambda crop, _: crop, seed=3, without=without | {"plain"})
        seen: set[int] = set()
        for lines.epoch in range(50):
            seen |= {int(np.median(lines[0][0]))}
        return len(seen)

    assert shades(effects) == 1  # the paper stays white
    assert shades(frozenset()) > 5


def part_of(lengths: list[int], share: float = 1.0) -> Part:
    """Lines of so many letters."""
    return Part([FontLine("x" * length, "caveat") for length in lengths], share)


def test_batches_hold_lines_of_like_length_and_every_line_once() -> None:
    lengths = np.random.default_rng(1).integers(5, 80, 64).tolist()
    batches = list(WidthBatches([part_of(lengths)], 8, seed=5))
    assert sorted(index for batch in batches for index in batch) == list(range(64))
    spread = np.mean([np.ptp([lengths[index] for index in batch]) for batch in batches])
    assert spread < 0.5 * np.ptp(lengths)


def test_a_resumed_epoch_gives_the_batches_that_were_left() -> None:
    whole, rest = (WidthBatches([part_of([10, 20, 30, 40] * 8)], 4, seed=5) for _ in range(2))
    rest.start = 3
    assert list(rest) == list(whole)[3:]


def test_processes_share_each_batch_between_them() -> None:
    whole, first, second = (WidthBatches([part_of([10] * 16)], 8, seed=5) for _ in range(3))
    first.processes = second.processes = 2
    second.rank = 1
    for batch, one, two in zip(whole, first, second, strict=True):
        assert sorted(one + two) == sorted(batch)


def test_lines_of_half_share_come_every_second_epoch() -> None:
    batches = WidthBatches([part_of([10] * 40), part_of([10] * 40, 0.5)], 4, seed=5)
    drawn = [index for batch in batches for index in batch]
    assert len(drawn) == len(set(drawn)) == 60
    assert sum(index < 40 for index in drawn) >= 38


def test_made_up_lines_are_as_many_an_epoch_as_asked_for() -> None:
    parts = made_up(10, 3, seed=1)
    assert WidthBatches(parts, 1, seed=1).count == 13
    assert {line.text for line in parts[1].samples} == {""}
    assert not made_up(0, 0, seed=1)


def test_a_picture_that_turns_out_broken_gives_way_to_the_next(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", ["broken", "whole"])
    samples = read_folder(folder)
    (folder / "images" / "0.png").write_bytes(b"no picture")
    lines = Lines(samples, CRNNLearner.prepare, seed=7)
    assert [lines[0][1], lines[0][1]] == ["whole", "whole"]  # the second time from memory


def test_a_scribble_says_nothing() -> None:
    assert Scribble().text == ""
    assert Scribble().image(np.random.default_rng(1)).ndim == 2


def test_a_batch_is_padded_with_paper() -> None:
    images, widths, texts = collate(
        [(np.full((HEIGHT, 40), 9, np.uint8), "a"), (np.full((HEIGHT, 70), 9, np.uint8), "b")]
    )
    assert images.shape == (2, 1, HEIGHT, 96)
    assert widths.tolist() == [40, 70]
    assert texts == ["a", "b"]
    assert not images[0, 0, :, 40:].any()

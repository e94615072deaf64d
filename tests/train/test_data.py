from pathlib import Path

import numpy as np

from pipeline.engines.line_image import HEIGHT
from pipeline.train.data import Lines, WidthBatches, collate
from pipeline.train.sources import read_folder
from tests.train.lines import write_folder


def test_the_same_seed_and_epoch_draw_the_same_pictures(tmp_path: Path) -> None:
    samples = read_folder(write_folder(tmp_path / "set", ["same", "again"]))
    one, two = Lines(samples, seed=3), Lines(samples, seed=3)
    assert (one[0][0] == two[0][0]).all()
    two.epoch = 1
    assert one[0][0].shape != two[0][0].shape or (one[0][0] != two[0][0]).any()


def test_batches_hold_lines_of_like_width_and_every_line_once() -> None:
    widths = list(np.random.default_rng(1).integers(100, 1000, 64))
    batches = list(WidthBatches(widths, 8, seed=5))
    assert sorted(index for batch in batches for index in batch) == list(range(64))
    spread = np.mean([np.ptp([widths[index] for index in batch]) for batch in batches])
    assert spread < 0.5 * np.ptp(widths)


def test_processes_share_each_batch_between_them() -> None:
    whole, first, second = (WidthBatches([100] * 16, 8, seed=5) for _ in range(3))
    first.processes = second.processes = 2
    second.rank = 1
    for batch, one, two in zip(whole, first, second, strict=True):
        assert sorted(one + two) == sorted(batch)


def test_samples_of_half_share_come_every_second_epoch() -> None:
    batches = WidthBatches([100] * 80, 4, seed=5, shares=[1.0] * 40 + [0.5] * 40)
    drawn = [index for batch in batches for index in batch]
    assert len(drawn) == len(set(drawn)) == 60
    assert sum(index < 40 for index in drawn) >= 38


def test_a_batch_is_padded_with_paper() -> None:
    images, widths, texts = collate(
        [(np.full((HEIGHT, 40), 9, np.uint8), "a"), (np.full((HEIGHT, 70), 9, np.uint8), "b")]
    )
    assert images.shape == (2, 1, HEIGHT, 96)
    assert widths.tolist() == [40, 70]
    assert texts == ["a", "b"]
    assert not images[0, 0, :, 40:].any()

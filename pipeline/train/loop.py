"""The training loop: labelled lines in, the best model so far out, to be stopped and resumed at any moment."""

import ctypes
import fcntl
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import cv2
import torch
import torch.multiprocessing

from pipeline.errors import SourceError
from pipeline.train.data import Labelled, Part, lines_an_epoch
from pipeline.train.trainer import Learner, Recipe, Trainer


def train(
    start: Callable[[], Learner], parts: list[Part], dev: Mapping[str, Sequence[Labelled]], out: Path, recipe: Recipe
) -> None:
    """Train what `start` makes, or go on where `out` holds a checkpoint.

    `out` gets `checkpoint.safetensors` every few minutes; after each epoch a row of `curve.jsonl`, and the best model
    so far, by mean dev CER (the latest one where there is no dev set). Without a GPU, each core works in a process of
    its own: one exchange of gradients a step waits less than the hundred meetings of threads within a step.
    """
    out.mkdir(parents=True, exist_ok=True)
    with only_one(out):
        processes = (
            1 if torch.cuda.is_available() else min(torch.get_num_threads(), recipe.batch_size, lines_an_epoch(parts))
        )
        with tempfile.TemporaryDirectory() as meeting_place:
            work = (processes, meeting_place, start, parts, dev, out, recipe)
            if processes == 1:
                _train(0, *work)
            else:
                torch.multiprocessing.spawn(_train, work, nprocs=processes)


@contextmanager
def only_one(out: Path) -> Iterator[None]:
    """Hold a folder for one training: two at once would write over each other. Raises SourceError."""
    with (out / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SourceError(
                f"Another training is writing to {out}. Wait for it, or choose another folder."
            ) from error
        yield


def _train(
    rank: int,
    processes: int,
    meeting_place: str,
    start: Callable[[], Learner],
    parts: list[Part],
    dev: Mapping[str, Sequence[Labelled]],
    out: Path,
    recipe: Recipe,
) -> None:
    """One process's part of the training; the first one logs and saves."""
    if processes > 1:
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        torch.distributed.init_process_group("gloo", f"file://{meeting_place}/team", rank=rank, world_size=processes)
    keep_freed_memory()
    log = partial(print, flush=True) if rank == 0 else lambda _: None
    torch.manual_seed(recipe.seed)
    trainer = Trainer(start(), parts, recipe, out, rank, processes)
    trainer.resume()
    log(f"{trainer.batches.count} lines an epoch, {trainer.size:,} parameters, {processes} processes")
    while trainer.epoch < recipe.epochs and not trainer.is_stuck():
        loss = trainer.run_epoch(log)
        cers = {name: trainer.measure(part) for name, part in dev.items()}
        row = {
            "epoch": trainer.epoch,
            "loss": round(loss, 4),
            "cer": {name: round(cer, 5) for name, cer in cers.items()},
        }
        log(json.dumps(row))
        trainer.finish_epoch(sum(cers.values()) / len(cers) if cers else 0.0, row)
    if processes > 1:
        # Leave at once: an interpreter that is torn down while gloo's threads still run now and then aborts, all done.
        sys.stdout.flush()
        os._exit(0)


def keep_freed_memory() -> None:
    """Tell glibc to keep large freed blocks: giving each tensor's memory back costs a sixth of the training time."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        trim_threshold, mmap_threshold = -1, -3  # from malloc.h
        libc.mallopt(mmap_threshold, 1 << 30)
        libc.mallopt(trim_threshold, 1 << 30)

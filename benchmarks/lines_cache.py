"""Time to start on a training set and to read it once, from its files over from the LMDB cache of `train --lmdb`.

    python -m benchmarks.lines_cache [DIR...]

Without folders it draws a set of 1,000 line images of its own and 6 pages with ALTO. Files and cache take turns, so
that whatever else the machine does slows them alike; the quickest round of each counts. Cold: the operating system is
asked to forget the files before each round, which it does for what is not in use elsewhere. Processor time is of the
reading process alone. Ends with 1 where the cache is slower than the files in any row.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from pipeline.train.cache import cached_lines
from pipeline.train.sources import Read, Sample, read_lines

LINES, PAGES, ROUNDS = 1000, 6, 3
WORDS = ["the", "integral", "of", "a", "sum", "is", "the", "sum", "of", "integrals", "if", "both", "exist"]


def draw(text: str, rng: np.random.Generator, height: int = 72) -> np.ndarray:
    """A line of script with a scanner's grain: (72, W) grey."""
    image = np.full((height, 60 + 24 * len(text)), 238, np.uint8)
    cv2.putText(image, text, (20, 48), cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.3, 40, 2, cv2.LINE_AA)
    return np.clip(image + rng.normal(0, 2, image.shape), 0, 255).astype(np.uint8)


def write_lines(folder: Path, rng: np.random.Generator) -> None:
    """A folder with labels.tsv."""
    (folder / "images").mkdir(parents=True)
    rows = []
    for number in range(LINES):
        text = " ".join(rng.choice(WORDS, 8))
        cv2.imwrite(str(folder / "images" / f"{number}.png"), draw(text, rng))
        rows.append(f"{number}.png\tw\t{text}\n")
    (folder / "labels.tsv").write_text("".join(rows), encoding="utf-8")


def write_pages(folder: Path, rng: np.random.Generator) -> None:
    """Pages of 20 lines, each with its ALTO file."""
    folder.mkdir()
    for number in range(PAGES):
        page, lines = np.full((2400, 1700), 238, np.uint8), ""
        for row in range(20):
            text = " ".join(rng.choice(WORDS, 8))
            line = draw(text, rng)[:, :1500]
            page[150 + 105 * row : 222 + 105 * row, 100 : 100 + line.shape[1]] = line
            box = f'HPOS="100" VPOS="{150 + 105 * row}" WIDTH="{line.shape[1]}" HEIGHT="72"'
            lines += f'<TextLine {box}><String CONTENT="{text}" {box}/></TextLine>'
        cv2.imwrite(str(folder / f"{number}.png"), page)
        xml = f'<alto><Layout><Page WIDTH="1700" HEIGHT="2400"><PrintSpace>{lines}</PrintSpace></Page></Layout></alto>'
        (folder / f"{number}.xml").write_text(xml, encoding="utf-8")


def forget(folders: Sequence[Path]) -> None:
    """Ask the operating system to drop the files from memory."""
    for folder in folders:
        for path in folder.rglob("*") if folder.is_dir() else [folder]:
            if path.is_file():
                handle = os.open(path, os.O_RDONLY)
                os.fsync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(handle)


def start(read: Callable[[], list[Read]]) -> list[Sample]:
    """What a run does before its first step: know the lines and their widths."""
    samples = [sample for part in read() for sample in part.samples]
    for sample in samples:
        sample.width()
    return samples


def read_once(samples: Sequence[Sample]) -> None:
    rng = np.random.default_rng(0)
    for index in np.random.default_rng(1).permutation(len(samples)):
        samples[index].image(rng)


def measure(folders: list[Path], file: Path, *, cold: bool) -> dict[str, list[tuple[float, float]]]:
    """Seconds and processor seconds of each round: starting and reading, from files and from the cache."""
    names = [str(folder) for folder in folders]
    kinds: dict[str, Callable[[], list[Read]]] = {
        "files": lambda: [read_lines(name) for name in names],
        "cache": lambda: cached_lines(names, "line", file),
    }
    took: dict[str, list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for kind, read in kinds.items():
            for step in ("start", "read"):
                if cold:
                    forget([*folders, file])
                clock = time.perf_counter(), time.process_time()
                if step == "start":
                    samples = start(read)
                else:
                    read_once(samples)
                spent = time.perf_counter() - clock[0], time.process_time() - clock[1]
                took.setdefault(f"{step} {kind}", []).append(spent)
    return took


def compare(name: str, folders: list[Path], work: Path) -> bool:
    """Prints a set's rows; whether the cache was quicker in all."""
    file = work / f"{name}.lmdb"
    clock = time.perf_counter()
    lines = sum(len(read.samples) for read in cached_lines([str(folder) for folder in folders], "line", file))
    print(
        f"{name}: {lines} lines; cache of {file.stat().st_size / 2**20:.0f} MB made in "
        f"{time.perf_counter() - clock:.1f} s"
    )
    quicker = True
    for cold in (True, False):
        took = measure(folders, file, cold=cold)
        for step, words in (("start", "to start"), ("read", "to read all once")):
            (files_s, files_cpu), (cache_s, cache_cpu) = (
                tuple(map(min, zip(*took[f"{step} {kind}"], strict=True))) for kind in ("files", "cache")
            )
            print(
                f"  {'cold' if cold else 'warm'}, {words:16}  files {files_s:7.3f} s ({files_cpu:6.3f} s processor)  "
                f"cache {cache_s:7.3f} s ({cache_cpu:6.3f} s)  {files_s / cache_s:5.1f} times faster"
            )
            quicker = quicker and files_s > cache_s
    return quicker


def main() -> int:
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        work, rng = Path(folder), np.random.default_rng(3)
        if given := [Path(name) for name in sys.argv[1:]]:
            return 0 if compare("folders given", given, work) else 1
        write_lines(work / "lines", rng)
        write_pages(work / "pages", rng)
        quicker = [compare(name, [work / name], work) for name in ("lines", "pages")]
        return 0 if all(quicker) else 1


if __name__ == "__main__":
    sys.exit(main())

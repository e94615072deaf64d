"""Marks of the spelling on labelled lines: on what is truly written, and on what a reader reads in them.

python -m benchmarks.spelling FOLDER... [--engine crnn] [--page 25]
"""

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from pipeline.engines import load_engine
from pipeline.settings import read_settings
from pipeline.spelling import check_page
from pipeline.train.sources import read_folder


def marked_words(lines: Sequence[str]) -> list[set[int]]:
    """Which words, between spaces and counted from 0, are marked in each line of a page."""
    found = []
    for line, spelling in zip(lines, check_page(lines, lambda words: ()), strict=True):
        ends = [match.end() for match in re.finditer(r"\S+", line)]
        found.append({sum(end <= mark.start for end in ends) for mark in spelling.marks})
    return found


def misread_words(truth: str, read: str) -> set[int]:
    """Which words of a reading are not what is written."""
    matcher = SequenceMatcher(None, truth.split(), read.split(), autojunk=False)
    right = {at for block in matcher.get_matching_blocks() for at in range(block.b, block.b + block.size)}
    return set(range(len(read.split()))) - right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--engine", default="crnn")
    parser.add_argument("--page", type=int, default=25, help="lines taken as one page")
    args = parser.parse_args()
    reader = load_engine(args.engine, read_settings())
    rng = np.random.default_rng(0)
    print(f"{'lines of':<28}{'true words':>12}{'marked':>8}{'misread':>9}{'marked':>8}{'right words marked':>20}")
    for folder in args.folders:
        samples = read_folder(folder)
        counts: Counter[str] = Counter()
        for at in range(0, len(samples), args.page):
            page = samples[at : at + args.page]
            truths = [sample.text for sample in page]
            reads = [reading.text for reading in reader.transcribe([sample.image(rng) for sample in page])]
            counts["words"] += sum(len(truth.split()) for truth in truths)
            counts["marked"] += sum(map(len, marked_words(truths)))
            for truth, read, marks in zip(truths, reads, marked_words(reads), strict=True):
                misread = misread_words(truth, read)
                counts["misread"] += len(misread)
                counts["found"] += len(misread & marks)
                counts["false"] += len(marks - misread)
        name = "/".join(folder.parts[-2:])
        figures = f"{counts['words']:>12,}{counts['marked']:>8}{counts['misread']:>9}{counts['found']:>8}"
        print(f"{name:<28}{figures}{counts['false']:>20}", flush=True)


if __name__ == "__main__":
    main()

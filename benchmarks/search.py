"""How long a search takes in a library of a thousand documents with 100,000 lines; prints medians.

    python benchmarks/search.py [--documents 1000] [--folder kept_library]

Lines are made of the shipped word lists, a word in twelve misread by a letter, so that the vocabulary grows as that of
a library that was read by machine. With DATABASE_URL set, its database is filled and asked instead of SQLite.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from string import ascii_lowercase

import cv2
import numpy as np

from pipeline.document import Document, Line, Page, Transcription
from pipeline.settings import ROOT, read_settings
from pipeline.store import Store, open_store

PAGES, LINES, WORDS = 4, 25, 8
QUERIES = {
    "a rare word": "photosynthesis",
    "a word that nearly every line has": "the",
    "the beginning of words": "inter",
    "two words": "water cycle",
    "four words": "the heat of water",
    "a misspelt word": "phctosynthesis",
    "a word that is not there": "xylophonists",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--folder", type=Path, help="where the library is kept, to be used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="inkline-") as temporary:
        folder = options.folder or Path(temporary)
        store = open_store(read_settings({**os.environ, "INKLINE_DATA": str(folder)}))
        fill(store, options.documents)
        measure(store)
        store.close()


def fill(store: Store, documents: int) -> None:
    """Documents until there are as many."""
    chance = random.Random(1)
    words = (ROOT / "assets" / "words" / "en.txt").read_text(encoding="utf-8").split()
    picture = cv2.imencode(".png", np.full((20, 10), 255, np.uint8))[1].tobytes()
    begun = time.perf_counter()
    missing = range(store.count_documents(), documents)
    for number in missing:
        pages = tuple(Page(n, 2480, 3508, 300, lines=tuple(lines_of(words, chance))) for n in range(PAGES))
        document_id = store.create_finished_document(Document(f"Notes {number}", pages), [picture] * PAGES)
        store.set_tags(document_id, [f"tag {number % 20}"])
    if missing:
        seconds = time.perf_counter() - begun
        print(f"{len(missing)} documents written and indexed in {seconds:.0f} s")


def lines_of(words: list[str], chance: random.Random) -> list[Line]:
    """Lines of a page; the lists are in order of frequency, which falls as in real text (Zipf)."""
    lines = []
    for number in range(LINES):
        top = 100.0 + 130 * number
        outline = ((200.0, top), (2200.0, top), (2200.0, top + 90), (200.0, top + 90))
        chosen = (words[min(int(len(words) ** chance.random()), len(words)) - 1] for _ in range(WORDS))
        said = " ".join(misread(word, chance) if chance.random() < 1 / 12 else word for word in chosen)
        baseline = ((200.0, top + 70), (2200.0, top + 70))
        lines.append(Line("", outline, baseline, transcription=Transcription(said, 0.9, "crnn")))
    return lines


def misread(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return word[:at] + chance.choice(ascii_lowercase) + word[at + 1 :]


def measure(store: Store) -> None:
    tell("the first search, which fetches the vocabulary", lambda: store.search("leaf"), rounds=1)
    for what, query in QUERIES.items():
        tell(f"{what} ({query})", partial(store.search, query))
    tell("a word in the documents with a tag", lambda: store.search("water", tag="tag 3"))
    line_id = store.search("water")[0].line_id
    texts = iter(range(1_000_000))
    tell("an edit, its indexing included", lambda: store.correct_line(line_id, f"water {next(texts)}"))
    tell("a screen of the library, newest first", lambda: store.list_documents(limit=20))
    tell("a screen of the library, most to check first", lambda: store.list_documents(limit=20, order="to check"))
    tell("all documents", store.list_documents)


def tell(what: str, ask: Callable[[], object], rounds: int = 7) -> None:
    """Print how long it takes, and how much of that is computing: on a busy machine the rest is waiting for a core."""
    waited, computed = [], []
    for _ in range(rounds):
        begun, worked = time.perf_counter(), time.thread_time()
        ask()
        waited.append(1000 * (time.perf_counter() - begun))
        computed.append(1000 * (time.thread_time() - worked))
    middle = statistics.median
    print(f"{what:55} {middle(waited):7.1f} ms (most {max(waited):.0f}), CPU {middle(computed):6.1f}", flush=True)


if __name__ == "__main__":
    main()

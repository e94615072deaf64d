"""`infer`: images of single lines in, one "path TAB text TAB confidence" a line out, or with --json one object."""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from tqdm import tqdm

from pipeline.cli.common import Trouble, add_engine_option, chosen_engine, say
from pipeline.document import Transcription
from pipeline.engines import lines_at_once
from pipeline.errors import InklineError, SourceError
from pipeline.ingest import open_source
from pipeline.settings import Settings, read_settings

if TYPE_CHECKING:
    from pipeline.cli.common import Commands

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".heic", ".heif"}
# A picture as high as this, and not even twice as wide, is a page with many lines.
PAGE_HEIGHT, PAGE_SHAPE = 600, 2


@dataclass(frozen=True, slots=True)
class Picture:
    """A line to read, (H, W) grey uint8; or why there is none, as a sentence and its exit code."""

    file: str
    page: int = 0  # from 1 in files of several, else 0
    crop: np.ndarray | None = None
    error: str = ""
    code: int = 0

    @property
    def name(self) -> str:
        return f"{self.file}, page {self.page}" if self.page else self.file


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("infer", help="read images of single lines", description=__doc__)
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="picture of one line, or a folder of such pictures")
    add_engine_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line, with all the reader tells")
    parser.set_defaults(run=run, when_stopped="The lines above are complete.")


def run(args: argparse.Namespace) -> int:
    settings = read_settings()
    engine = chosen_engine(args.engine, settings, args.language)
    files = [file for given in args.images for file in files_in(given)]
    pictures = (picture for file in files for picture in open_pictures(file, settings))
    trouble = Trouble()
    # The bar would run through what is printed, so it is for results that go into a file.
    hidden = sys.stdout.isatty() or not sys.stderr.isatty()
    with tqdm(total=len(files), unit="line", leave=False, disable=hidden) as bar:
        while batch := list(islice(pictures, lines_at_once(engine))):
            crops = [picture.crop for picture in batch if picture.crop is not None]
            readings = iter(engine.transcribe(crops) if crops else [])
            for picture in batch:
                if picture.crop is not None:
                    print(as_json(picture, next(readings)) if args.json else as_row(picture, next(readings)))
                    continue
                trouble.add(picture.error, picture.code)
                if args.json:
                    print(as_json(picture, None))
            sys.stdout.flush()
            bar.update(len(batch))
    return trouble.exit_code


def files_in(given: str) -> list[str]:
    """The pictures of a folder, line2 before line10; anything else, and a folder without any, as it was given."""
    if not Path(given).is_dir():
        return [given]
    files = [path for path in Path(given).iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != "."]
    return [str(path) for path in sorted(files, key=_by_number)] or [given]


def _by_number(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"([0-9]+)", path.name)]


def open_pictures(file: str, settings: Settings) -> Iterator[Picture]:
    """Each page of a file as a line to read; what can't be opened, as the reason."""
    if Path(file).is_dir():
        yield Picture(file, error=f"There are no pictures in the folder {file}.", code=SourceError.exit_code)
        return
    try:
        source = open_source(Path(file), settings, name=file)
    except InklineError as error:
        yield Picture(file, error=str(error), code=error.exit_code)
        return
    for index in range(source.page_count):
        page = index + 1 if source.page_count > 1 else 0
        try:
            crop = cv2.cvtColor(source.read(index).pixels, cv2.COLOR_BGR2GRAY)
        except InklineError as error:
            yield Picture(file, page, error=str(error), code=error.exit_code)
            continue
        if crop.shape[0] >= PAGE_HEIGHT and crop.shape[1] < PAGE_SHAPE * crop.shape[0]:
            say(f"{file} looks like a page, not like a line: `python -m pipeline digitize` reads pages.")
        yield Picture(file, page, crop)


def as_row(picture: Picture, reading: Transcription) -> str:
    text = " ".join(reading.text.split())
    return f"{printable(picture.name)}\t{printable(text)}\t{reading.confidence:.3f}"


def as_json(picture: Picture, reading: Transcription | None) -> str:
    """One object without line breaks: file, page where there are several, and either the reading or the error."""
    about = {"file": picture.file, **({"page": picture.page} if picture.page else {})}
    return json.dumps(about | (asdict(reading) if reading else {"error": picture.error}), ensure_ascii=False)


def printable(text: str) -> str:
    """Text that stays in its column: control characters and broken ones are written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)

"""`infer`: line images in, one "path TAB text TAB confidence" a line out."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.cli.common import add_engine_option, chosen_engine, say
from pipeline.errors import InklineError
from pipeline.ingest import open_source
from pipeline.settings import Settings, read_settings

if TYPE_CHECKING:
    from pipeline.cli.common import Commands

BATCH = 16


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("infer", help="read images of single lines", description=__doc__)
    parser.add_argument("images", nargs="+", metavar="LINE_IMAGE", help="picture of one line of writing")
    add_engine_option(parser)
    parser.set_defaults(run=run, when_stopped="The lines above are complete.")


def run(args: argparse.Namespace) -> int:
    settings = read_settings()
    engine = chosen_engine(args.engine, settings)
    failed = False
    for start in range(0, len(args.images), BATCH):
        names, crops = [], []
        for name in args.images[start : start + BATCH]:
            try:
                crops.append(read_line_image(Path(name), name, settings))
                names.append(name)
            except InklineError as error:
                say(str(error))
                failed = True
        for name, reading in zip(names, engine.transcribe(crops) if crops else [], strict=True):
            print(printable(name), printable(" ".join(reading.text.split())), f"{reading.confidence:.3f}", sep="\t")
    return 1 if failed else 0


def read_line_image(path: Path, name: str, settings: Settings) -> np.ndarray:
    """The picture as an (H, W) grey crop. Raises the errors of ingest."""
    return cv2.cvtColor(open_source(path, settings, name=name).read(0).pixels, cv2.COLOR_BGR2GRAY)


def printable(text: str) -> str:
    """Text that stays in its column: control characters and broken ones are written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)

"""What commands share: words on stderr, options and how they are checked."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tqdm import tqdm

from pipeline.engines import Engine, choose_engine, load_engine
from pipeline.settings import Settings

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


# The exit code of an error nobody foresaw.
FAULT = 70


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong in a run that goes on: said at once, counted for the exit code."""

    codes: set[int] = field(default_factory=set)

    def add(self, sentence: str, code: int) -> None:
        say(sentence)
        self.codes.add(code)

    @property
    def exit_code(self) -> int:
        """0 for none, the code of the one kind there was, 1 for several kinds."""
        return next(iter(self.codes), 0) if len(self.codes) < 2 else 1


def say(sentence: str) -> None:
    """A sentence on stderr, above a progress bar if there is one."""
    tqdm.write(sentence.encode("utf-8", "backslashreplace").decode(), file=sys.stderr)


def chosen_engine(name: str | None, settings: Settings, language: str | None = None) -> Engine:
    """The reader and the language asked for, or those of the settings; says who reads and why. Raises EngineError."""
    settings = replace(settings, language=language or settings.language)
    choice = choose_engine(name or settings.engine, settings)
    engine = load_engine(choice.name, settings)
    say(f"Reader: {engine.name}. {choice.reason}")
    return engine


def add_engine_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine",
        metavar="auto|crnn|trocr|MODEL",
        help="who reads: auto, crnn, trocr, trocr-small, trocr-large, a TrOCR on the hub, or a model's folder "
        "(default: auto, or INKLINE_ENGINE)",
    )
    parser.add_argument(
        "--language",
        metavar="auto|en|fr|none",
        help="of the writing, for our own reader: auto finds out line by line, none reads by the ink alone "
        "(default: auto, or INKLINE_LANGUAGE)",
    )


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """An option's value as a whole number from `least` to `most`."""

    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise argparse.ArgumentTypeError(f"{value!r} is not a whole number from {least} to {most}.")
        return int(value)

    return parse

"""The shell: `python -m pipeline` with `digitize`, `export`, `import`, `infer`, `train` and more."""

import argparse
import io
import logging
import os
import sys
import traceback
from collections.abc import Sequence

from pipeline.cli import adapt, bring, digitize, evaluate, export, infer, models, pages, train, validate
from pipeline.errors import InklineError

EPILOG = """\
exit codes:
  0    everything was done          6    a file or address is not there,
  1    several kinds of trouble;         or holds nothing of use here
       of adapt: the new model      7    the reader can't be loaded
       was no better                9    a wrong setting
  2    a wrong option, or a file    10   a program is not installed
       that can't be read           11   the result can't be written
  3    a page can't be read         70   a fault in Inkline
  4    a password is missing        130  stopped with Ctrl-C
  5    a file is too large
"""


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline",
        description="Turns handwriting into documents people can edit.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (digitize, export, bring, pages, infer, train, adapt, validate, evaluate, models):
        command.add_to(commands)
    for name, command_parser in commands.choices.items():
        if name == "digitize":  # has its own, which takes a folder
            continue
        command_parser.add_argument("--debug", action="store_true", help="show tracebacks and what happens inside")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors become a sentence on stderr."""
    args = build_parser().parse_args(argv)
    logging.basicConfig(format="%(message)s")
    logging.getLogger("pipeline").setLevel(logging.DEBUG if args.debug else logging.WARNING)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names of files need not be valid text, and the terminal need not know every character.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return args.run(args)
    except InklineError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"Stopped. {args.when_stopped}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read the output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if args.debug:
            traceback.print_exc()
        print(f"Inkline met a fault it did not expect ({type(error).__name__}: {error}).", file=sys.stderr)
        print("Please report it with what the same command says with --debug.", file=sys.stderr)
        return 70

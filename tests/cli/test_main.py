"""The shell as a whole."""

import re
import subprocess
import sys

from pipeline import cli, errors
from pipeline.cli.adapt import NOT_KEPT
from pipeline.cli.common import FAULT


def test_the_module_runs_and_lists_its_commands() -> None:
    done = subprocess.run([sys.executable, "-m", "pipeline", "--help"], capture_output=True, text=True, check=True)
    for command in ("digitize", "infer", "train", "validate", "evaluate"):
        assert command in done.stdout
    assert cli.EPILOG in done.stdout


def test_the_exit_codes_of_what_the_shell_can_meet_are_explained() -> None:
    explained = {int(code) for code in re.findall(r"  (\d+)  ", cli.EPILOG)}
    elsewhere = (
        errors.NotFoundError, errors.RetouchError, errors.PatternError, errors.ConflictError, errors.SpellingError,
    )  # fmt: skip
    met = {error.exit_code for error in errors.InklineError.__subclasses__() if error not in elsewhere}
    assert explained == met | {0, 1, 130, NOT_KEPT, FAULT}

"""The shell as a whole."""

import subprocess
import sys

from pipeline import cli


def test_the_module_runs_and_lists_its_commands() -> None:
    done = subprocess.run([sys.executable, "-m", "pipeline", "--help"], capture_output=True, text=True, check=True)
    for command in ("digitize", "infer", "train", "validate", "evaluate"):
        assert command in done.stdout
    assert cli.EPILOG in done.stdout

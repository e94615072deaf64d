"""Fetches a TrOCR from the hub ahead of its first use, and prints its folder.

python -m pipeline.engines.fetch microsoft/trocr-base-handwritten
"""

import sys

from pipeline.engines import TROCR_MODELS
from pipeline.engines.hub import fetch_command, model_folder
from pipeline.errors import EngineError


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(f"Usage: {fetch_command('OWNER/MODEL')}")
    try:
        print(model_folder(TROCR_MODELS.get(sys.argv[1], sys.argv[1])))
    except EngineError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()

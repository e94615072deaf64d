"""What turns trained weights into a model that reads: ONNX, language models, calibration."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.train.calibrate import calibrate
from pipeline.train.export import export_model
from pipeline.train.language import write_languages
from pipeline.train.sources import Sample

FEWEST = 30  # lines that say something about confidence


def finish(folder: Path, samples: Sequence[Sample], dev: Mapping[str, Sequence[Sample]]) -> str:
    """Complete the model folder that a training left. Returns a table of how it decodes the dev sets, or why not."""
    export_model(folder)
    said_in_dev = [sample.text for part in dev.values() for sample in part]
    write_languages([sample.text for sample in samples], said_in_dev, folder)
    if len(said_in_dev) < FEWEST:
        return f"Its confidence is not calibrated: that takes {FEWEST} lines or more given with --dev."
    return calibrate(folder, dev)

"""TrOCR: from line crops to text (engine.py), in little time (decoder.py, greedy.py, graphs.py), with doubts.py."""

from pipeline.engines.trocr.engine import TrOCREngine as TrOCREngine
from pipeline.engines.trocr.loading import load_trocr as load_trocr

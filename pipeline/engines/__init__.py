"""Readers: line crops in, transcriptions out. One protocol, one registry, each reader loaded once a process."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from pipeline.document import Transcription


class Engine(Protocol):
    """A reader of lines.

    `name` stands in transcriptions and on screens ("crnn", "microsoft/trocr-base-handwritten").
    """

    name: str

    def transcribe(self, crops: Sequence[np.ndarray]) -> list[Transcription]:
        """Read line crops, each (H, W) grey uint8 with dark ink on light paper; one result a crop, in order."""
        ...

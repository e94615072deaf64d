"""Background work: documents are read page by page in the serving process, whoever is watching."""

from pipeline.jobs.reading import Steps
from pipeline.jobs.worker import Worker

__all__ = ["Steps", "Worker"]

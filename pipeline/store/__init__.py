"""Documents, corrections and jobs in a database, their pictures and files in a folder of blobs."""

from pipeline.store.repository import Store, open_store
from pipeline.store.search import Hit
from pipeline.store.values import (
    AUTHOR,
    Change,
    DocumentSummary,
    Job,
    PageSummary,
    Proposal,
    SourceFile,
    State,
    Task,
    Version,
)

__all__ = [
    "AUTHOR",
    "Change",
    "DocumentSummary",
    "Hit",
    "Job",
    "PageSummary",
    "Proposal",
    "SourceFile",
    "State",
    "Store",
    "Task",
    "Version",
    "open_store",
]

"""Many documents at once: out as an archive, and in from a library, PAGE XML or ALTO."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from pipeline.api.deps import SettingsDep, StoreDep
from pipeline.api.schemas import DocumentOut, ImportedOut
from pipeline.errors import NotFoundError
from pipeline.exchange import Imported, take_in, uploads
from pipeline.exchange_library import write_library
from pipeline.export import FORMATS, check_format
from pipeline.export.archive import write_archive
from pipeline.store.pictures import pictures_of

router = APIRouter(tags=["exchange"])


@router.get("/export", response_class=FileResponse)
def export_documents(
    store: StoreDep,
    document: Annotated[list[str], Query(description="Ids; without any, every document that has pages.")] = [],  # noqa: B006
    format: Annotated[str, Query(description=f"One of {', '.join(FORMATS)}.")] = "docx",
) -> FileResponse:
    """A zip with a file for each document."""
    check_format(format)
    ids = document or [summary.id for summary in store.list_documents() if summary.pages]
    if not ids:
        raise NotFoundError("There are no documents to export yet.")
    for document_id in ids:
        store.get_summary(document_id)  # a wrong id is better refused now than in the middle of an archive
    return _sent(
        lambda file: write_archive(file, map(store.get_document, ids), format, pictures_of(store)),
        f"documents.{format}.zip",
    )


@router.get("/export/library", response_class=FileResponse)
def export_library(
    store: StoreDep,
    document: Annotated[list[str], Query(description="Ids; without any, every document that has pages.")] = [],  # noqa: B006
) -> FileResponse:
    """One archive with documents, pictures and what was confirmed, to be taken in by another library."""
    return _sent(lambda file: write_library(file, store, document), "library.zip")


def _sent(write: Callable[[BinaryIO], object], name: str) -> FileResponse:
    """What is written to a file on disk, which is gone once it is sent."""
    handle, made = tempfile.mkstemp(prefix="inkline-", suffix=".zip")
    path = Path(made)
    try:
        with open(handle, "w+b") as file:
            write(file)
    except BaseException:
        path.unlink()
        raise
    task = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type="application/zip", filename=name, background=task)


@router.post("/import", status_code=201)
def import_documents(
    settings: SettingsDep,
    store: StoreDep,
    files: Annotated[list[UploadFile], File(description="Zips, or XML files with the pictures they name.")],
    name: Annotated[str, Form(description="What to call the document; else by the first file's name.")] = "",
) -> list[ImportedOut]:
    """Take in libraries, PAGE XML or ALTO: each zip becomes a document, or those of its library; all other files
    together make one more. If one of them can't be taken, none is.
    """
    found: list[Imported] = []
    with uploads([(upload.filename or "", upload.file) for upload in files]) as sources:
        try:
            for path, called, own_name in sources:
                found += take_in(path, store, settings, name=name or own_name, called=called)
        except BaseException:
            for imported in found:
                store.delete_document(imported.document_id)
            raise
    return [
        ImportedOut(
            document=DocumentOut.model_validate(store.get_summary(imported.document_id)),
            problems=list(imported.problems),
        )
        for imported in found
    ]

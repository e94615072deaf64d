"""Many documents at once: out as an archive, and in from PAGE XML or ALTO."""

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from pipeline.api.deps import SettingsDep, StoreDep
from pipeline.api.schemas import DocumentOut, ImportedOut
from pipeline.errors import NotFoundError
from pipeline.exchange import import_transcribed, uploads
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
    handle, name = tempfile.mkstemp(prefix="inkline-", suffix=".zip")
    path = Path(name)
    try:
        with open(handle, "wb") as file:
            write_archive(file, map(store.get_document, ids), format, pictures_of(store))
    except BaseException:
        path.unlink()
        raise
    return FileResponse(
        path,
        media_type="application/zip",
        filename=f"documents.{format}.zip",
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


@router.post("/import", status_code=201)
def import_documents(
    settings: SettingsDep,
    store: StoreDep,
    files: Annotated[list[UploadFile], File(description="Zips, or XML files with the pictures they name.")],
    name: Annotated[str, Form(description="What to call the document; else by the first file's name.")] = "",
) -> list[ImportedOut]:
    """Take in PAGE XML or ALTO: each zip becomes a document, all other files together one more."""
    with uploads([(upload.filename or "", upload.file) for upload in files]) as sources:
        found = [import_transcribed(path, store, settings, name=name or called) for path, called in sources]
    return [
        ImportedOut(
            document=DocumentOut.model_validate(store.get_summary(imported.document_id)),
            problems=list(imported.problems),
        )
        for imported in found
    ]

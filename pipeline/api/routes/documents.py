"""Documents: sent in, followed, taken out, removed."""

import tempfile
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from pipeline import retouch
from pipeline.api.deps import EngineField, LanguageField, SettingsDep, StoreDep
from pipeline.api.readers import check_language, reader_for_client
from pipeline.api.schemas import DocumentOut, DocumentWithProgress, Name, Password, ProgressOut
from pipeline.errors import LimitError, SourceError
from pipeline.export import FORMATS, write_document
from pipeline.ingest import fetch
from pipeline.settings import Settings
from pipeline.store import SourceFile, Store
from pipeline.store.library import Order
from pipeline.store.pictures import pictures_of

router = APIRouter(prefix="/documents", tags=["documents"])


@router.post("", status_code=201)
def send_document(
    settings: SettingsDep,
    store: StoreDep,
    files: Annotated[list[UploadFile], File(description="PDFs and pictures, in order.")] = [],  # noqa: B006
    url: Annotated[str, Form(description="Where to fetch a PDF or picture, http or https.")] = "",
    name: Annotated[str, Form(description="What to call the document; else the first file's name.")] = "",
    engine: EngineField = "",
    language: LanguageField = "",
    password: Annotated[str, Form(description="For encrypted PDFs.")] = "",
    dpi: Annotated[int, Form(ge=72, le=600, description="At which PDF pages are read.")] = 300,
    separate: Annotated[bool, Query(description="Make a document of each file, not one of all.")] = False,
) -> list[DocumentOut]:
    """Queue files to be read; they become one document, unless `separate`."""
    # Wrong names are better refused now than when the document's turn has come.
    check_language(language, reader_for_client(engine, settings), settings)
    sources = _sent(store, settings, files, url)
    ids = [
        store.create_document(
            name or Path(group[0].name).stem or group[0].name,
            group,
            engine=engine or settings.engine,
            dpi=dpi,
            password=password,
            language=language,
        )
        for group in ([[source] for source in sources] if separate else [sources])
    ]
    return [DocumentOut.model_validate(store.get_summary(document_id)) for document_id in ids]


@router.post("/{document_id}/files", status_code=202)
def add_files(
    settings: SettingsDep,
    store: StoreDep,
    document_id: str,
    files: Annotated[list[UploadFile], File(description="PDFs and pictures, in order.")] = [],  # noqa: B006
    url: Annotated[str, Form(description="Where to fetch a PDF or picture, http or https.")] = "",
    password: Annotated[str, Form(description="For encrypted PDFs.")] = "",
    before: Annotated[str, Form(description="The id of the page that theirs come before; else they come last.")] = "",
) -> ProgressOut:
    """Add files to a document; only their pages are read. All are added or, with a reason, none."""
    store.get_summary(document_id)
    sources = _sent(store, settings, files, url)
    retouch.add_files(store, document_id, sources, settings, password=password, before=before)
    return get_progress(store, document_id)


@router.get("")
def list_documents(
    store: StoreDep,
    name: Annotated[str, Query(description="Part of the name.")] = "",
    tag: Annotated[str, Query(description="Only documents with this tag.")] = "",
    order: Order = "newest",
    limit: Annotated[int | None, Query(ge=1)] = None,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[DocumentOut]:
    """All documents but those in the trash."""
    found = store.list_documents(name=name, tag=tag, order=order, limit=limit, offset=offset)
    return [DocumentOut.model_validate(summary) for summary in found]


@router.get("/{document_id}")
def get_document(store: StoreDep, document_id: str) -> DocumentWithProgress:
    """A document and how far its reading has come."""
    document = DocumentOut.model_validate(store.get_summary(document_id))
    return DocumentWithProgress(**document.model_dump(), progress=get_progress(store, document_id))


@router.get("/{document_id}/progress")
def get_progress(store: StoreDep, document_id: str) -> ProgressOut:
    """Which page, which stage, how many lines, and how long it will still take."""
    return ProgressOut.model_validate(store.job_of(document_id))


@router.get("/{document_id}/export")
def export_document(
    store: StoreDep,
    document_id: str,
    format: Annotated[str, Query(description=f"One of {', '.join(FORMATS)}.")] = "docx",
) -> Response:
    """The document as a file, with every correction made so far."""
    document = store.get_document(document_id)
    content = write_document(document, format, pictures_of(store))
    kind = FORMATS[format]
    disposition = f"attachment; filename*=UTF-8''{quote(document.name + kind.suffix, safe='')}"
    return Response(content, media_type=kind.media_type, headers={"Content-Disposition": disposition})


@router.post("/{document_id}/password", status_code=202)
def unlock_document(store: StoreDep, document_id: str, body: Password) -> ProgressOut:
    """Go on with a document that waits for its PDF's password, or try a failed one again."""
    store.retry_job(document_id, password=body.password)
    return get_progress(store, document_id)


@router.patch("/{document_id}")
def rename_document(store: StoreDep, document_id: str, body: Name) -> DocumentOut:
    """Give a document another name."""
    store.rename_document(document_id, body.name)
    return DocumentOut.model_validate(store.get_summary(document_id))


@router.delete("/{document_id}", status_code=204)
def delete_document(
    store: StoreDep,
    document_id: str,
    for_good: Annotated[bool, Query(description="Remove it with its corrections and files, now.")] = False,
) -> None:
    """Put a document into the trash, from where it can be restored; a reading under way pauses."""
    if for_good:
        store.delete_document(document_id)
    else:
        store.trash_document(document_id)


def _sent(store: Store, settings: Settings, files: list[UploadFile], url: str) -> list[SourceFile]:
    """The files of a request, in the store. Raises SourceError if there are none."""
    sources = [_keep(store, settings, upload) for upload in files]
    if url:
        sources.append(_fetch(store, settings, url))
    if not sources:
        raise SourceError("Send one or more files, or the url of one.")
    return sources


def _keep(store: Store, settings: Settings, upload: UploadFile) -> SourceFile:
    name = Path(upload.filename or "upload").name
    if upload.size and upload.size > settings.max_file_mb * 2**20:
        raise LimitError(f"{name} has {upload.size / 2**20:.0f} MB; the limit is {settings.max_file_mb} MB.")
    return SourceFile(store.put_blob_stream(upload.file, Path(name).suffix), name)


def _fetch(store: Store, settings: Settings, url: str) -> SourceFile:
    with tempfile.TemporaryDirectory() as folder:
        path = fetch(url, Path(folder), settings)
        with path.open("rb") as file:
            return SourceFile(store.put_blob_stream(file, path.suffix), path.name)

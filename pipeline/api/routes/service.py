"""The service itself: whether it is well, and reading a single line."""

import logging
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import cv2
from fastapi import APIRouter, File, Response, UploadFile

from pipeline.api.deps import EngineField, LanguageField, SettingsDep, StoreDep, WorkerDep
from pipeline.api.readers import check_language, reader_for_client
from pipeline.api.schemas import Health, Reading
from pipeline.engines import load_engine
from pipeline.ingest import open_source

log = logging.getLogger(__name__)
router = APIRouter(tags=["service"])


@router.get("/health", responses={503: {"model": Health}})
def health(store: StoreDep, worker: WorkerDep, response: Response) -> Health:
    """Whether documents can be kept and read; status 503 if not."""
    try:
        store.check()
        reachable = True
    except Exception:  # whatever keeps the store from answering
        log.exception("the store does not answer")
        reachable = False
    found = Health(store=reachable, worker=worker.alive)
    if not (found.store and found.worker):
        response.status_code = 503
    return found


@router.post("/transcribe")
def transcribe(
    settings: SettingsDep,
    image: Annotated[UploadFile, File(description="A picture of one line of writing.")],
    engine: EngineField = "",
    language: LanguageField = "",
) -> Reading:
    """Read one line at once, without keeping it."""
    name = reader_for_client(engine, settings)
    check_language(language, name, settings)
    with tempfile.NamedTemporaryFile() as file:
        shutil.copyfileobj(image.file, file)
        file.flush()
        page = open_source(Path(file.name), settings, name=Path(image.filename or "The image").name).read(0)
    reader = load_engine(name, replace(settings, language=language or settings.language))
    (reading,) = reader.transcribe([cv2.cvtColor(page.pixels, cv2.COLOR_BGR2GRAY)])
    return Reading(text=reading.text, confidence=reading.confidence, engine=reader.name)

"""The API as an ASGI app, and the lifespan in which it and the worker live."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from pipeline.api.deps import Services
from pipeline.api.guard import Guard
from pipeline.api.routes import (
    arranging,
    documents,
    exchange,
    lines,
    models,
    pages,
    readings,
    search,
    service,
    spelling,
)
from pipeline.api.schemas import Error
from pipeline.errors import InklineError
from pipeline.jobs import Worker
from pipeline.settings import read_settings
from pipeline.store import open_store


def create_app(services: Services | None = None) -> FastAPI:
    """The API. Without services it answers once `lifespan` has begun."""
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Inkline",
        description="Handwriting in, documents that can be edited out.",
        responses={code: {"model": Error} for code in (404, 413, 415, 422)},
    )
    for routes in (arranging, documents, exchange, lines, models, pages, readings, search, service, spelling):
        app.include_router(routes.router)
    app.add_exception_handler(InklineError, _say)
    app.add_middleware(Guard)
    app.state.services = services
    return app


async def _say(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InklineError)
    return JSONResponse({"detail": str(error)}, error.http_status)


api = create_app()


@asynccontextmanager
async def lifespan(_server: object) -> AsyncGenerator[dict[str, Any]]:
    """Open the store and let the worker read for as long as the server runs."""
    settings = read_settings()
    store = await asyncio.to_thread(open_store, settings)
    worker = Worker(store, settings)
    api.state.services = Services(settings, store, worker)
    worker.start()
    try:
        yield {}
    finally:
        await asyncio.to_thread(worker.stop)
        store.close()

"""What routes ask for by type."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Path, Request

from pipeline.jobs import Worker
from pipeline.settings import Settings
from pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """What the server was started with."""

    settings: Settings
    store: Store
    worker: Worker


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _settings(services: Annotated[Services, Depends(_services)]) -> Settings:
    return services.settings


def _store(services: Annotated[Services, Depends(_services)]) -> Store:
    return services.store


def _worker(services: Annotated[Services, Depends(_services)]) -> Worker:
    return services.worker


SettingsDep = Annotated[Settings, Depends(_settings)]
StoreDep = Annotated[Store, Depends(_store)]
WorkerDep = Annotated[Worker, Depends(_worker)]
EngineField = Annotated[str, Form(description="auto, crnn, trocr or a model on the server; else the server's choice.")]
LanguageField = Annotated[
    str, Form(description="Of the writing, for our own reader: auto, en, fr, none; else the server's choice.")
]
PageIndex = Annotated[int, Path(ge=0, description="Counts from 0.")]

"""Other readers' texts for lines that are there already: proposed, seen beside the old ones, taken or dropped."""

from fastapi import APIRouter

from pipeline.api.deps import PageIndex, SettingsDep, StoreDep
from pipeline.api.line_schemas import (
    ChangeOut,
    Chosen,
    ProposalOut,
    ProposalsOut,
    Reread,
    RereadAll,
    Taken,
    TaskOut,
    proposal_out,
    task_out,
)
from pipeline.api.readers import reader_for_client
from pipeline.api.routes.lines import Limit
from pipeline.errors import NotFoundError
from pipeline.retouch import propose_readings
from pipeline.store import AUTHOR, Store, Task

router = APIRouter(prefix="/documents/{document_id}", tags=["reading again"])


@router.post("/pages/{index}/readings")
def reread_page(
    settings: SettingsDep, store: StoreDep, document_id: str, index: PageIndex, body: Reread
) -> list[ProposalOut]:
    """Read lines of a page again at once; what reads otherwise is proposed, and nothing changes yet."""
    engine = reader_for_client(body.engine, settings)
    proposals = propose_readings(
        store, settings, document_id, index, engine=engine, line_ids=body.lines, page_id=body.page
    )
    return [proposal_out(proposal) for proposal in proposals]


@router.post("/readings", status_code=202)
def reread_document(settings: SettingsDep, store: StoreDep, document_id: str, body: RereadAll) -> TaskOut:
    """Read all lines of a document again that nobody has confirmed, in the background."""
    store.job_of(document_id)
    return task_out(store.begin_rereading(document_id, reader_for_client(body.engine, settings)))


@router.get("/readings/task")
def get_last_rereading(store: StoreDep, document_id: str) -> TaskOut | None:
    """The newest reading in the background, going on or ended; null if there was none."""
    store.job_of(document_id)
    task = store.last_rereading(document_id)
    return task_out(task) if task else None


@router.get("/readings/task/{task_id}")
def get_rereading(store: StoreDep, document_id: str, task_id: str) -> TaskOut:
    """How far a reading in the background has come."""
    return task_out(_task(store, document_id, task_id))


@router.delete("/readings/task/{task_id}", status_code=204)
def stop_rereading(store: StoreDep, document_id: str, task_id: str) -> None:
    """Let nobody go on with it; what was read so far stays proposed."""
    store.cancel_task(_task(store, document_id, task_id).id)


@router.get("/readings")
def list_readings(store: StoreDep, document_id: str, limit: Limit = 200) -> ProposalsOut:
    """What is proposed, in reading order: how much, and the first of it."""
    store.job_of(document_id)
    proposals = [proposal_out(proposal) for proposal in store.proposals(document_id, limit=limit)]
    return ProposalsOut(lines=store.count_proposals(document_id), proposals=proposals)


@router.post("/readings/take")
def take_readings(store: StoreDep, document_id: str, body: Taken) -> ChangeOut | None:
    """Let lines say what is proposed for them, as one step; without lines, all that nobody has confirmed."""
    change = store.take_proposals(document_id, body.lines, author=AUTHOR, but=body.but, surer=body.surer)
    return ChangeOut.model_validate(change) if change else None


@router.post("/readings/drop", status_code=204)
def drop_readings(store: StoreDep, document_id: str, body: Chosen) -> None:
    """Forget what is proposed."""
    store.drop_proposals(document_id, body.lines, but=body.but)


def _task(store: Store, document_id: str, task_id: str) -> Task:
    task = store.get_task(task_id)
    if task.wanted.get("document") != document_id:
        raise NotFoundError("There is no such task.")
    return task

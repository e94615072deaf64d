"""Other readers' texts for lines that are there already: proposed, seen beside the old ones, taken or dropped."""

from fastapi import APIRouter

from pipeline.api.deps import PageIndex, SettingsDep, StoreDep
from pipeline.api.line_schemas import ChangeOut, Chosen, ProposalOut, Reread, RereadAll, TaskOut, proposal_out
from pipeline.api.readers import reader_for_client
from pipeline.api.routes.lines import AUTHOR
from pipeline.errors import NotFoundError
from pipeline.retouch import propose_readings

router = APIRouter(prefix="/documents/{document_id}", tags=["reading again"])


@router.post("/pages/{index}/readings")
def reread_page(
    settings: SettingsDep, store: StoreDep, document_id: str, index: PageIndex, body: Reread
) -> list[ProposalOut]:
    """Read lines of a page again at once; what reads otherwise is proposed, and nothing changes yet."""
    engine = reader_for_client(body.engine, settings)
    proposals = propose_readings(store, settings, document_id, index, engine=engine, line_ids=body.lines)
    return [proposal_out(proposal) for proposal in proposals]


@router.post("/readings", status_code=202)
def reread_document(settings: SettingsDep, store: StoreDep, document_id: str, body: RereadAll) -> TaskOut:
    """Read all lines of a document again that nobody has confirmed, in the background."""
    store.job_of(document_id)
    engine = reader_for_client(body.engine, settings)
    task_id = store.add_task("reread", {"document": document_id, "engine": engine})
    return TaskOut.model_validate(store.get_task(task_id))


@router.get("/readings/{task_id}")
def get_rereading(store: StoreDep, document_id: str, task_id: str) -> TaskOut:
    """How far the reading in the background has come."""
    task = store.get_task(task_id)
    if task.wanted.get("document") != document_id:
        raise NotFoundError("There is no such task.")
    return TaskOut.model_validate(task)


@router.get("/readings")
def list_readings(store: StoreDep, document_id: str) -> list[ProposalOut]:
    """What is proposed, in reading order."""
    store.job_of(document_id)
    return [proposal_out(proposal) for proposal in store.proposals(document_id)]


@router.post("/readings/take")
def take_readings(store: StoreDep, document_id: str, body: Chosen) -> ChangeOut | None:
    """Let lines say what is proposed for them, as one step; without lines, all that nobody has confirmed."""
    change = store.take_proposals(document_id, body.lines, author=AUTHOR)
    return ChangeOut.model_validate(change) if change else None


@router.post("/readings/drop", status_code=204)
def drop_readings(store: StoreDep, document_id: str, body: Chosen) -> None:
    """Forget what is proposed."""
    store.drop_proposals(document_id, body.lines)

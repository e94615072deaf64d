"""Searching what is written, and the tags and the trash of the library."""

from typing import Annotated

from fastapi import APIRouter, Query

from pipeline.api.deps import StoreDep
from pipeline.api.schemas import DocumentOut, HitOut, TagOut, Tags

router = APIRouter(tags=["library"])


@router.get("/search")
def search(
    store: StoreDep,
    q: Annotated[str, Query(description="Words that a line must hold; the beginning of a word will do.")],
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    document: Annotated[str, Query(description="The id of the only document to search.")] = "",
    tag: Annotated[str, Query(description="Search only documents with this tag.")] = "",
) -> list[HitOut]:
    """Lines with all of the words, newest documents first; then lines with words that look alike."""
    hits = store.search(q, limit=limit, document_id=document, tag=tag)
    return [HitOut.model_validate(hit) for hit in hits]


@router.get("/tags")
def list_tags(store: StoreDep) -> list[TagOut]:
    """All tags in use."""
    return [TagOut(tag=tag, documents=documents) for tag, documents in store.list_tags().items()]


@router.put("/documents/{document_id}/tags")
def set_tags(store: StoreDep, document_id: str, body: Tags) -> DocumentOut:
    """Let a document have these tags and no others."""
    store.set_tags(document_id, body.tags)
    return DocumentOut.model_validate(store.get_summary(document_id))


@router.get("/trash")
def list_trash(store: StoreDep) -> list[DocumentOut]:
    """Deleted documents, last first; they are removed after 30 days."""
    return [DocumentOut.model_validate(summary) for summary in store.list_trash()]


@router.post("/trash/{document_id}/restore")
def restore_document(store: StoreDep, document_id: str) -> DocumentOut:
    """Take a document out of the trash as it was."""
    store.restore_document(document_id)
    return DocumentOut.model_validate(store.get_summary(document_id))


@router.delete("/trash", status_code=204)
def empty_trash(store: StoreDep) -> None:
    """Remove for good all that is in the trash."""
    store.empty_trash()

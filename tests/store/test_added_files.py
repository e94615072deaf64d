"""Files are added to a document that is there: behind its others, and inside the limit."""

import pytest

from pipeline.document import Page
from pipeline.errors import LimitError, NotFoundError, SourceError
from pipeline.store import SourceFile, Store
from pipeline.store.queue import new_worker_name
from pipeline.store.values import Job
from tests.store.helpers import finished, page, picture, queued


def file(store: Store, content: bytes = b"more") -> SourceFile:
    return SourceFile(store.put_blob(content, ".pdf"), "more.pdf")


def add(store: Store, document_id: str, *files: SourceFile, pages: int = 1, most: int = 10) -> None:
    store.add_files(document_id, files or [file(store)], pages=pages, most=most, engine="crnn", dpi=300, password="pw")


def claimed(store: Store) -> Job:
    job = store.claim_job(new_worker_name())
    assert job
    return job


def read(store: Store, pages: int = 2) -> str:
    """The id of a document whose file of so many pages is read."""
    document_id = queued(store)
    job = claimed(store)
    for number in range(pages):
        store.save_page(document_id, page(number), picture(number), job=job)
    store.count_pages(job, [pages])
    store.finish_job(job)
    return document_id


def test_files_come_behind_those_that_are_there_and_the_job_is_queued_again(store: Store) -> None:
    document_id = read(store)
    before = store.get_document(document_id)
    add(store, document_id, file(store, b"b"), file(store, b"c"), pages=3)
    sources = store.sources_of(document_id)
    assert [source.pages for source in sources] == [2, None, None]
    assert [store.get_blob(source.file.blob) for source in sources] == [b"file", b"b", b"c"]
    assert [source.password for source in sources] == ["", "pw", "pw"]
    job = store.job_of(document_id)
    assert (job.state, job.wanted_engine, job.attempts) == ("queued", "auto", 0)
    assert store.get_document(document_id) == before


def test_a_document_that_came_without_files_is_read_by_the_reader_of_the_settings(store: Store) -> None:
    document_id = finished(store)
    assert store.job_of(document_id).dpi == 0
    add(store, document_id)
    job = store.job_of(document_id)
    assert (job.state, job.wanted_engine, job.dpi) == ("queued", "crnn", 300)


@pytest.mark.parametrize("end", ["finish", "fail"])
def test_a_job_does_not_end_before_it_has_read_a_file_added_meanwhile(store: Store, end: str) -> None:
    document_id = queued(store)
    job = claimed(store)
    add(store, document_id)
    assert store.job_of(document_id).state == "running"

    def ends(files: int) -> bool:
        if end == "finish":
            return store.finish_job(job, files=files)
        return store.fail_job(job, "No page could be read.", files=files)

    assert not ends(1)
    assert [source.password for source in store.sources_of(document_id)] == ["", "pw"]
    assert ends(2)
    assert store.job_of(document_id).state == {"finish": "done", "fail": "failed"}[end]


def test_a_job_that_failed_is_tried_again_with_the_new_file(store: Store) -> None:
    document_id = queued(store)
    store.fail_job(claimed(store), "No page could be read.")
    add(store, document_id)
    assert (store.job_of(document_id).state, store.job_of(document_id).error) == ("queued", "")


def test_what_would_be_too_many_pages_is_refused_and_changes_nothing(store: Store) -> None:
    for document_id in (read(store, 2), finished(store, 2)):
        job, sources = store.job_of(document_id), store.sources_of(document_id)
        with pytest.raises(LimitError, match="would have 5 pages; the limit is 4"):
            add(store, document_id, pages=3, most=4)
        assert (store.job_of(document_id), store.sources_of(document_id)) == (job, sources)
        add(store, document_id, pages=2, most=4)
        # Not opened yet, it counts as one page.
        add(store, document_id, pages=1, most=4)


def test_pages_deleted_count_since_they_may_come_back(store: Store) -> None:
    document_id = read(store, 2)
    keep_first = store.list_pages(document_id)[0].id
    store.arrange_pages(document_id, "delete page", lambda pages: [keep_first], author="user")
    with pytest.raises(LimitError):
        add(store, document_id, most=2)


def test_nothing_is_added_to_a_document_that_is_gone_or_from_a_file_that_is(store: Store) -> None:
    document_id = read(store)
    with pytest.raises(SourceError, match="upload them again"):
        add(store, document_id, SourceFile("0" * 64 + ".pdf", "gone.pdf"))
    store.trash_document(document_id)
    for missing in (document_id, "none"):
        with pytest.raises(NotFoundError):
            add(store, missing)
    store.restore_document(document_id)
    assert len(store.sources_of(document_id)) == 1


def test_files_added_go_with_their_document(store: Store) -> None:
    document_id = queued(store)
    store.save_page(document_id, Page(0, 0, 0, 300), None)
    more = file(store)
    add(store, document_id, more)
    store.delete_document(document_id)
    assert not store.blobs.holds(more.blob)

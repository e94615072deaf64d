"""A document being read: what is going on, how long it will take, and its pages as they are done."""

from contextlib import suppress

import streamlit as st

from pages._common import count, picture_of, store, time_left
from pages._downloads import download_menu
from pipeline.errors import NotFoundError
from pipeline.store.values import Job, State

STATES: dict[State, str] = {
    "queued": "waiting to be read",
    "running": "being read",
    "done": "read",
    "failed": "could not be read",
    "needs_password": "needs a password",
}
ACTIVE: tuple[State, ...] = ("queued", "running")
SHOWN = 12


def follow(document_id: str) -> None:
    """Show how far the reading of a document has come, until it is done."""
    try:
        summary = store().get_summary(document_id)
    except NotFoundError as error:
        st.error(str(error), icon=":material/error:")
        st.page_link("digitize.py", label="Choose another file", icon=":material/arrow_back:")
        return
    st.button("Read something else", icon=":material/add:", type="tertiary", on_click=st.query_params.clear)
    st.title(summary.name)
    active = summary.state in ACTIVE
    st.fragment(run_every="1s" if active else None)(progress)(document_id, active)


def progress(document_id: str, active: bool) -> None:
    """The part of the screen that renews itself while the job is active."""
    job = store().job_of(document_id)
    if active and job.state not in ACTIVE:
        st.rerun()  # as a whole, which ends the renewing
    if job.state == "done":
        finished(job)
    elif job.state == "failed":
        st.error(job.error, icon=":material/error:")
        if st.button("Try again", icon=":material/refresh:"):
            retry(document_id, "")
    elif job.state == "needs_password":
        ask_password(job)
    else:
        st.progress(fraction(job), text=sentence(job))
        st.caption(
            "You can leave this page or close the browser: the reading goes on, and the document waits for you here."
        )
    if job.engine:
        st.caption(f":material/visibility: Read by **{job.engine}**. {job.engine_reason}")
    show_pages(document_id)


def finished(job: Job) -> None:
    """What came out of it, and where to go next."""
    pages = store().list_pages(job.document_id)
    bad = [page for page in pages if page.error]
    lines = count(job.lines_read, "line")
    st.success(f"Read {lines} on {count(len(pages) - len(bad), 'page')}.", icon=":material/check:")
    for page in bad:
        st.warning(f"Page {page.index + 1}: {page.error}", icon=":material/warning:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Correct the text", type="primary", icon=":material/edit_note:"):
            st.switch_page("correct.py", query_params={"document": job.document_id})
        if bad and st.button("Try again", icon=":material/refresh:", help="Read once more what could not be read"):
            retry(job.document_id, "")
        download_menu(job.document_id)


def ask_password(job: Job) -> None:
    st.warning(job.error, icon=":material/lock:")
    with st.form("password", border=False):
        password = st.text_input("Password of the PDF", type="password")
        if st.form_submit_button("Unlock and read", type="primary") and password:
            retry(job.document_id, password)


def retry(document_id: str, password: str) -> None:
    with suppress(NotFoundError):  # deleted meanwhile, which the screen says then
        store().retry_job(document_id, password=password)
    st.rerun()


def fraction(job: Job) -> float:
    """How much of the document is read, 0..1; the page in progress counts by its lines."""
    on_page = 0.1 + 0.9 * job.lines_done / job.lines_total if job.lines_total else 0.0
    return min((job.pages_done + on_page) / job.pages_total, 1.0) if job.pages_total else 0.0


def sentence(job: Job) -> str:
    """What is going on right now: page, stage, lines read, time left."""
    if job.state == "queued":
        return "Waiting for its turn."
    stages = {
        "clean": "straightening and cleaning",
        "lines": "finding the lines",
        "transcribe": f"reading line {min(job.lines_done + 1, job.lines_total)} of {job.lines_total}",
    }
    parts = [stages.get(job.stage, "opening the file")]
    if job.pages_total:
        parts.insert(0, f"Page {job.page + 1} of {job.pages_total}")
    if job.lines_read:
        parts.append(f"{count(job.lines_read, 'line')} read")
    if job.seconds_left is not None:
        parts.append(time_left(job.seconds_left))
    text = " · ".join(parts)
    return text[0].upper() + text[1:]


def show_pages(document_id: str) -> None:
    """The newest pages with the found lines drawn on them; a long document does not fill the screen."""
    pages = store().list_pages(document_id)
    if len(pages) > SHOWN:
        st.caption(f"{count(len(pages), 'page')} so far; the last {SHOWN} are shown.")
    for start in range(0, len(pages[-SHOWN:]), 3):
        for column, page in zip(st.columns(3, gap="medium"), pages[-SHOWN:][start : start + 3], strict=False):
            with column:
                if page.image:
                    st.image(picture_of(document_id, page.index, width=560, numbered=False), width="stretch")
                caption = f"Page {page.index + 1} · {count(page.lines, 'line')}"
                st.caption(f"Page {page.index + 1} · {page.error}" if page.error else caption)

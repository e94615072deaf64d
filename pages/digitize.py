"""The first screen: choose files, take a photo or name an address; then watch them being read."""

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from pages._arrange import arrange
from pages._common import store, when
from pages._draft import SUFFIXES, by_name, keep_file, load_draft, save_draft
from pages._progress import ACTIVE, STATES, follow
from pipeline.errors import InklineError
from pipeline.ingest import fetch
from pipeline.settings import read_settings
from pipeline.store.values import SourceFile

LATELY = 5
SAMPLES = Path(__file__).resolve().parent.parent / "assets" / "samples"


def show() -> None:
    document_id = st.query_params.get("document", "")
    if document_id:
        follow(document_id)
        return
    st.title("Turn handwriting into a document")
    st.write(
        "Drop in scans or photos of handwritten notes. Inkline reads them line by line; "
        "you correct what it misread and download a Word document."
    )
    for problem in st.session_state.pop("problems", []):
        st.error(problem, icon=":material/error:")
    draft = load_draft()
    if draft:
        arrange(draft)
    choose(draft)
    if not draft:
        active = any(document.state in ACTIVE for document in store().list_documents()[:LATELY])
        st.fragment(run_every="2s" if active else None)(recent)()


def choose(draft: list[SourceFile]) -> None:
    """The ways to bring pages in; each adds to the draft."""
    with st.container(horizontal=True, vertical_alignment="center"):
        way = st.segmented_control(
            "Where from",
            ["Files", "Camera", "Web address"],
            default="Files",
            required=True,
            label_visibility="collapsed",
        )
        if not draft and st.button("Try the sample notes", icon=":material/auto_stories:"):
            read_samples()
    # A new key empties the uploader, which frees the memory that Streamlit holds the files in.
    key = f"{way}-{st.session_state.setdefault('uploads', 0)}"
    if way == "Files":
        files = st.file_uploader(
            "Add more files" if draft else "Drop a PDF, or photos of pages (JPEG, PNG, WebP, BMP, TIFF, HEIC)",
            SUFFIXES,
            accept_multiple_files=True,
            max_upload_size=read_settings().max_file_mb,
            key=key,
        )
        add(draft, [(file.getvalue(), file.name) for file in files])
    elif way == "Camera":
        photo = st.camera_input("Hold the page flat and fill the picture with it", resolution="1080p", key=key)
        add(draft, [(photo.getvalue(), f"Photo {len(draft) + 1}.jpg")] if photo else [])
    else:
        url = st.text_input("Address of a picture or PDF", placeholder="https://example.org/page.jpg", key=key)
        if st.button("Fetch it", disabled=not url.strip()):
            add_from_web(draft, url.strip())


def add(draft: list[SourceFile], arrived: list[tuple[bytes, str]]) -> None:
    """Keep what arrived, remember what is wrong with the rest, and start afresh with an empty uploader."""
    if not arrived:
        return
    kept, problems = [], []
    with st.spinner("Looking at the pages..."):
        for data, name in arrived:
            try:
                kept.append(keep_file(data, name))
            except InklineError as error:
                problems.append(str(error))
    st.session_state.uploads += 1
    st.session_state.problems = problems
    save_draft(draft + sorted(kept, key=by_name))
    st.rerun()


def add_from_web(draft: list[SourceFile], url: str) -> None:
    try:
        with st.spinner("Fetching..."), tempfile.TemporaryDirectory() as folder:
            path = fetch(url, Path(folder), read_settings())
            arrived = [(path.read_bytes(), Path(urlsplit(url).path).name or path.name)]
    except InklineError as error:
        st.error(str(error), icon=":material/error:")
    else:
        add(draft, arrived)


def read_samples() -> None:
    """Read the sample notes that come with Inkline, as one document."""
    paths = sorted(path for path in SAMPLES.iterdir() if path.suffix.lstrip(".") in SUFFIXES)
    files = [keep_file(path.read_bytes(), path.name) for path in paths]
    document_id = store().create_document("Sample notes", files, engine=read_settings().engine, dpi=300)
    st.query_params.from_dict({"document": document_id})
    st.rerun()


def recent() -> None:
    """The newest documents, those still being read among them."""
    documents = store().list_documents()[:LATELY]
    if documents:
        st.subheader("Lately")
    for document in documents:
        done = document.state == "done"
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.page_link(
                "correct.py" if done else "digitize.py",
                label=document.name,
                icon=":material/description:" if done else ":material/hourglass_top:",
                query_params={"document": document.id},
            )
            st.caption(f"{STATES[document.state]} · {when(document.created)}")


show()

"""The files about to be read: their order, their name, who reads them, and the button that starts it."""

from pathlib import Path

import streamlit as st

from pages._common import count, engine_choice, plain, store
from pages._draft import Preview, by_name, preview, save_draft
from pages._language import choose_language
from pipeline.errors import EngineError
from pipeline.settings import read_settings
from pipeline.store.values import SourceFile

READERS = {
    "auto": "Automatic",
    "crnn": "Inkline's own (fast, any machine)",
    "trocr": "TrOCR (slower, best with a graphics card)",
}


def arrange(draft: list[SourceFile]) -> None:
    """Show the draft in order and start the reading when asked to."""
    previews = [preview(file) for file in draft]
    with st.container(border=True, key="draft"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"{count(len(draft), 'file')} ready to read", width="stretch")
            if len(draft) > 1 and draft != sorted(draft, key=by_name):
                st.button(
                    "Sort by name",
                    icon=":material/sort_by_alpha:",
                    on_click=save_draft,
                    args=(sorted(draft, key=by_name),),
                )
        with st.container(height=430 if len(draft) > 4 else "content", border=False):
            for position, (file, look) in enumerate(zip(draft, previews, strict=True)):
                row(draft, position, file, look)
        apart = len(draft) > 1 and st.toggle("Make one document per file", key="apart")
        name = (
            ""
            if apart
            else st.text_input("Name of the document", Path(draft[0].name).stem, key=f"name-{draft[0].blob}")
        )
        with st.expander("Who reads it", icon=":material/visibility:"):
            engine, language, ready = reader()
        with st.container(horizontal=True):
            if st.button("Read the pages", type="primary", icon=":material/play_arrow:", disabled=not ready):
                start([[file] for file in draft] if apart else [draft], name, engine, language)
            st.button("Discard", on_click=save_draft, args=([],))


def row(draft: list[SourceFile], position: int, file: SourceFile, look: Preview) -> None:
    """One file: its first page, its name, and buttons that move it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"file-{position}"):
        if look.picture:
            st.image(look.picture, width=64, alt=f"First page of {file.name}")
        facts = "protected: you will be asked for its password" if look.locked else count(look.pages, "page")
        st.markdown(f"**{position + 1}.** {plain(file.name)}  \n:small[{facts}]", width="stretch")
        moves = (("Up", ":material/arrow_upward:", position - 1), ("Down", ":material/arrow_downward:", position + 1))
        for word, icon, target in moves if len(draft) > 1 else ():
            st.button(
                word,
                icon=icon,
                key=f"{word.lower()}-{position}",
                disabled=not 0 <= target < len(draft),
                on_click=save_draft,
                args=(swapped(draft, position, target),),
            )
        rest = draft[:position] + draft[position + 1 :]
        st.button("Leave out", icon=":material/close:", key=f"leave-{position}", on_click=save_draft, args=(rest,))


def reader() -> tuple[str, str, bool]:
    """The reader chosen, the language it is told, and whether it can be used here."""
    wanted = read_settings().engine
    names = list(READERS) if wanted in READERS else [wanted, *READERS]
    name = st.radio(
        "Reader", names, names.index(wanted), format_func=lambda name: READERS.get(name, name), horizontal=True
    )
    try:
        st.caption(engine_choice(name).reason)
        return name, choose_language(name), True
    except EngineError as error:
        st.error(str(error))
        return name, "", False


def start(groups: list[list[SourceFile]], name: str, engine: str, language: str) -> None:
    """Make a document of each group, and go to its progress, or to the list if there are several."""
    ids = [
        store().create_document(
            name.strip() or Path(files[0].name).stem, files, engine=engine, dpi=300, language=language
        )
        for files in groups
    ]
    st.query_params.from_dict({"document": ids[0]} if len(ids) == 1 else {})
    st.rerun()


def swapped(draft: list[SourceFile], one: int, other: int) -> list[SourceFile]:
    """The draft with two neighbours exchanged; unchanged where there is no such neighbour."""
    order = list(draft)
    if 0 <= other < len(order):
        order[one], order[other] = order[other], order[one]
    return order

"""What a search found: the ink of each line with the words marked, what it says, and the way to it."""

from collections.abc import Sequence

import cv2
import numpy as np
import streamlit as st

from pages._common import plain, said, store
from pages._pictures import decode, level_strip
from pipeline.document import Line
from pipeline.errors import NotFoundError
from pipeline.retouch.texts import share_at
from pipeline.store import Hit

MOST_HITS, HITS_SHOWN = 100, 10
# Of the ink's picture, in pixels.
WIDTH, HEIGHT = 900, 56
# How a marker pen colours paper, BGR.
PEN = (110, 225, 255)


def show_hits(query: str, tag: str) -> None:
    """Lines of all documents in which the words of the query stand."""
    hits = store().search(query, limit=MOST_HITS, tag=tag)
    if not hits:
        st.info(f"No line says {plain(query)}, or anything like it.", icon=":material/search_off:")
        return
    many = f"The first {MOST_HITS} lines" if len(hits) == MOST_HITS else f"{len(hits)} lines"
    st.markdown(f"##### {'1 line' if len(hits) == 1 else many}")
    shown = hits[: st.session_state.get("hits", HITS_SHOWN)]
    for hit in shown:
        show_hit(hit)
    if len(hits) > len(shown):
        st.button(f"Show more lines ({len(hits) - len(shown)} left)", on_click=show_more_hits)


def show_more_hits() -> None:
    st.session_state.hits = st.session_state.get("hits", HITS_SHOWN) + HITS_SHOWN


def show_hit(hit: Hit) -> None:
    with st.container(border=True, gap="xsmall", key=f"hit-{hit.line_id}"):
        try:
            ink = ink_of(hit.document_id, hit.page, hit.line_id, hit.text, hit.spans)
        except (NotFoundError, ValueError, cv2.error):
            ink = b""  # changed meanwhile, no picture, an outline beside it: the text is there all the same
        if ink:
            st.image(ink, alt="The ink of this line")
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap="xxsmall"):
                st.markdown(marked_text(hit.text, hit.spans))
                alike = "" if hit.exact else " · :orange[alike]"
                where = f"page {hit.page + 1}, line {hit.position + 1}"
                st.caption(f"{plain(hit.document)} · {where}{alike}")
            place = {"document": hit.document_id, "page": str(hit.page + 1), "line": hit.line_id}
            st.page_link(
                "correct.py",
                label=said("Open", f"{where} of {hit.document}"),
                icon=":material/edit_note:",
                query_params=place,
            )


def marked_text(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text as Markdown with these parts of it marked."""
    parts, end = [], 0
    for start, stop in spans:
        parts += [plain(text[end:start]), f":yellow-background[**{plain(text[start:stop])}**]"]
        end = stop
    return "".join([*parts, plain(text[end:])])


@st.cache_data(max_entries=500, show_spinner=False)
def ink_of(document_id: str, page: int, line_id: str, text: str, spans: tuple[tuple[int, int], ...]) -> bytes:
    """The strip of ink as a JPEG. Raises NotFoundError. `text` is what the line says, which the cache goes by."""
    stored = store().get_page(document_id, page)
    line = next((line for line in stored.lines if line.id == line_id), None)
    if line is None or not stored.image:
        raise NotFoundError("There is no picture of this line.")
    pixels = _page_pixels(stored.image)
    strip = level_strip(pixels, line, pixels.shape[1] / stored.width, WIDTH, HEIGHT)
    return cv2.imencode(".jpg", mark_ink(strip, line, spans), [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


@st.cache_resource(max_entries=4, show_spinner=False)
def _page_pixels(image: str) -> np.ndarray:
    return cv2.cvtColor(decode(store().get_blob(image)), cv2.COLOR_BGR2GRAY)


def mark_ink(strip: np.ndarray, line: Line, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """A level strip (H, W) in grey with these parts of the line's text marked, (H, W, 3) BGR.

    Where a word is written is guessed from the letters before it, then moved to the nearest gap.
    """
    coloured = cv2.cvtColor(strip, cv2.COLOR_GRAY2BGR)
    _, ink = cv2.threshold(strip, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    across = cv2.blur(ink.sum(axis=0, dtype=np.float32)[None], (strip.shape[0] // 5 + 1, 1))[0]
    inked = np.flatnonzero(ink.any(axis=0))
    left, right = (int(inked[0]), int(inked[-1])) if len(inked) else (0, strip.shape[1] - 1)
    for span in spans:
        edges = []
        for place in span:
            wanted = left + round(share_at(line.text, place) * (right - left))
            inside = 0 < place < len(line.text)
            edges.append(_gap_near(across, wanted, strip.shape[0] // 2) if inside else wanted)
        start, end = max(edges[0] - 2, 0), edges[1] + 3
        part = coloured[:, start:end].astype(np.uint16)
        coloured[:, start:end] = (part * PEN // 255).astype(np.uint8)
    return coloured


def _gap_near(across: np.ndarray, wanted: int, reach: int) -> int:
    """The column with the least ink around it, no farther off than `reach`; of equals the nearest."""
    start = max(wanted - reach, 0)
    window = across[start : wanted + reach + 1]
    distance = np.abs(np.arange(start, start + len(window)) - wanted)
    return start + int((window + distance * 0.02).argmin()) if len(window) else wanted

"""Write on the canvas with mouse, pen or finger and have it read, several lines too."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import cv2
import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from pages._common import engine_choice, store
from pages._language import choose_language
from pages._pictures import ink_on_paper, line_strips
from pages._presses import count_presses, show_buttons
from pipeline.digitize import read_page
from pipeline.document import Document, Page
from pipeline.engines import load_engine
from pipeline.errors import EngineError, InklineError
from pipeline.ingest import PageImage
from pipeline.settings import read_settings
from pipeline.store import AUTHOR

WIDTH, HEIGHT = 760, 400
# About what a line written on the canvas would have if it were a scan.
DPI, SHEET = 150, 1600
# The canvas sends a stroke 0.2 s after its end, perhaps while earlier ones are being read.
LATE_S = 2.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in a drawing: the picture as PNG, the page, in which language, and a number that tells it apart."""

    picture: bytes
    page: Page
    language: str
    number: int


@dataclass(slots=True)
class Desk:
    """What this session asked for and got. Times count in seconds from some moment on."""

    presses: Mapping[str, int] = field(default_factory=lambda: {"read": 0, "clear": 0})
    asked: float | None = None  # when
    answered: float | None = None  # the `asked` that was answered
    at: float = 0.0  # when it was
    strokes: int = 0
    problem: str = ""
    reading: Reading | None = None
    readings: int = 0

    def take(self, presses: Mapping[str, int]) -> None:
        """Take note of new presses. Of those that come in together, Read is meant for the new canvas."""
        if presses["clear"] != self.presses["clear"]:
            self.asked, self.answered, self.problem, self.reading = None, None, "", None
        if presses["read"] != self.presses["read"]:
            # The wish stays: the last stroke may arrive after it, and stop the run that reads.
            self.asked = time.monotonic()
        self.presses = presses

    def wants(self, strokes: int) -> bool:
        """Whether these strokes are to be read: they were asked for and are not read yet, or came in meanwhile."""
        if self.asked is None or self.asked != self.answered:
            return self.asked is not None
        return self.strokes != strokes and time.monotonic() - self.at < LATE_S

    def answer(self, strokes: int, problem: str, reading: Reading | None) -> None:
        """Keep what came of the wish; it stays until the next."""
        self.answered, self.at, self.strokes = self.asked, time.monotonic(), strokes
        self.problem, self.reading = problem, reading
        self.readings += 1


def show() -> None:
    desk: Desk = st.session_state.setdefault("desk", Desk())
    desk.take({**desk.presses, **count_presses("presses")})
    st.title("Write, and have it read")
    st.write("Write with mouse, pen or finger, on as many lines as you like. Then press Read.")
    with st.container(horizontal=True, gap="large"):
        with st.container(width=WIDTH + 24):
            with st.container(horizontal=True, gap="large"):
                pen = st.slider("Pen width", 2, 12, 4, width=260)
                language = language_here()
            # While a canvas gives way to a new one it has no height: without this the buttons would jump from under
            # the finger that is about to press one.
            with st.container(height=HEIGHT, border=False):
                strokes = canvas(pen, desk.presses["clear"])
            show_buttons("presses", desk.presses)
            mark = 0 if strokes is None else hash(strokes.tobytes())
            if desk.wants(mark):
                desk.answer(mark, *read(strokes, language, desk.readings))
            if desk.problem:
                st.warning(desk.problem, icon=":material/draw:")
        with st.container(width="stretch", key="reading"):
            if desk.reading:
                results(desk, desk.reading)


def canvas(pen: int, number: int) -> np.ndarray | None:
    """The canvas for a pen of this width; returns the strokes (H, W, 4) RGBA, None before the first.

    Another number brings a new one: the canvas's own buttons hide from fingers, which can't hover.
    """
    drawing = st_canvas(
        stroke_width=pen,
        stroke_color="#1b2430",
        background_color="#ffffff",
        width=WIDTH,
        height=HEIGHT,
        return_image_data=True,
        key=f"canvas-{number}",
    )
    return drawing.image_data


def language_here() -> str:
    """The language of what is written; why the reader can't be had is said when it shall read."""
    try:
        return choose_language(read_settings().engine)
    except EngineError:
        return ""


def read(strokes: np.ndarray | None, language: str, number: int) -> tuple[str, Reading | None]:
    """Find and read the lines of the drawing; what is in the way, or the reading of this number."""
    pixels = None if strokes is None else ink_on_paper(strokes)
    if pixels is None or pixels.min() > 200:
        return "The canvas is empty. Write something first.", None
    try:
        with st.spinner("Reading..."):
            settings = read_settings()
            engine = load_engine(
                engine_choice(settings.engine).name, replace(settings, language=language or settings.language)
            )
            page = replace(read_page(PageImage(on_sheet(pixels), DPI), 0, engine), width=WIDTH, height=HEIGHT)
    except InklineError as error:
        return str(error), None
    if not page.lines:
        return "No line of writing was found. Write larger, or with a thicker pen.", None
    return "", Reading(cv2.imencode(".png", pixels)[1].tobytes(), page, language, number)


def on_sheet(pixels: np.ndarray) -> np.ndarray:
    """The drawing in the corner of a white sheet, on which no stem of a letter is long enough to pass for ruling."""
    height, width = pixels.shape[:2]
    return cv2.copyMakeBorder(pixels, 0, SHEET - height, 0, SHEET - width, cv2.BORDER_CONSTANT, value=(255, 255, 255))


def results(desk: Desk, reading: Reading) -> None:
    """Each line's ink with its text to edit, and the button that keeps it all."""
    texts = []
    for number, (line, strip) in enumerate(
        zip(reading.page.lines, line_strips(reading.picture, reading.page, 420, 70), strict=True)
    ):
        sure = f"{line.transcription.confidence:.0%} sure"
        st.image(strip)
        key = f"drawn-{reading.number}-{number}"
        texts.append(st.text_input(f"Line {number + 1} · {sure}", line.text, key=key))
    st.caption(f":material/visibility: Read by **{reading.page.lines[0].transcription.engine}**.")
    with st.form("keep", border=True):
        name = st.text_input("Name", f"Drawing of {date.today():%-d %B %Y}")
        if st.form_submit_button("Keep as document", icon=":material/save:"):
            document_id = keep(reading, name.strip() or "Drawing", texts)
            desk.reading = None
            st.switch_page("correct.py", query_params={"document": document_id})


def keep(reading: Reading, name: str, texts: list[str]) -> str:
    """Put the drawing into the store, what the user changed as corrections; returns the document's id."""
    document = Document(name, (reading.page,))
    document_id = store().create_finished_document(document, [reading.picture], language=reading.language)
    for line, text in zip(store().get_page(document_id, 0).lines, texts, strict=True):
        if text != line.text:
            store().correct_line(line.id, text, author=AUTHOR)
    return document_id


show()

"""What every screen needs: the store, the settings, and the words for counts, times and readers."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from pages._pictures import Mark, decode, draw_page, line_strips, mark_of, thumbnail
from pipeline.document import Line, Page, Point
from pipeline.engines import Choice, choose_engine
from pipeline.settings import Settings, read_settings
from pipeline.store import Store, open_store

# Which window of the library is shown, and of which document. It stays until it is dismissed, however often the screen
# runs: what was typed into the search field just before runs it once more.
WINDOW = "window"


def close_window() -> None:
    st.session_state.pop(WINDOW, None)


def store() -> Store:
    """The process's store."""
    return _open(read_settings())


@st.cache_resource(show_spinner=False)
def _open(settings: Settings) -> Store:
    return open_store(settings)


@st.cache_data(ttl=60, show_spinner=False)
def engine_choice(name: str) -> Choice:
    """Which reader reads when `name` is asked for, and why. Raises EngineError."""
    return choose_engine(name, read_settings())


def is_checked(line: Line) -> bool:
    """Whether a person wrote or confirmed what the line says."""
    return line.checked


def picture_of(document_id: str, index: int, *, width: int, numbered: bool) -> bytes:
    """A page as a JPEG with its lines drawn over it, coloured by how certain they are."""
    page = store().get_page(document_id, index)
    marks = tuple((line.polygon, mark_of(line, is_checked(line))) for line in page.lines)
    return _picture(page.image, marks, width, numbered, page)


@st.cache_data(max_entries=64, show_spinner=False)
def _picture(
    image: str, marks: tuple[tuple[tuple[Point, ...], Mark], ...], width: int, numbered: bool, _page: Page
) -> bytes:
    return draw_page(store().get_blob(image), _page, [mark for _, mark in marks], width, numbered)


@st.cache_data(max_entries=300, show_spinner=False)
def small_picture(image: str) -> bytes:
    """A page's kept picture as a thumbnail."""
    return thumbnail(decode(store().get_blob(image)), 150)


def strips_of(page: Page, *, width: int, height: int) -> list[str]:
    """The ink of each line of a page as a data URL; empty strings where the page has no picture."""
    if not page.image:
        return [""] * len(page.lines)
    return _strips(page.image, tuple(line.polygon for line in page.lines), width, height, page)


@st.cache_data(max_entries=64, show_spinner=False)
def _strips(image: str, outlines: tuple[tuple[Point, ...], ...], width: int, height: int, _page: Page) -> list[str]:
    return line_strips(store().get_blob(image), _page, width, height)


def count(number: int, noun: str) -> str:
    """ "1 page", "2 pages"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def time_left(seconds: float) -> str:
    """A rough time in words, never more exact than it can be."""
    if seconds < 8:
        return "a few seconds left"
    if seconds < 55:
        return f"about {round(seconds / 5) * 5} seconds left"
    if seconds < 3600:
        return f"about {count(max(round(seconds / 60), 1), 'minute')} left"
    return f"about {seconds / 3600:.1f} hours left"


def local(moment: datetime) -> datetime:
    """A moment in the viewer's time zone, as far as the browser tells it."""
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ValueError, ZoneInfoNotFoundError):
        return moment


def when(moment: datetime) -> str:
    """A moment as people say it."""
    ago = (datetime.now(UTC) - moment).total_seconds()
    if ago < 60:
        return "just now"
    if ago < 3600:
        return count(int(ago / 60), "minute") + " ago"
    if ago < 86400:
        return count(int(ago / 3600), "hour") + " ago"
    return f"{local(moment):%-d %B %Y}"


def said(word: str, of: str) -> str:
    """A label named "Delete page 2", of which only "Delete" is seen (see assets/screens.css)."""
    return f"{word} :small[{plain(of)}]"


def plain(text: str) -> str:
    """A name as plain text in Markdown."""
    return "".join("\\" + letter if letter in "\\`*_{}[]()#+-.!$:~<>|" else letter for letter in text)

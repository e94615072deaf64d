"""Drawing with the mouse: what is written on the canvas is read, line by line, and can be kept."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from rapidfuzz.distance import Levenshtein

from tests.browser.conftest import Server, Table

pytestmark = pytest.mark.browser

SLANT = 0.12
Curve = Sequence[tuple[float, float]]


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> list[tuple[float, float]]:
    """Points of an ellipse from one angle to another, in degrees, clockwise on the screen from the right."""
    angles = np.radians(np.linspace(start, end, 14))
    return [(x + rx * float(np.cos(angle)), y + ry * float(np.sin(angle))) for angle in angles]


# Letters as a hand writes them: strokes in units of the x-height, baseline at 0, up is negative.
LETTERS: dict[str, tuple[list[Curve], float]] = {
    "a": ([[*arc(0.4, -0.5, 0.4, 0.5, -40, -360)], [(0.8, -1), (0.8, -0.15), (0.95, 0)]], 1.15),
    "d": ([[*arc(0.4, -0.5, 0.4, 0.5, -40, -360)], [(0.82, -2), (0.82, -0.1), (0.95, 0)]], 1.2),
    "e": ([[(0.05, -0.5), (0.75, -0.5), *arc(0.4, -0.5, 0.38, 0.5, 0, -310)]], 1.0),
    "h": ([[(0, -2), (0, 0)], [(0, -0.5), *arc(0.35, -0.55, 0.35, 0.45, 180, 360), (0.7, 0)]], 1.0),
    "l": ([[(0.1, -2), (0.1, -0.15), (0.3, 0)]], 0.55),
    "n": ([[(0, -1), (0, 0)], [(0, -0.5), *arc(0.35, -0.55, 0.35, 0.45, 180, 360), (0.7, 0)]], 1.0),
    "o": ([arc(0.4, -0.5, 0.4, 0.5, -90, -455)], 1.1),
    "t": ([[(0.3, -1.7), (0.3, -0.15), (0.55, 0)], [(0, -1.05), (0.65, -1.05)]], 0.85),
    "s": ([[*arc(0.35, -0.74, 0.28, 0.26, -30, -270), *arc(0.35, -0.24, 0.3, 0.26, -90, 140)]], 0.95),
    " ": ([], 0.7),
}


def strokes(text: str, left: float, baseline: float, size: float) -> Iterator[Curve]:
    for letter in text:
        curves, width = LETTERS[letter]
        for curve in curves:
            yield [(left + size * (x - SLANT * y), baseline + size * y) for x, y in curve]
        left += size * width


def write(page: Page, text: str, left: float, baseline: float, size: float = 44) -> None:
    """Write on the canvas with the mouse; the place counts from the canvas's corner."""
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box
    for curve in strokes(text, box["x"] + left, box["y"] + baseline, size):
        page.mouse.move(*curve[0])
        page.mouse.down()
        for point in curve[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def read_lines(page: Page, server: Server) -> list[str]:
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.get_by_label("Line 1")).to_be_visible(timeout=server.reading_ms)
    return [field.input_value() for field in page.get_by_label("Line ").all()]


def open_canvas(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/draw")
    expect(page.locator("canvas.upper-canvas")).to_be_visible()


def test_two_drawn_lines_are_read_and_kept_as_a_document(server: Server, page: Page) -> None:
    open_canvas(page, server)
    write(page, "hello", 90, 140)
    write(page, "no tea", 90, 320)
    texts = read_lines(page, server)
    assert len(texts) == 2
    assert Levenshtein.distance(texts[0].lower(), "hello") <= 1
    assert Levenshtein.distance(texts[1].lower(), "no tea") <= 1

    page.get_by_label("Line 1").fill("hello there")
    page.get_by_label("Name", exact=True).fill("From the canvas")
    page.get_by_role("button", name="Keep as document").click()
    table = Table(page)
    table.wait()
    assert table.cell(3, 0) == "hello there"
    assert table.cell(3, 1) == texts[1]
    expect(page.get_by_text("1 of 2 lines checked")).to_be_visible()


def press(page: Page, *names: str) -> None:
    """Press buttons where they are now, one right after the other, as fingers do that look at none of them."""
    boxes = [page.get_by_role("button", name=name, exact=True).bounding_box() for name in names]
    for box in boxes:
        assert box
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_read_right_after_clear_is_not_lost(server: Server, page: Page) -> None:
    open_canvas(page, server)
    write(page, "hello", 90, 140)
    page.evaluate(WATCH)
    press(page, "Clear", "Read")
    expect(page.get_by_text("The canvas is empty. Write something first.")).to_be_visible()
    assert page.evaluate("places.size") == 1, "the button Read moved while the canvas gave way to a new one"


# Notes in every frame how far down the button Read is.
WATCH = """() => {
    window.places = new Set();
    const main = document.querySelector("[data-testid=stMain]");
    const watch = () => {
        const read = [...document.querySelectorAll("button")].find(button => button.innerText.endsWith("Read"));
        places.add(Math.round(read.getBoundingClientRect().y + main.scrollTop));
        requestAnimationFrame(watch);
    };
    watch();
}"""

"""Documents for the export tests."""

import io
from dataclasses import replace
from typing import Any

from PIL import Image

from pipeline.document import Box, Decoration, Document, Figure, Kind, Line, Page, Transcription
from pipeline.errors import NotFoundError
from pipeline.export import Pictures
from tests.decorated import spans

WIDTH, HEIGHT = 2480, 3508


def line(
    place: int,
    text: str,
    *,
    kind: Kind = "text",
    paragraph: int | None = None,
    x: int = 200,
    width: int = 1800,
    confidence: float = 0.87654,
    characters: tuple[float, ...] = (),
    decorations: tuple[Decoration, ...] = (),
) -> Line:
    """Line number `place` on a page, 100 px under the one before."""
    y = 200 + 100 * place
    return Line(
        f"l{place}",
        ((x, y - 60), (x + width, y - 60), (x + width, y + 20), (x, y + 20)),
        ((x, y), (x + width, y)),
        kind,
        place if paragraph is None else paragraph,
        Transcription(text, confidence, "test", characters, decorations=decorations),
    )


def decorated_line(place: int, marked: str, **more: Any) -> Line:
    """The same with its _underlined words_ and ~struck words~."""
    text, decorations = spans(marked)
    return line(place, text, decorations=decorations, **more)


def page(*lines: Line, index: int = 0, figures: tuple[Box, ...] = (), error: str = "") -> Page:
    return Page(index, WIDTH, HEIGHT, 300, -1.25, lines, tuple(Figure(box) for box in figures), "", error)


def document(*pages: Page, name: str = "Biology 4") -> Document:
    return Document(name, tuple(replace(p, index=index) for index, p in enumerate(pages)))


def red_png(page: Page) -> bytes:
    """A page's picture at an eighth of its size."""
    file = io.BytesIO()
    Image.new("RGB", (page.width // 8, page.height // 8), "red").save(file, "PNG")
    return file.getvalue()


RED = Pictures(red_png)


def gone(page: Page) -> bytes:
    raise NotFoundError("Its picture is missing.")


GONE = Pictures(gone)


HOSTILE = "a\x00b\x01\x0b\x1f\x7f\x9f\ufffe\uffff\ud800c\udc00\U0001fffed\ufdd0 \ud83d\ude00 <&>\"'"
HARMLESS = "ab cd \U0001f600 <&>\"'"


def everything() -> Document:
    """A document with each thing a page can hold."""
    first = page(
        line(0, "Photosynthesis", kind="heading"),
        line(1, "Plants build sugar out of wa-", paragraph=1),
        line(2, "ter and light.", paragraph=1),
        line(3, "• sun", kind="list_item", x=260),
        line(4, "• soil with a lot of", kind="list_item", paragraph=4, x=260),
        line(5, "minerals", paragraph=4, x=320),
        line(6, "- potassium", kind="list_item", x=420),
        line(9, "leaf", paragraph=9, x=900, width=200),
        line(14, "After the drawing.", paragraph=14),
        line(15, "3. third", kind="list_item"),
        line(16, "4. fourth", kind="list_item"),
        line(17, "Between.", paragraph=17),
        line(18, "1. first", kind="list_item"),
        line(19, "a) letter", kind="list_item"),
        line(21, "E = mc²", kind="formula"),
        figures=((700, 850, 1700, 1500),),
    )
    return document(first, page(error="The picture is damaged."), page(), page(line(0, HOSTILE)))

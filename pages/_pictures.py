"""Pictures the screens show: pages with their lines drawn over them, and strips of ink. No Streamlit in here."""

import base64
from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np

from pipeline.document import Line, Page

Mark = Literal["checked", "sure", "unsure"]
# Below this confidence a line is shown as one to look at first.
SURE = 0.85
COLOURS: dict[Mark, tuple[int, int, int]] = {"checked": (96, 138, 46), "sure": (150, 96, 38), "unsure": (32, 112, 214)}
FIGURE_COLOUR = (140, 90, 130)


def mark_of(line: Line, checked: bool) -> Mark:
    """How a line is coloured: by whether a person has seen it, else by the reader's confidence."""
    return "checked" if checked else "sure" if line.transcription.confidence >= SURE else "unsure"


def draw_page(image: bytes, page: Page, marks: Sequence[Mark], width: int, numbered: bool) -> bytes:
    """The page as a JPEG at most `width` pixels wide, each line filled in the colour of its mark, figures framed."""
    pixels = decode(image)
    scale = min(1.0, width / pixels.shape[1])
    pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    to_picture = pixels.shape[1] / page.width  # the kept image may be smaller than the page that came in
    tint = pixels.copy()
    outlines = [np.round(np.array(line.polygon) * to_picture).astype(np.int32) for line in page.lines]
    for outline, mark in zip(outlines, marks, strict=True):
        cv2.fillPoly(tint, [outline], COLOURS[mark])
    pixels = cv2.addWeighted(tint, 0.13, pixels, 0.87, 0)
    for outline, mark in zip(outlines, marks, strict=True):
        cv2.polylines(pixels, [outline], True, COLOURS[mark], 1, cv2.LINE_AA)
    for figure in page.figures:
        x0, y0, x1, y1 = (round(value * to_picture) for value in figure.box)
        cv2.rectangle(pixels, (x0, y0), (x1, y1), FIGURE_COLOUR, 2, cv2.LINE_AA)
    if numbered:
        for number, (outline, mark) in enumerate(zip(outlines, marks, strict=True), start=1):
            _draw_number(pixels, number, outline, COLOURS[mark])
    return _encode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 82])


def _draw_number(pixels: np.ndarray, number: int, outline: np.ndarray, colour: tuple[int, int, int]) -> None:
    """A small numbered tag just left of the line, or inside it where the page ends."""
    text, font, size = str(number), cv2.FONT_HERSHEY_SIMPLEX, 0.6
    (width, height), _ = cv2.getTextSize(text, font, size, 1)
    x = max(int(outline[:, 0].min()) - width - 9, 1)
    y = int(outline[:, 1].min() + outline[:, 1].max()) // 2
    cv2.rectangle(pixels, (x, y - height // 2 - 4), (x + width + 7, y + height // 2 + 4), colour, -1, cv2.LINE_AA)
    cv2.putText(pixels, text, (x + 4, y + height // 2), font, size, (255, 255, 255), 1, cv2.LINE_AA)


def line_strips(image: bytes, page: Page, width: int, height: int) -> list[str]:
    """Each line's ink as a WebP data URL of `width` x `height`, turned level, its surroundings faded.

    A long line is cut between two words and its halves stacked, which shows it larger. What is left over of the
    picture is transparent: a table cell would otherwise stretch and crop it.
    """
    pixels = cv2.cvtColor(decode(image), cv2.COLOR_BGR2GRAY)
    to_picture = pixels.shape[1] / page.width
    strips = (level_strip(pixels, line, to_picture, 2 * width, height) for line in page.lines)
    return [_data_url(_fit(strip, width, height)) for strip in strips]


def _fit(strip: np.ndarray, width: int, height: int) -> np.ndarray:
    """The strip (H, W), as one row of ink or as two, on a transparent picture (height, width, 4)."""
    tall, wide = strip.shape
    # As two rows the scale is bound by half the width, and by half the height.
    if 1.3 * min(width / wide, height / tall) < min(2 * width / (1.1 * wide), height / (2 * tall)):
        cut = _gap_near_middle(strip)
        rows = np.full((2 * tall, max(cut, wide - cut)), 255, np.uint8)
        rows[:tall, :cut] = strip[:, :cut]
        rows[tall:, : wide - cut] = strip[:, cut:]
        strip = rows
    scale = min(width / strip.shape[1], height / strip.shape[0], 1.0)
    strip = cv2.resize(strip, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = np.zeros((height, width, 4), np.uint8)
    top = (height - strip.shape[0]) // 2
    picture[top : top + strip.shape[0], : strip.shape[1], :3] = strip[:, :, None]
    picture[top : top + strip.shape[0], : strip.shape[1], 3] = 255
    return picture


def _gap_near_middle(strip: np.ndarray) -> int:
    """The column between 40 and 60 % of the width with the least ink around it."""
    wide = strip.shape[1]
    _, ink = cv2.threshold(strip, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    amount = cv2.blur(ink.sum(axis=0, dtype=np.float32)[None], (wide // 50 + 1, 1))[0]
    start = int(0.4 * wide)
    return start + int(amount[start : int(0.6 * wide) + 1].argmin())


def level_strip(pixels: np.ndarray, line: Line, to_picture: float, width: int, height: int) -> np.ndarray:
    polygon = np.array(line.polygon, np.float32) * to_picture
    (x0, y0), (x1, y1) = (line.baseline[0], line.baseline[-1]) if line.baseline else ((0.0, 0.0), (1.0, 0.0))
    matrix: np.ndarray = cv2.getRotationMatrix2D((0, 0), float(np.degrees(np.arctan2(y1 - y0, x1 - x0))), 1.0)
    level = cv2.transform(polygon[None], matrix)[0]
    left, top = level.min(axis=0) - 6
    right, bottom = level.max(axis=0) + 6
    scale = min(height / (bottom - top), width / (right - left))
    # Thin strokes survive being made small only if they are averaged, which warpAffine does not do: shrink first.
    x, y, w, h = cv2.boundingRect(polygon)
    x, y = max(x - 8, 0), max(y - 8, 0)
    region = pixels[y : y + h + 16, x : x + w + 16]
    shrunk = min(scale, 1.0)
    part: np.ndarray = cv2.resize(region, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
    origin = matrix[:, :2] @ np.array([x, y])
    matrix[:, :2] *= scale / shrunk
    matrix[:, 2] = scale * (origin - (left, top))
    size = max(round((right - left) * scale), 1), max(round((bottom - top) * scale), 1)
    strip = cv2.warpAffine(part, matrix, size, flags=cv2.INTER_LINEAR, borderValue=255)
    # Even light, so that only neighbours' ink is seen to fade.
    paper = cv2.blur(cv2.dilate(strip, np.ones((9, 9), np.uint8)), (25, 25))
    strip = cv2.divide(strip, paper, scale=250)
    inside: np.ndarray = np.zeros(strip.shape, np.uint8)
    cv2.fillPoly(inside, [np.round((level - (left, top)) * scale).astype(np.int32)], 255)
    inside = cv2.dilate(inside, np.ones((5, 5), np.uint8))
    return np.where(inside > 0, strip, 255 - (255 - strip) // 3)


def thumbnail(pixels: np.ndarray, size: int = 220) -> bytes:
    """A page image (H, W, 3) BGR as a JPEG no larger than `size` on its long side."""
    scale = min(1.0, size / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _encode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 82])


def ink_on_paper(strokes: np.ndarray) -> np.ndarray:
    """Strokes (H, W, 4) RGBA from the canvas laid on white paper: (H, W, 3) BGR."""
    alpha = strokes[:, :, 3:].astype(np.float32) / 255
    paper = strokes[:, :, :3].astype(np.float32) * alpha + 255 * (1 - alpha)
    return np.ascontiguousarray(paper[:, :, ::-1]).round().astype(np.uint8)


def decode(image: bytes) -> np.ndarray:
    """PNG or JPEG as (H, W, 3) BGR."""
    pixels = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise ValueError("not an image")
    return pixels


def _encode(suffix: str, pixels: np.ndarray, options: list[int]) -> bytes:
    return cv2.imencode(suffix, pixels, options)[1].tobytes()


def _data_url(strip: np.ndarray) -> str:
    data = _encode(".webp", strip, [cv2.IMWRITE_WEBP_QUALITY, 70])
    return "data:image/webp;base64," + base64.b64encode(data).decode("ascii")

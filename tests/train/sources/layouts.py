"""Small data sets in other people's layouts, with text drawn by OpenCV."""

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import cv2
import numpy as np

from tests.train.lines import draw_line

TEXTS = ("first line here", "and a second one", "the third and last")
LEFT, TOP, PITCH, SCALE, LETTER = 80, 150, 110, 1.4, 24
WIDTH, HEIGHT = 800, 600
Box = tuple[int, int, int, int]


def draw_page(texts: Sequence[str] = TEXTS) -> np.ndarray:
    """A page (600, 800, 3) BGR with a line of text every 110 px."""
    page = np.full((HEIGHT, WIDTH, 3), 245, np.uint8)
    for number, text in enumerate(texts):
        for place, word in enumerate(words_in(text)):
            x, _, _, _ = word_box(text, place)
            at = (x, TOP + PITCH * number)
            cv2.putText(page, word, at, cv2.FONT_HERSHEY_SIMPLEX, SCALE, (90, 40, 30), 3, cv2.LINE_AA)
    return page


def words_in(text: str) -> list[str]:
    return text.split(" ")


def word_box(text: str, place: int, number: int = 0) -> Box:
    """x, y, width, height of a word of line `number`; letters get 24 px each, as wide as the font's widest."""
    before = sum(len(word) + 1 for word in words_in(text)[:place])
    return LEFT + LETTER * before, TOP - 42 + PITCH * number, LETTER * len(words_in(text)[place]) + 8, 62


def line_box(text: str, number: int) -> Box:
    first, last = word_box(text, 0, number), word_box(text, len(words_in(text)) - 1, number)
    return first[0] - 6, first[1], last[0] + last[2] - first[0] + 12, first[3]


def corners(box: Box) -> str:
    x, y, width, height = box
    return f"{x},{y} {x + width},{y} {x + width},{y + height} {x},{y + height}"


def write_picture(path: Path, image: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)
    return path


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def page_xml(lines: str, *, year: str = "2019-07-15", image: str = "page.png", size: str = "") -> str:
    size = size or f'imageWidth="{WIDTH}" imageHeight="{HEIGHT}"'
    space = f"http://schema.primaresearch.org/PAGE/gts/pagecontent/{year}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><PcGts xmlns="{space}"><Page imageFilename="{image}" {size}>'
        f'<TextRegion id="r1"><Coords points="0,0 800,0 800,600 0,600"/>{lines}</TextRegion></Page></PcGts>'
    )


def page_line(text: str, number: int, *, words: bool = False, baseline: bool = True) -> str:
    """A TextLine of PAGE XML; with `words`, each Word with its box and text."""
    parts = "".join(
        f'<Word id="w{number}{place}"><Coords points="{corners(word_box(text, place, number))}"/>'
        f"<TextEquiv><Unicode>{word}</Unicode></TextEquiv></Word>"
        for place, word in enumerate(words_in(text))
    )
    x, _, width, _ = line_box(text, number)
    y = TOP + PITCH * number
    return (
        f'<TextLine id="l{number}"><Coords points="{corners(line_box(text, number))}"/>'
        + (f'<Baseline points="{x},{y} {x + width},{y}"/>' if baseline else "")
        + (parts if words else "")
        + f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv></TextLine>"
    )


def write_page_xml(folder: Path, *, words: bool = False, year: str = "2019-07-15") -> Path:
    """page.png and page.xml with three lines."""
    write_picture(folder / "page.png", draw_page())
    lines = "".join(page_line(text, number, words=words) for number, text in enumerate(TEXTS))
    write_text(folder / "page.xml", page_xml(lines, year=year))
    return folder


def write_alto(folder: Path, *, version: int = 4, unit: str = "pixel", scale: float = 1.0) -> Path:
    """page.png and page.xml with three lines of Strings, in units of 1/scale pixels."""
    write_picture(folder / "page.png", draw_page())

    def place(box: Box) -> str:
        names = ("HPOS", "VPOS", "WIDTH", "HEIGHT")
        return " ".join(f'{name}="{value * scale:g}"' for name, value in zip(names, box, strict=True))

    lines = ""
    for number, text in enumerate(TEXTS):
        strings = "<SP/>".join(
            f'<String ID="s{number}{i}" CONTENT={quoteattr(word)} {place(word_box(text, i, number))}/>'
            for i, word in enumerate(words_in(text))
        )
        lines += f'<TextLine ID="t{number}" {place(line_box(text, number))}>{strings}</TextLine>'
    write_text(
        folder / "page.xml",
        f'<?xml version="1.0"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v{version}#"><Description>'
        f"<MeasurementUnit>{unit}</MeasurementUnit><sourceImageInformation><fileName>C:\\scans\\page.png</fileName>"
        f'</sourceImageInformation></Description><Layout><Page WIDTH="{WIDTH * scale:g}" HEIGHT="{HEIGHT * scale:g}">'
        f"<PrintSpace><TextBlock>{lines}</TextBlock></PrintSpace></Page></Layout></alto>",
    )
    return folder


def write_iam(folder: Path, *, ascii_: str = "ascii") -> Path:
    """Two forms' lines and words as IAM hands them out, one line and one word marked err."""
    write_text(folder / ascii_ / "forms.txt", "# comment\na01-000u 000 2 prt 7 5 52 36\nb02-001 012 2 prt 7 5 52 36\n")
    lines = {
        "a01-000u-00": ("ok", "A|MOVE|to|stop|Mr.|Gaitskell|from"),
        "a01-000u-01": ("err", 'he|\'s|late|,|"|so|there|"|(|said|I|)|.'),
        "b02-001-00": ("ok", "Hello|world|!"),
    }
    rows = "".join(f"{id_} {status} 154 19 408 746 1661 89 {text}\n" for id_, (status, text) in lines.items())
    write_text(folder / ascii_ / "lines.txt", "#--- lines.txt ---#\n#\n" + rows)
    words = "a01-000u-00-00 ok 154 408 768 27 51 AT A\na01-000u-00-01 err 154 507 766 213 48 NN MOVE\n"
    write_text(folder / ascii_ / "words.txt", "# words\n" + words)
    for id_ in lines:
        form = id_.rsplit("-", 1)[0]
        write_picture(folder / "lines" / form.split("-")[0] / form / f"{id_}.png", draw_line("some text"))
    for id_ in ("a01-000u-00-00", "a01-000u-00-01"):
        write_picture(folder / "words" / "a01" / "a01-000u" / f"{id_}.png", draw_line("word"))
    return folder


def write_iam_forms(folder: Path) -> Path:
    """A form with IAM's XML: boxes of strokes (cmp) in words in lines."""
    write_picture(folder / "forms" / "a01-000u.png", draw_page())
    lines = ""
    for number, text in enumerate(TEXTS):
        words = ""
        for place, word in enumerate(words_in(text)):
            x, y, width, height = word_box(text, place, number)
            cmp = f'<cmp x="{x}" y="{y}" width="{width}" height="{height}"/>'
            words += f'<word id="a01-000u-0{number}-0{place}" tag="NN" text="{word}">{cmp}</word>'
        lines += f'<line id="a01-000u-0{number}" segmentation="ok" text="{text}">{words}</line>'
    write_text(
        folder / "xml" / "a01-000u.xml",
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE form SYSTEM "http://localhost:9/form-metadata.dtd">\n'
        f'<form id="a01-000u" writer-id="000"><machine-printed-part><machine-print-line text="printed"/>'
        f"</machine-printed-part><handwritten-part>{lines}</handwritten-part></form>",
    )
    return folder


def strokes_xml(points: int = 40) -> str:
    """A zigzag in two strokes, as IAM-OnDB keeps a line."""
    zigzag = [(100 + 12 * i, 500 + (30 if i % 2 else 0)) for i in range(points)]
    halves = (zigzag[: points // 2], zigzag[points // 2 :])
    strokes = "".join(
        "<Stroke colour='black'>" + "".join(f'<Point x="{x}" y="{y}" time="1.0"/>' for x, y in half) + "</Stroke>"
        for half in halves
        if half
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?><WhiteboardCaptureSession><WhiteboardDescription>'
        f'<SensorLocation corner="top_left"/></WhiteboardDescription><StrokeSet>{strokes}</StrokeSet>'
        "</WhiteboardCaptureSession>"
    )


def write_ondb(folder: Path, *, original: bool = True) -> Path:
    """A form of two lines with strokes and text; with `original`, its writer and the text once more."""
    place = Path("a01", "a01-000")
    for number in (1, 2):
        write_text(folder / "lineStrokes" / place / f"a01-000u-0{number}.xml", strokes_xml())
    write_text(
        folder / "ascii" / place / "a01-000u.txt", "OCR:\n\nno text\n\nCSR:\n\nBy Trevor Williams.\nA move to\n\n"
    )
    if original:
        write_text(
            folder / "original-xml" / place / "strokesu.xml",
            '<WhiteboardCaptureSession><General><Form id="a01-000u" writerID="10168"/></General><Transcription>'
            '<TextLine id="a01-000u-01" text="By Trevor &amp;quot;W&amp;quot;"/><TextLine id="a01-000u-02" '
            'text="A MOVE to"/></Transcription></WhiteboardCaptureSession>',
        )
    return folder


def ink_of(image: np.ndarray) -> int:
    """How many pixels of a grey crop are dark."""
    return int((image < 128).sum())

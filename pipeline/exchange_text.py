"""What a line of PAGE XML or ALTO says, and how sure its reader was."""

import re
from collections.abc import Iterator

from pipeline.decorations import whole_words
from pipeline.document import Decoration, DecorationKind, Transcription
from pipeline.train.sources.xml import Element, children, number

READER = "imported"
# ALTO's doubt of a character goes from 0 (sure) to 9.
DOUBTS = 9
# As PAGE, Transkribus and ALTO name them.
STYLES: dict[str, DecorationKind] = {
    "underlined": "underline",
    "underline": "underline",
    "strikethrough": "strike",
}
_STYLE = re.compile(r"\btextStyle \{([^}]*)\}")
_CONFIDENCES = re.compile(r"\bconfidences \{percent:([\d ]+);\}")


def reading_of(line: Element, text: str) -> Transcription:
    """The reading of a TextLine whose text is `text`; a character's confidence is told only if every one's is."""
    characters = _of_line(line) or _of_words(line)
    sure = characters if len(characters) == len(text) else ()
    decorations = whole_words(text, list(_custom_styles(line)) or list(_word_styles(line, text)))
    return Transcription(text, _confidence(line), READER, sure, decorations=decorations)


def _custom_styles(line: Element) -> Iterator[Decoration]:
    """Spans of characters in a custom attribute, as Transkribus writes them into PAGE XML."""
    for style in _STYLE.findall(line.get("custom", "")):
        told = dict(re.findall(r"(\w+)\s*:\s*(\w+)", style))
        place = [told.get(name, "") for name in ("offset", "length")]
        if all(value.isdecimal() and len(value) < 6 for value in place):
            start, length = map(int, place)
            for name, kind in STYLES.items():
                if told.get(name) == "true":
                    yield Decoration(start, start + length, kind)


def _word_styles(line: Element, text: str) -> Iterator[Decoration]:
    """Those of single words, in PAGE as elements, in ALTO as attributes; a style of the whole line is that of each."""
    at_line = _page_styles(line)
    if at_line:
        yield from (Decoration(0, len(text), kind) for kind in at_line)
    end = 0
    for word in (*children(line, "Word"), *children(line, "String")):
        said = word.get("CONTENT") or next((e.text or "" for e in word.iterfind("{*}TextEquiv/{*}Unicode")), "")
        start = text.find(said, end)
        if said and start >= 0:
            end = start + len(said)
            kinds = {kind for name, kind in STYLES.items() if name in word.get("STYLE", "").split()}
            yield from (Decoration(start, end, kind) for kind in kinds | _page_styles(word))


def _page_styles(element: Element) -> set[DecorationKind]:
    told = children(element, "TextStyle")
    return {kind for style in told for name, kind in STYLES.items() if style.get(name) in ("true", "1")}


def _confidence(line: Element) -> float:
    """What the file says of the line's own text, or of its words on average; 1 where it says nothing."""
    own = [number(equivalent, "conf") for equivalent in children(line, "TextEquiv")]
    words = [number(string, "WC") for string in children(line, "String")]
    told = [share for share in own[:1] or words if share is not None]
    return min(max(sum(told) / len(told), 0.0), 1.0) if told else 1.0


def _of_line(line: Element) -> tuple[float, ...]:
    """Per cent in a custom attribute, as Inkline writes them into PAGE XML."""
    match = _CONFIDENCES.search(line.get("custom", ""))
    return tuple(min(int(percent), 100) / 100 for percent in match[1].split() if len(percent) < 4) if match else ()


def _of_words(line: Element) -> tuple[float, ...]:
    """ALTO's doubts of all characters; the spaces between words, of which it says nothing, count as sure."""
    shares: list[float] = []
    for string in children(line, "String"):
        doubts = re.findall(r"\d", string.get("CC", ""))
        if len(doubts) != len(string.get("CONTENT", "")):
            return ()
        shares += [1.0] * bool(shares) + [1 - int(doubt) / DOUBTS for doubt in doubts]
    return tuple(shares)

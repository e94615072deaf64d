"""What a line of PAGE XML or ALTO says, and how sure its reader was."""

import re

from pipeline.document import Transcription
from pipeline.train.sources.xml import Element, children, number

READER = "imported"
# ALTO's doubt of a character goes from 0 (sure) to 9.
DOUBTS = 9
_CONFIDENCES = re.compile(r"\bconfidences \{percent:([\d ]+);\}")


def reading_of(line: Element, text: str) -> Transcription:
    """The reading of a TextLine whose text is `text`; a character's confidence is told only if every one's is."""
    characters = _of_line(line) or _of_words(line)
    return Transcription(text, _confidence(line), READER, characters if len(characters) == len(text) else ())


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

"""What lines say once they are joined or split."""

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.decorations import from_words, kinds_of_words, whole_words
from pipeline.document import Transcription
from pipeline.places import share_at


def joined_text(readings: Sequence[Transcription], *, checked: bool) -> Transcription:
    """One transcription of several, in order; how sure it is weighs each by its length."""
    said = [reading for reading in readings if reading.text.strip()]
    if not said:
        return readings[0]
    texts = [reading.text.strip() for reading in said]
    total = sum(map(len, texts))
    confidence = sum(r.confidence * len(text) for r, text in zip(said, texts, strict=True)) / total
    # A text that no person has checked as a whole carries the name of who is to blame for the doubt.
    author = max(said, key=lambda reading: reading.confidence == 1.0 if checked else reading.confidence < 1.0).engine
    letters: list[float] = []
    for reading in said:
        part = _letters(reading)
        letters += [1.0, *part] if letters and part else part
    text = " ".join(texts)
    kinds = [word for reading in said for word in kinds_of_words(reading.text, reading.decorations)]
    sure = tuple(letters) if len(letters) == len(text) else ()
    return Transcription(text, confidence, author, sure, decorations=from_words(text, kinds))


def _letters(reading: Transcription) -> list[float]:
    """A confidence for each letter of the text without the spaces around it; none where the reader gave none."""
    start = len(reading.text) - len(reading.text.lstrip())
    length = len(reading.text.strip())
    if len(reading.character_confidences) == len(reading.text):
        return list(reading.character_confidences[start : start + length])
    return [1.0] * length if reading.confidence == 1.0 else []


def split_text(reading: Transcription, offset: int) -> tuple[Transcription, Transcription]:
    """The transcriptions before and behind a place in the text, without spaces at the cut."""
    text, letters = reading.text, reading.character_confidences
    head, tail = text[:offset].rstrip(), text[offset:].lstrip()
    parts = []
    for part, start in ((head, 0), (tail, len(text) - len(tail))):
        own = letters[start : start + len(part)] if len(letters) == len(text) else ()
        confidence = reading.confidence if part else 0.0
        moved = [replace(one, start=one.start - start, end=one.end - start) for one in reading.decorations]
        decorations = whole_words(part, moved)
        parts.append(Transcription(part, confidence, reading.engine, own, decorations=decorations))
    return parts[0], parts[1]


def gap_near(text: str, share: float) -> int:
    """The place in a text, between two words or at either end, nearest to this share (0..1) of its written length."""
    gaps = {0, len(text), *(match.start() for match in re.finditer(r"\s+", text))}
    if len(text) > 1 and len(gaps) == 2:
        gaps |= set(range(len(text)))  # one long word is cut between letters
    return min(gaps, key=lambda gap: abs(share_at(text, gap) - share))

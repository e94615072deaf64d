"""How far a reading of TrOCR can be trusted. It writes fluently whatever it sees, so its odd readings are looked for:
tails that repeat themselves, lines that never end, more text than there is ink."""

import math
from collections.abc import Sequence

from pipeline.document import Transcription
from pipeline.engines.trocr.greedy import Written

# A tail repeats itself if it says the same that often, in so many characters: people do write "ha ha ha".
ROUNDS, LEAST_REPEATED = 3, 12
# Characters that a line with n letters' worth of ink may hold: the count of letters is a guess.
MOST_TEXT = (4, 3.0)


def judge(text: str, pieces: Sequence[Written], letters: float, name: str) -> Transcription:
    """What to show of a reading.

    pieces: what was written for each piece of the line; letters: about how many the ink holds. A reading that can't be
    right has confidence 0. Of a tail that repeats itself one round is shown, and the whole is an alternative; so is
    text where there is no ink for even one letter.
    """
    confidence = confidence_of(pieces)
    if len(text) > MOST_TEXT[0] + MOST_TEXT[1] * letters:
        confidence = 0.0
        if letters < 1:
            return Transcription("", 0.0, name, alternatives=(text,))
    shown = without_repeats(text)
    if shown != text:
        return Transcription(shown, 0.0, name, alternatives=(text,))
    return Transcription(text, round(confidence, 4), name)


def confidence_of(pieces: Sequence[Written]) -> float:
    """How sure the model is of a line, 0..1.

    The square root of (mean x minimum) over its tokens' probabilities, the mean being the geometric one: one doubtful
    word in a long line must show, which a mean alone hides. The end signs count, as stopping too early or late is a
    mistake too. A piece that never ended ran away, repeating itself, and gives 0.
    """
    log_probs = [log_prob for piece in pieces for log_prob in piece.log_probs]
    if not log_probs or not all(piece.ended for piece in pieces):
        return 0.0
    return math.exp((sum(log_probs) / len(log_probs) + min(log_probs)) / 2)


def without_repeats(text: str) -> str:
    """The text with a tail that goes round and round cut after its first round; rows of dots and dashes may be long."""
    for period in range(1, len(text) // ROUNDS + 1):
        start = len(text) - period
        while start > 0 and text[start - 1] == text[start - 1 + period]:
            start -= 1
        tail = text[start:]
        if len(tail) >= max(ROUNDS * period, LEAST_REPEATED) and any(c.isalnum() for c in tail):
            return text[: start + period].rstrip()
    return text

"""Texts of lines that are joined or split."""

import pytest

from pipeline.document import Transcription
from pipeline.retouch.texts import gap_near, joined_text, split_text

READ = Transcription("Hello world", 0.8, "crnn", tuple(n / 100 for n in range(11)), ("Hallo world",))


def test_joined_texts_are_as_sure_as_their_letters_on_average() -> None:
    whole = joined_text([READ, Transcription("ok", 1.0, "ada")], checked=False)
    assert (whole.text, whole.engine) == ("Hello world ok", "crnn")
    assert whole.confidence == pytest.approx((11 * 0.8 + 2 * 1.0) / 13)
    assert whole.character_confidences == (*READ.character_confidences, 1.0, 1.0, 1.0)


def test_a_line_that_says_nothing_adds_nothing() -> None:
    empty = Transcription("", 0.0, "crnn")
    assert joined_text([empty, READ], checked=False).text == "Hello world"
    assert joined_text([empty, empty], checked=False) == empty


def test_letters_without_a_confidence_leave_the_whole_without() -> None:
    assert joined_text([READ, Transcription("ok", 0.5, "trocr")], checked=False).character_confidences == ()


@pytest.mark.parametrize("offset", [5, 6])
def test_each_part_keeps_its_letters(offset: int) -> None:
    head, tail = split_text(READ, offset)
    assert (head.text, tail.text) == ("Hello", "world")
    assert head.character_confidences == READ.character_confidences[:5]
    assert tail.character_confidences == READ.character_confidences[6:]


@pytest.mark.parametrize(
    ("text", "share", "parts"),
    [
        ("one two three", 0.3, ("one", "two three")),
        ("one two three", 0.6, ("one two", "three")),
        ("one two three", 0.01, ("", "one two three")),
        ("iiiiiiii mmm", 0.45, ("iiiiiiii", "mmm")),
        ("antidisestablishment", 0.5, ("antidisest", "ablishment")),
        ("", 0.5, ("", "")),
    ],
)
def test_a_text_is_split_between_words_near_its_share_of_the_line(
    text: str, share: float, parts: tuple[str, str]
) -> None:
    head, tail = split_text(Transcription(text, 1.0), gap_near(text, share))
    assert (head.text, tail.text) == parts

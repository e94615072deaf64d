"""Texts with underlined and struck-out words, written short."""

from pipeline.document import Decoration, DecorationKind


def spans(marked: str) -> tuple[str, tuple[Decoration, ...]]:
    """A text written with _underlined words_ and ~struck words~, and its decorations."""
    text, open_at, found = "", {}, []
    kinds: dict[str, DecorationKind] = {"_": "underline", "~": "strike"}
    for letter in marked:
        if letter not in kinds:
            text += letter
        elif letter in open_at:
            found.append(Decoration(open_at.pop(letter), len(text), kinds[letter]))
        else:
            open_at[letter] = len(text)
    return text, tuple(sorted(found, key=lambda one: (one.start, one.end, one.kind)))

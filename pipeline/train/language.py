"""Texts for the language model: what the training lines say, less what the dev lines say too."""

import re
from collections.abc import Iterable

RUN = 4  # words in a row that make two lines copies of one text


def independent_texts(texts: Iterable[str], dev: Iterable[str]) -> list[str]:
    """Texts that share no run of four words with a dev text.

    Data sets let several writers copy the same passages; a language model that knows the dev passages by heart would
    make dev figures look better than they are.
    """
    known = {run for text in dev for run in _runs(text)}
    return [text for text in texts if not known.intersection(_runs(text))]


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}

"""Which words of a page look misspelt, and what was probably meant, in English and French.

A word is right if the dictionary of its line's language or the user has it, or if a capital and the list of frequent
words say that it is a name. What is hardly prose is passed over: numbers, formulas, units, abbreviations, names, and
lines in other languages.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pipeline.spelling.dictionary import LANGUAGES, is_right, key_of, parts_of, suggestions
from pipeline.spelling.prose import HYPHENS, WORD, Word, words_of

__all__ = ["LANGUAGES", "WORD", "Spelling", "Word", "check_page", "key_of", "suggestions"]

SHORTEST = 3  # shorter ones are variables, units and abbreviations
# A line is in the language that has most of its words, and at least this share of them; what share of the page it has
# counts as much as so many words of the line.
SHARE, PAGE_COUNTS = 0.7, 5


@dataclass(frozen=True, slots=True)
class Spelling:
    """The language of a line, "" if it can't be told, and its words that look misspelt."""

    language: str
    marks: tuple[Word, ...]


def check_page(lines: Sequence[str], vouched: Callable[[Collection[str]], Collection[str]]) -> list[Spelling]:
    """How the lines of a page are spelt, given in reading order.

    `vouched` tells which of some words, in the form of `key_of`, the user says are right.
    """
    prose = [list(words_of(line)) for line in lines]
    languages = _languages(prose)
    _leave_out_broken(lines, prose, languages)
    doubts = [
        [word for word in words if _is_checked(word) and not is_right(word.text, language)] if language else []
        for words, language in zip(prose, languages, strict=True)
    ]
    doubted = [(word.text, language) for words, language in zip(doubts, languages, strict=True) for word in words]
    own = vouched({key_of(part) for word, language in doubted for part in (word, *parts_of(word, language))})
    return [
        Spelling(language, tuple(word for word in words if not is_right(word.text, language, own)))
        for words, language in zip(doubts, languages, strict=True)
    ]


def _is_checked(word: Word) -> bool:
    """Whether a word is long enough, and neither an abbreviation nor a name, which no dictionary need have."""
    rest = word.text[1:]
    return len(word.text) >= SHORTEST and rest == rest.lower() and not word.is_name


def _languages(prose: Sequence[Sequence[Word]]) -> list[str]:
    """The language of each line, "" where it can't be told. Names say nothing of it."""
    telling = [[word.text for word in words if len(word.text) > 1 and not word.is_name] for words in prose]
    total = max(sum(map(len, telling)), 1)
    shares: dict[str, list[float]] = {}
    for language in LANGUAGES:
        right = [sum(is_right(word, language) for word in words) for words in telling]
        page = PAGE_COUNTS * sum(right) / total
        shares[language] = [
            (count + page) / (len(words) + PAGE_COUNTS) for count, words in zip(right, telling, strict=True)
        ]
    languages = []
    for line in zip(*shares.values(), strict=True):
        best = max(line)
        told = best >= SHARE and line.count(best) == 1
        languages.append(LANGUAGES[line.index(best)] if told else "")
    return languages


def _leave_out_broken(lines: Sequence[str], prose: list[list[Word]], languages: Sequence[str]) -> None:
    """Take out words that are broken over two lines and right as a whole, and one that goes on on another page."""
    for at, (line, words) in enumerate(zip(lines, prose, strict=True)):
        written = line.rstrip()
        if not (words and written.endswith(HYPHENS) and len(written) == words[-1].end + 1):
            continue
        if at + 1 == len(lines):
            words.pop()
        elif prose[at + 1] and languages[at] and is_right(words[-1].text + prose[at + 1][0].text, languages[at]):
            words.pop()
            prose[at + 1].pop(0)

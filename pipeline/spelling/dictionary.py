"""Right words by language (assets/spelling), how words are put together of others, and which look alike."""

import lzma
import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pipeline.settings import ROOT

LANGUAGES = ("en", "fr")
MOST_SUGGESTED = 3
TWO_WRONG = 5  # letters a word needs for two of them to be wrong
PLAIN = str.maketrans("’‐‑", "'--")
# What words are put together with: hyphens, endings such as 's, elisions such as l'.
JOINTS = {
    "en": re.compile(r"-|'(?:s|d|ll|re|ve|m)$", re.IGNORECASE),
    "fr": re.compile(r"-|(?<![^-])(?:[cdjlmnst]|(?:|jus|lors|puis|quoi)qu)'(?=[aàâeéèêëhiîïoôuùûyœæ])", re.IGNORECASE),
}
BARE = {"A": "àâ", "C": "ç", "E": "éèê", "I": "î", "O": "ôœ", "U": "ùû"}  # French capitals may go without accents


class Dictionary(NamedTuple):
    """Right words, and frequent ones in small letters; those that are both, the most frequent first, also folded."""

    words: frozenset[str]
    frequent: frozenset[str]
    likely: list[str]
    folded: list[str]


@lru_cache
def dictionary(language: str) -> Dictionary:
    """The dictionary of a language, unpacked when first asked for."""
    packed = (ROOT / "assets" / "spelling" / f"{language}.txt.xz").read_bytes()
    words = frozenset(lzma.decompress(packed).decode().split("\n"))
    frequent = (ROOT / "assets" / "words" / f"{language}.txt").read_text(encoding="utf-8").split()
    likely = [form for word in frequent for form in (word, word.capitalize()) if form in words]
    return Dictionary(words, frozenset(frequent), likely, list(map(_folded, likely)))


def key_of(word: str) -> str:
    """A word as the user's words are compared: composed, in small letters, with plain apostrophes and hyphens."""
    return _plain(word).lower()


def parts_of(word: str, language: str) -> list[str]:
    """The words that a word is put together of: "l'arc-en-ciel" of arc, en and ciel. Single letters don't count."""
    return [part for part in JOINTS[language].split(_plain(word)) if len(part) > 1]


def is_right(word: str, language: str, own: Collection[str] = ()) -> bool:
    """Whether a dictionary, or one's own words, have a word or all that it is put together of."""
    return _is_known(_plain(word), language, own) or all(
        _is_known(part, language, own) for part in parts_of(word, language)
    )


def suggestions(word: str, language: str) -> list[str]:
    """Up to three right words like one that is not, the likest first, of these the most frequent.

    Of a word put together of others only the part that is wrong is put right: "l'eccole" becomes "l'école".
    """
    plain = _plain(word)
    wrong = [part for part in parts_of(word, language) if not _is_known(part, language)]
    part = wrong[0] if len(wrong) == 1 else plain
    _, _, likely, folded = dictionary(language)
    most = 2 if len(part) >= TWO_WRONG else 1
    found = process.extract(_folded(part), folded, scorer=OSA.distance, score_cutoff=most, limit=2 * MOST_SUGGESTED)
    right = (likely[at][0].upper() + likely[at][1:] if part[0].isupper() else likely[at] for _, _, at in found)
    return list(dict.fromkeys(plain.replace(part, other) for other in right))[:MOST_SUGGESTED]


def _is_known(word: str, language: str, own: Collection[str] = ()) -> bool:
    words, frequent, *_ = dictionary(language)
    small = word.lower()
    if word in words or small in words or small in own:
        return True
    if not word[0].isupper():
        return False
    bare = BARE.get(word[0], "") if language == "fr" else ""
    return small in frequent or any(letter + small[1:] in words for letter in bare)


def _plain(word: str) -> str:
    return unicodedata.normalize("NFC", word).translate(PLAIN)


def _folded(word: str) -> str:
    """Without case and accents, which are forgotten more often than letters."""
    letters = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))

"""Which letter follows which: weighs readings the ink leaves open."""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np

from pipeline.errors import EngineError

MOST_KNOWN = 300_000  # answers kept for the next time they are asked for
NEVER_SEEN = math.log(1 / 200)  # of any character at all
WORD_SHARE = 0.6  # of the lexicon's say inside a word
DIGIT, DIGITS = "0", 10  # all digits are counted as one
LONGEST = 24  # letters of a word that are looked at
# Shares of what comes after a word, for the lexicon knows words alone.
AFTER_WORD = {" ": 0.8, ",": 0.08, ".": 0.08, "-": 0.01, "'": 0.01, "’": 0.01, ")": 0.01}
COMPANY, MOST_HEARD = 0.3, 10.0  # of the other lines' say on a line's language
STEP, SCALE = 16.0, 255  # probabilities are kept as bytes: sixteenths of a natural logarithm


class LanguageModel:
    """A character n-gram model with back-off, mixed inside words with a lexicon of word frequencies.

    `grams`: n-gram -> log P(its last letter | the others); `back`: context -> log weight of the next shorter context.
    `words`: word in small letters -> frequency. Letters that make no known word are weighed by n-grams alone, so a name
    or a formula is never worse off than by a small constant. All digits are alike: which one it is says the ink alone.
    """

    def __init__(self, grams: Mapping[str, float], back: Mapping[str, float], words: Mapping[str, float]):
        self.grams, self.back, self.words = grams, back, words
        self.order = max(map(len, grams), default=1)
        self.beginnings = _beginnings(words)
        self.known: dict[str, tuple[float, str]] = {}

    def step(self, state: str, character: str) -> tuple[float, str]:
        """Natural log of the probability of `character` in `state`, and the state after it. Lines start in " "."""
        key = state + character
        answer = self.known.get(key)
        if answer is None:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            after = state + DIGIT if character.isdigit() else key
            answer = self.known[key] = self._log_probability(state, character), self._after(after)
        return answer

    def log_probability(self, text: str) -> float:
        """Natural log of the probability of a whole line, its end included."""
        state, total = " ", 0.0
        for character in text + " ":
            log_p, state = self.step(state, character)
            total += log_p
        return total

    def _after(self, text: str) -> str:
        word = len(_word(text)) + 1
        return text[-max(self.order - 1, min(word, LONGEST)) :]

    def _log_probability(self, state: str, character: str) -> float:
        log_p = self._by_grams(state[1 - self.order :], character)
        share = self._by_words(_word(state), character)
        return log_p if share is None else math.log((1 - WORD_SHARE) * math.exp(log_p) + WORD_SHARE * share)

    def _by_grams(self, context: str, character: str) -> float:
        weight = 0.0
        if character.isdigit():
            weight, character = -math.log(DIGITS), DIGIT
        while True:
            log_p = self.grams.get(context + character)
            if log_p is not None:
                return weight + log_p
            weight += self.back.get(context, 0.0)
            if not context:
                return weight + NEVER_SEEN
            context = context[1:]

    def _by_words(self, word: str, character: str) -> float | None:
        """Share of the words that start with `word` and go on so; None where the lexicon has nothing to say."""
        start = word.lower()
        mass = self.beginnings.get(start) if word else None
        if mass is None:
            return None
        if not character.isalpha():
            return self.words.get(start, 0.0) / mass * AFTER_WORD.get(character, 0.0)
        large = len(word) > 1 and word.isupper()
        if character.isupper() != large:
            return 0.0
        return self.beginnings.get(start + character.lower(), 0.0) / mass


def _word(text: str) -> str:
    """The letters at the end of a text."""
    start = len(text)
    while start and text[start - 1].isalpha():
        start -= 1
    return text[start:]


def _beginnings(words: Mapping[str, float]) -> dict[str, float]:
    """Each beginning of a word -> the frequency of all words that start so."""
    masses: dict[str, float] = {}
    for word, frequency in words.items():
        for start in accumulate(word):
            masses[start] = masses.get(start, 0.0) + frequency
    return masses


def save_language(model: LanguageModel, path: Path) -> None:
    """Write a compressed npz of bytes, the same ones each time, whole or not at all."""
    grams, words = sorted(model.grams), sorted(model.words)
    contexts = sorted(model.back)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.npz")
    try:
        np.savez_compressed(
            scratch,
            allow_pickle=False,
            grams=_packed(grams),
            log_p=_bytes(model.grams[gram] for gram in grams),
            contexts=_packed(contexts),
            back=_bytes(model.back[context] for context in contexts),
            words=_packed(words),
            frequencies=_bytes(math.log(model.words[word]) for word in words),
        )
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def load_language(path: Path) -> LanguageModel:
    """Raises OSError, ValueError or KeyError where the file is not what `save_language` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        grams = dict(zip(_unpacked(archive["grams"]), _logs(archive["log_p"]), strict=True))
        back = dict(zip(_unpacked(archive["contexts"]), _logs(archive["back"]), strict=True))
        frequencies = np.exp(_logs(archive["frequencies"])).tolist()
        return LanguageModel(grams, back, dict(zip(_unpacked(archive["words"]), frequencies, strict=True)))


def language_files(folder: Path) -> dict[str, Path]:
    """The language models of a model folder, by language."""
    return {path.name.split(".")[1]: path for path in sorted(folder.glob("language.*.npz"))}


def load_languages(folder: Path, wanted: str = "auto") -> dict[str, LanguageModel]:
    """Language models of a model folder by language: all for "auto", one for its name, none for "none".

    A model without any knows no language and reads by the ink alone. Raises EngineError for a language it lacks.
    """
    paths = language_files(folder)
    if wanted == "none":
        return {}
    if wanted != "auto":
        if wanted not in paths:
            known = ", ".join(["auto", *paths, "none"])
            raise EngineError(f"The model in {folder} knows no language called {wanted!r}. Choose one of {known}.")
        paths = {wanted: paths[wanted]}
    return {language: load_language(path) for language, path in paths.items()}


def say_which(texts: Sequence[str], languages: Mapping[str, LanguageModel]) -> list[str]:
    """The likeliest language of each text; lines read together mostly share one, so each hears its company."""
    scores = np.array([[model.log_probability(text) for model in languages.values()] for text in texts])
    scores -= scores.mean(axis=1, keepdims=True)
    company = COMPANY * np.clip(scores.sum(axis=0) - scores, -MOST_HEARD, MOST_HEARD)
    return [list(languages)[best] for best in (scores + company).argmax(axis=1)]


def _packed(texts: list[str]) -> np.ndarray:
    return np.frombuffer("\n".join(texts).encode("utf-8"), np.uint8)


def _unpacked(packed: np.ndarray) -> list[str]:
    return packed.tobytes().decode("utf-8").split("\n") if len(packed) else []


def _bytes(logs: Iterable[float]) -> np.ndarray:
    return np.clip(np.round(-STEP * np.array(list(logs), float)), 0, SCALE).astype(np.uint8)


def _logs(levels: np.ndarray) -> list[float]:
    table = [-level / STEP for level in range(SCALE + 1)]
    return [table[level] for level in levels.tolist()]

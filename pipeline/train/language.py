"""Language models from what the training lines say, less what the dev lines say too, and from word frequencies.

    python -m pipeline.train.language --model MODEL_DIR --data DIR... --dev DIR...

writes them anew into a model's folder; calibrate it afterwards. `train` does both.
"""

import argparse
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.engines.language import DIGIT, NEVER_SEEN, LanguageModel, save_language
from pipeline.errors import InklineError, SourceError
from pipeline.train.sources import read_folder

RUN = 4  # words in a row that make two lines copies of one text
WORDS = Path(__file__).resolve().parents[2] / "assets" / "words"
COMMON = 8000  # words after which frequencies fall faster (measured on both lists)
ORDER = 7  # letters looked at, the predicted one included
KEPT_ANYWAY = 3  # contexts longer than this that were seen but once are left out
Counts = dict[str, Counter[str]]


def write_languages(
    texts: Sequence[str], dev: Sequence[str], folder: Path, languages: Sequence[str] = ("en", "fr")
) -> None:
    """A `language.en.npz` and the like for each language, in a model's folder.

    Each text helps the language it is in. Raises SourceError for a language without a list of words.
    """
    lexicons = {language: word_frequencies(language) for language in languages}
    parts = texts_by_language(independent_texts(texts, dev), lexicons)
    for language, part in parts.items():
        save_language(count_language(part, lexicons[language]), folder / f"language.{language}.npz")


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


def word_frequencies(language: str) -> dict[str, float]:
    """Frequencies of a language's commoner words in small letters, by their rank: Mandelbrot's law, and the rank's
    square for rare words.

    Raises SourceError for a language whose words nobody has listed in assets/words.
    """
    path = WORDS / f"{language}.txt"
    if not path.exists():
        raise SourceError(f"There is no list of words for the language {language!r}: {path} is missing.")
    words = [word.lower() for word in path.read_text(encoding="utf-8").split() if word.isalpha()]
    return {word: 0.1 / (rank + 2.7) * min(COMMON / (rank + 1), 1) for rank, word in reversed(list(enumerate(words)))}


def texts_by_language(texts: Iterable[str], lexicons: dict[str, dict[str, float]]) -> dict[str, list[str]]:
    """Each text goes to the language whose words it holds; one that holds none goes to all."""
    parts: dict[str, list[str]] = {language: [] for language in lexicons}
    for text in texts:
        words = re.findall(r"[^\W\d_]+", text.lower())
        scores = {
            language: sum(math.log(lexicon.get(word, 1e-7)) for word in words) for language, lexicon in lexicons.items()
        }
        best = max(scores.values())
        for language, score in scores.items():
            if score == best:
                parts[language].append(text)
    return parts


def count_language(texts: Iterable[str], words: dict[str, float], order: int = ORDER) -> LanguageModel:
    """Interpolated Kneser-Ney n-grams with three discounts (Chen and Goodman 1998) over lines, and a lexicon."""
    texts = ("".join(DIGIT if letter.isdigit() else letter for letter in text) for text in texts)
    counts = _continuations(_count(texts, order), order)
    probabilities: dict[str, float] = {}
    back: dict[str, float] = {}
    for length in range(order):
        contexts = [context for context in counts if len(context) == length]
        discounts = _discounts(counts, contexts)
        for context in contexts:
            following = counts[context]
            total = following.total()
            cut = sum(discounts[min(count, 3)] for count in following.values()) / total
            back[context] = cut
            for letter, count in following.items():
                shorter = _probability(probabilities, back, context[1:], letter) if context else math.exp(NEVER_SEEN)
                kept = (count - discounts[min(count, 3)]) / total
                probabilities[context + letter] = kept + cut * shorter
    logs = {gram: math.log(p) for gram, p in probabilities.items()}
    return LanguageModel(logs, {context: math.log(cut) for context, cut in back.items()}, words)


def _count(texts: Iterable[str], order: int) -> Counts:
    """Context -> letters that followed it, in lines between spaces."""
    counts: Counts = defaultdict(Counter)
    for text in texts:
        line = f" {text} "
        for end in range(1, len(line)):
            for length in range(min(order, end + 1)):
                counts[line[end - length : end]][line[end]] += 1
    return counts


def _continuations(counts: Counts, order: int) -> Counts:
    """Short contexts count in how many longer ones a letter followed, as Kneser-Ney wants; rare long ones are left out.

    The start of a line has no longer context, so there plain counts stay.
    """
    before: Counts = defaultdict(Counter)
    for context, following in counts.items():
        if context:
            before[context[1:]].update(following.keys())
    kept: Counts = {}
    for context, following in counts.items():
        if len(context) > KEPT_ANYWAY and following.total() == 1:
            continue
        kept[context] = following if len(context) == order - 1 or context not in before else before[context]
    return kept


def _discounts(counts: Counts, contexts: list[str]) -> tuple[float, float, float, float]:
    """What is taken from letters seen never, once, twice and oftener."""
    seen = Counter(count for context in contexts for count in counts[context].values())
    y = seen[1] / max(seen[1] + 2 * seen[2], 1)
    cuts = (min(max(k - (k + 1) * y * seen[k + 1] / max(seen[k], 1), 0.1), k - 0.1) for k in (1, 2, 3))
    return 0.0, *cuts  # type: ignore[return-value]


def _probability(probabilities: dict[str, float], back: dict[str, float], context: str, letter: str) -> float:
    weight = 1.0
    while True:
        p = probabilities.get(context + letter)
        if p is not None:
            return weight * p
        if not context:
            return weight * back.get("", 1.0) * math.exp(NEVER_SEEN)
        weight *= back.get(context, 1.0)
        context = context[1:]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="pipeline.train.language", description=__doc__.partition("\n")[0])
    parser.add_argument("--model", type=Path, required=True, metavar="MODEL_DIR")
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR", help="lines whose text to count")
    parser.add_argument("--dev", type=Path, nargs="*", default=[], metavar="DIR", help="lines whose text to leave out")
    args = parser.parse_args(arguments)
    try:
        texts, dev = (
            [sample.text for folder in folders for sample in read_folder(folder)] for folders in (args.data, args.dev)
        )
        write_languages(texts, dev, args.model)
    except (OSError, InklineError) as error:
        print(error, file=sys.stderr)
        return error.exit_code if isinstance(error, InklineError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A character n-gram model: which letters follow which, to weigh readings the ink leaves open."""

import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

ORDER = 6  # letters looked at, the predicted one included
MOST_KNOWN = 300_000  # probabilities kept for the next time they are asked for


class LanguageModel:
    """Interpolated Witten-Bell n-grams (Witten and Bell 1991) over characters.

    P(c | h) = (count(h c) + types(h) P(c | h')) / (count(h) + types(h)), h' being h without its first letter.
    """

    def __init__(self, counts: dict[str, dict[str, int]], order: int = ORDER):
        self.counts, self.order = counts, order
        self.totals = {context: sum(following.values()) for context, following in counts.items()}
        self.known: dict[tuple[str, str], float] = {}

    def log_probability(self, history: str, character: str) -> float:
        """Natural log of the probability that `character` comes after `history` (line starts are spaces)."""
        context = (" " + history)[1 - self.order :]
        key = (context, character)
        if key not in self.known:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            self.known[key] = math.log(self._probability(context, character))
        return self.known[key]

    def _probability(self, context: str, character: str) -> float:
        shorter = self._probability(context[1:], character) if context else 1 / 200  # any character at all
        following = self.counts.get(context)
        if not following:
            return shorter
        types = len(following)
        return (following.get(character, 0) + types * shorter) / (self.totals[context] + types)

    def save(self, path: Path) -> None:
        """Write as gzipped JSON, the same bytes each time."""
        text = json.dumps({"order": self.order, "counts": self.counts}, ensure_ascii=False, separators=(",", ":"))
        path.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))


def load_language(path: Path) -> LanguageModel:
    """Raises OSError, ValueError or KeyError where the file is not what `save` wrote."""
    about = json.loads(gzip.decompress(path.read_bytes()))
    return LanguageModel(about["counts"], about["order"])


def count_language(texts: Iterable[str], order: int = ORDER) -> LanguageModel:
    """Count n-grams of lines of text; long contexts seen only once are left out, which halves the file."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        line = " " + text + " "
        for end in range(1, len(line)):
            for length in range(min(order, end + 1)):
                counts[line[end - length : end]][line[end]] += 1
    kept = {
        context: dict(following) for context, following in counts.items() if len(context) < 3 or following.total() > 1
    }
    return LanguageModel(kept, order)

"""Lines of text nobody wrote: words by their frequency, and all that is rare in prose - digits, capitals, signs."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

WORDS = Path(__file__).resolve().parents[2] / "assets" / "words"
LANGUAGES = ("en", "fr")
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COMMONEST = 20_000  # words of the list that lines are made of
RARE = "kwxyzjqœùïëêîûôç"

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
}
UNITS = ("km", "m", "cm", "mm", "kg", "g", "mg", "L", "mL", "s", "ms", "min", "h", "Hz", "V", "W", "J", "N", "°C")
TITLES = {"en": ("Mr.", "Mrs.", "Dr.", "Sir", "St.", "Prof."), "fr": ("M.", "Mme", "Dr", "St")}
STARTS = ("Def", "Ex", "Note", "N.B.", "Q", "A", "Thm", "Rem", "cf.", "p.", "ch.", "no", "Fig.", "i.e.", "e.g.")


@lru_cache(maxsize=2)
def vocabulary(language: str) -> tuple[list[str], np.ndarray]:
    """The words of a language, most frequent first, and their running share of the text made here.

    The share falls more slowly than in real text and is doubled for words with a rare letter: a reader learns little
    from the thousandth "the".
    """
    left_out = set((WORDS / "not_drawn.txt").read_text(encoding="utf-8").split())
    listed = (WORDS / f"{language}.txt").read_text(encoding="utf-8").split()
    words = [word for word in listed if word not in left_out][:COMMONEST]
    share = 1 / (np.arange(len(words)) + 30.0) ** 0.7
    share *= [1 + any(letter in RARE for letter in word) for word in words]
    return words, np.cumsum(share) / share.sum()


def words_of(rng: np.random.Generator, language: str, count: int) -> list[str]:
    words, shares = vocabulary(language)
    chosen = [words[place] for place in np.searchsorted(shares, rng.random(count))]
    english_i = ("i", "i'm", "i'll", "i've", "i'd")
    return [word.capitalize() if language == "en" and word in english_i else word for word in chosen]


def compose(rng: np.random.Generator, language: str) -> str:
    """One line of text in "en" or "fr", as people write it on paper, with plain quotes, dashes and apostrophes."""
    kinds: tuple[Callable[[np.random.Generator, str], str], ...] = (
        prose, prose_with_items, names, items, note, formula, capitals
    )  # fmt: skip
    chosen = int(rng.choice(len(kinds), p=(0.48, 0.14, 0.1, 0.08, 0.1, 0.05, 0.05)))
    return " ".join(kinds[chosen](rng, language).split())


def prose(rng: np.random.Generator, language: str) -> str:
    words = words_of(rng, language, int(rng.integers(1, 10)))
    if rng.random() < 0.35:
        words[0] = _capital(words[0])
    for place in range(len(words)):
        if rng.random() < 0.09:
            words[place] = _capital(words[place])
        if rng.random() < 0.05:
            words[place] = _enclose(words[place], rng, language)
        if rng.random() < 0.1 and place + 1 < len(words):
            words[place] += _stop(rng, language)
    line = " ".join(words)
    return line + (_stop(rng, language) if rng.random() < 0.4 else "-" if rng.random() < 0.08 else "")


def prose_with_items(rng: np.random.Generator, language: str) -> str:
    words = prose(rng, language).split()
    for _ in range(rng.integers(1, 3)):
        words.insert(int(rng.integers(len(words) + 1)), item(rng, language))
    return " ".join(words[:9])


def names(rng: np.random.Generator, language: str) -> str:
    """Capitalised words as in names, titles and addresses."""
    called = [_capital(word) for word in words_of(rng, language, int(rng.integers(1, 4)))]
    if rng.random() < 0.3:
        called[0] = f"{called[0]}-{called[-1]}"
    if rng.random() < 0.3:
        called.insert(0, _one_of(rng, *TITLES[language]))
    if rng.random() < 0.2:
        called.insert(1, CAPITALS[rng.integers(26)] + ".")
    if rng.random() < 0.3:
        called.append(_enclose(item(rng, language), rng, language))
    return " ".join(called + words_of(rng, language, int(rng.integers(0, 4))))


def items(rng: np.random.Generator, language: str) -> str:
    """Numbers, dates and prices in a row, as in lists and tables."""
    between = str(rng.choice((" ", ", ", " - ", " / ", "; ")))
    return between.join(item(rng, language) for _ in range(rng.integers(1, 5)))


def note(rng: np.random.Generator, language: str) -> str:
    """A point of a list, or a headword with what it means."""
    said = prose(rng, language)
    count = int(rng.integers(1, 30))
    letter = "abcdefghijk"[rng.integers(11)]
    marks = ("•", "•", "-", "-", "*", f"{count}.", f"{count})", f"({letter})", f"{letter})", f"#{count}")
    kind = rng.random()
    if kind < 0.6:
        return f"{rng.choice(marks)} {said}"
    head = str(rng.choice(STARTS)) if kind < 0.8 else _capital(words_of(rng, language, 1)[0])
    return f"{head}{rng.choice((' :', ' -', ' =') if language == 'fr' else (':', ' -', ' ='))} {said}"


def formula(rng: np.random.Generator, language: str) -> str:
    """Simple sums and equations in one line; `language` sets the decimal sign."""

    def term() -> str:
        kind = rng.random()
        letter = "abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTVXYZ"[rng.integers(43)]
        if kind < 0.45:
            return letter
        if kind < 0.7:
            return str(rng.integers(1, 100))
        if kind < 0.8:
            return _decimal(rng, language)
        return f"{rng.integers(2, 20)}{letter}" if kind < 0.92 else f"{letter}({'xyzt'[rng.integers(4)]})"

    signs = ("+", "-", "×", "/", "=", "<", ">", "+", "-", "=")
    left = term()
    for _ in range(rng.integers(1, 3)):
        left = f"{left} {signs[rng.integers(len(signs))]} {term()}"
    left = f"({left})" if rng.random() < 0.15 else left
    return f"{left} = {term()}" if rng.random() < 0.7 else left


def capitals(rng: np.random.Generator, language: str) -> str:
    """Headings and abbreviations."""
    if rng.random() < 0.3:
        letters = [CAPITALS[place] for place in rng.integers(0, 26, rng.integers(2, 6))]
        return _one_of(rng, ".", "", "").join(letters) + " " + prose(rng, language)
    return " ".join(words_of(rng, language, int(rng.integers(1, 5)))).upper()


def item(rng: np.random.Generator, language: str) -> str:
    """A number, date, time, price, telephone number, share or measure."""
    kinds = (number, number, date, date, clock, price, telephone, measure, mark)
    return kinds[int(rng.integers(len(kinds)))](rng, language)


def number(rng: np.random.Generator, language: str) -> str:
    small, large, year = int(rng.integers(0, 100)), int(10 ** rng.uniform(2, 6)), int(rng.integers(1700, 2035))
    later = year + int(rng.integers(1, 30))
    grouped = f"{large:,}".replace(",", " " if language == "fr" else ",")
    ordinal = f"{small}{_ordinal(small, language)}"
    return _one_of(rng, str(small), str(large), grouped, str(year), f"{year}-{later}", ordinal, _decimal(rng, language))


def date(rng: np.random.Generator, language: str) -> str:
    year, month, day = int(rng.integers(1700, 2035)), int(rng.integers(1, 13)), int(rng.integers(1, 32))
    name, weekday = MONTHS[language].split()[month - 1], DAYS[language].split()[day % 7]
    written = f"{day} {name} {year}" if language == "fr" else f"{name} {day}, {year}"
    short = f"{day}/{month:02d}/{year}", f"{day}.{month}.{year % 100:02d}", f"{year}-{month:02d}-{day:02d}"
    return _one_of(rng, written, f"{day} {name} {year}", f"{day} {name}", f"{weekday} {day}", f"({year})", *short)


def clock(rng: np.random.Generator, language: str) -> str:
    hour, minute = int(rng.integers(0, 24)), int(rng.integers(0, 60))
    if language == "fr":
        return _one_of(rng, f"{hour}h{minute:02d}", f"{hour} h {minute:02d}", f"{hour}:{minute:02d}")
    half = _one_of(rng, "am", "pm", "a.m.", "p.m.")
    return _one_of(rng, f"{hour % 12 + 1}:{minute:02d} {half}", f"{hour % 12 + 1} {half}", f"{hour}:{minute:02d}")


def price(rng: np.random.Generator, language: str) -> str:
    amount = f"{10 ** rng.uniform(0, 4):.2f}"
    if language == "fr":
        return amount.replace(".", ",") + _one_of(rng, " €", " $", " F")
    return _one_of(rng, "$", "£", "€") + amount


def telephone(rng: np.random.Generator, language: str) -> str:
    if language == "fr":
        return f"0{rng.integers(1, 10)} " + " ".join(f"{pair:02d}" for pair in rng.integers(0, 100, 4))
    return f"({rng.integers(200, 1000)}) {rng.integers(0, 1000):03d}-{rng.integers(0, 10000):04d}"


def measure(rng: np.random.Generator, language: str) -> str:
    small = int(rng.integers(0, 101))
    share = f"{small} %" if language == "fr" else f"{small}%"
    return _one_of(rng, share, f"{_decimal(rng, language)} {_one_of(rng, *UNITS)}", f"{small} {_one_of(rng, *UNITS)}")


def mark(rng: np.random.Generator, language: str) -> str:
    """What numbers pages, rooms, notes and sizes."""
    one, two = (int(value) for value in rng.integers(1, 60, 2))
    letter = CAPITALS[rng.integers(26)]
    counted = f"n° {one}" if language == "fr" else f"No. {one}"
    letters = f"{letter}{one}", f"{one}{letter.lower()}", f"{letter}-{one}"
    return _one_of(rng, counted, f"{one}/{two}", f"p. {one}", f"{one}×{two}", f"[{one}]", f"+{one}", "&", *letters)


def _one_of(rng: np.random.Generator, *choices: str) -> str:
    return choices[int(rng.integers(len(choices)))]


def _decimal(rng: np.random.Generator, language: str) -> str:
    value = f"{10 ** rng.uniform(-1, 3):.{rng.integers(1, 4)}f}"
    return value.replace(".", ",") if language == "fr" else value


def _ordinal(value: int, language: str) -> str:
    if language == "fr":
        return "er" if value == 1 else "e"
    return "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _stop(rng: np.random.Generator, language: str) -> str:
    mark = str(rng.choice((",", ".", ";", ":", "!", "?", "..."), p=(0.4, 0.3, 0.07, 0.08, 0.05, 0.06, 0.04)))
    spaced = language == "fr" and mark in ";:!?" and rng.random() < 0.7
    return f" {mark}" if spaced else mark


def _enclose(words: str, rng: np.random.Generator, language: str) -> str:
    kind = rng.random()
    if kind < 0.35:
        return f"« {words} »" if language == "fr" and rng.random() < 0.7 else f'"{words}"'
    if kind < 0.8:
        return f"({words})"
    return f"[{words}]" if kind < 0.9 else f"'{words}'"

"""What is marked as misspelt, what is not, and what is suggested instead."""

from collections.abc import Collection

import pytest

from pipeline.spelling import check_page, suggestions

ENGLISH = "The leaves of green plants take up light and give off oxygen."
FRENCH = "Les feuilles des plantes vertes prennent la lumière et rendent de l'oxygène."


def nobody(words: Collection[str]) -> Collection[str]:
    return ()


def marked(line: str, *others: str, before: str = "", vouched: Collection[str] = ()) -> list[str]:
    """The words marked in a line that stands among others on a page."""
    page = [line, *others]
    (first, *_) = check_page(page, lambda words: set(vouched).intersection(words))
    for word in first.marks:
        assert line[word.start : word.end] == word.text
    return [word.text for word in first.marks]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("Plants recieve teh light with there leaves", ["recieve", "teh"]),
        ("Photosyntesis happens in the leaves", ["Photosyntesis"]),
        ("It is well-knowm, and they doesnt' know", ["well-knowm", "doesnt"]),
    ],
)
def test_misspelt_english_words_are_marked(line: str, wrong: list[str]) -> None:
    assert marked(line, ENGLISH) == wrong


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("Les plantes recoivent la lumiére du soleil", ["recoivent", "lumiére"]),
        ("On va à l’eccole, et il croit qu’ill pleut", ["l’eccole", "qu’ill"]),
        ("Peut-être que l'étudeant et celui-cy dorment", ["l'étudeant", "celui-cy"]),
    ],
)
def test_misspelt_french_words_are_marked(line: str, wrong: list[str]) -> None:
    assert marked(line, FRENCH) == wrong


@pytest.mark.parametrize(
    "line",
    [
        "It's what they don't know; the plant's leaves, the plants' roots, we'd say.",
        "It’s a well-known so-called by-product (e.g. of the state-of-the-art).",
        "Colour or color, organise or organize: both are right.",
        "The 3rd of 12 H2O molecules weighs 18g, see p.12b, https://exampel.org/wrnog",
        "NATO and DNA are abbreviations, kHz and mL are units, iPhones are phones.",
        "After that Mr Kabupaten and Szolnok met Watkinsoon in Tamruhan.",
        "cafe\u0301, nai\u0308ve",
        "the",
        "",
        " \t ",
        "→ … • – § ½ x² αβγ",
    ],
)
def test_right_english_is_not_marked(line: str) -> None:
    assert marked(line, ENGLISH) == []


@pytest.mark.parametrize(
    "line",
    [
        "L'été, qu'il l’eût aimé jusqu'à aujourd'hui, lorsqu’elle s'en alla : c'est-à-dire quelqu'un.",
        "Peut-être est-ce celui-ci ; a-t-il vu l'arc-en-ciel ? Donne-moi la main !",
        "Etat et État, Ecole et École : les accents des capitales manquent.",
        "La Grande-Bretagne et l'Île-de-France, le 14 juillet, le XIXe siècle, 1ère et 2e",
        "Le cœur et l’œuvre, événement ou évènement",
    ],
)
def test_right_french_is_not_marked(line: str) -> None:
    assert marked(line, FRENCH) == []


@pytest.mark.parametrize(
    "line",
    ["where vx = dsdt + 2", "so f(xyz)=abcde and vel := dst/tme", "the force = mssx · accl", "as lim_{n→∞} xn_abc"],
)
def test_formulas_are_not_marked(line: str) -> None:
    assert marked(line, ENGLISH) == []


def test_an_arrow_is_no_formula() -> None:
    assert marked("light → photosyntesis → sugar", ENGLISH) == ["photosyntesis"]


@pytest.mark.parametrize(
    "line",
    [
        "Die Blätter der grünen Pflanzen nehmen das Licht auf und geben Sauerstoff ab",
        "Las hojas de las plantas verdes toman la luz y devuelven el oxígeno",
        "xkcd qwrt plmn zzgh",
        "Photosyntesis",
    ],
)
def test_a_line_whose_language_cannot_be_told_is_not_marked(line: str) -> None:
    (spelling,) = check_page([line], nobody)
    assert (spelling.language, spelling.marks) == ("", ())
    german = "Man nennt diesen Vorgang die Photosynthese, und er braucht Wasser."
    assert marked(line, german) == []


def test_each_line_has_its_own_language_and_a_short_one_that_of_its_page() -> None:
    page = [ENGLISH, "Fotosynthesis", "Il faut de la lumière et de l'eau pour cela.", "Glossary", ENGLISH]
    assert [line.language for line in check_page(page, nobody)] == ["en", "en", "fr", "en", "en"]
    assert [word.text for line in check_page(page, nobody) for word in line.marks] == ["Fotosynthesis"]


def test_a_word_broken_over_two_lines_is_read_as_one() -> None:
    def both(*page: str) -> list[str]:
        return [word.text for line in check_page([*page, ENGLISH], nobody) for word in line.marks]

    assert both("plants live by photosyn-", "thesis in the light") == []
    assert both("plants live by photsyn-", "thesiz in the light") == ["photsyn", "thesiz"]
    (spelling,) = check_page([ENGLISH + " plants live by photosyn-"], nobody)
    assert spelling.marks == ()


def test_words_the_user_vouches_for_are_right_in_whatever_they_are_part_of() -> None:
    line = "Thylakoid: a sack in the leaf; the thylakoid’s wall, proto-thylakoid in a grannum of leaves"
    assert marked(line, ENGLISH, vouched=["thylakoid", "proto"]) == ["grannum"]
    assert marked(line, ENGLISH) == ["Thylakoid", "thylakoid’s", "proto-thylakoid", "grannum"]
    assert marked("On dit l'inkline, d’Inkline", FRENCH, vouched=["inkline"]) == []


@pytest.mark.parametrize(
    ("word", "language", "first"),
    [
        ("recieve", "en", "receive"),
        ("teh", "en", "the"),
        ("Becuase", "en", "Because"),
        ("photosyntesis", "en", "photosynthesis"),
        ("well-knowm", "en", "well-known"),
        ("plannt's", "en", "plant's"),
        ("l’eccole", "fr", "l'école"),
        ("Evenement", "fr", "Événement"),
        ("lumiére", "fr", "lumière"),
        ("qu'ill", "fr", "qu'il"),
        ("englsh", "en", "English"),
    ],
)
def test_what_was_meant_is_suggested(word: str, language: str, first: str) -> None:
    found = suggestions(word, language)
    assert first in found
    assert len(found) == len(set(found)) <= 3


def test_nothing_is_suggested_for_what_resembles_no_word() -> None:
    assert suggestions("xqzvvwk", "en") == []

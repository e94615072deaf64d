import numpy as np
import pytest

from pipeline.train.fonts import SIGNS, SWASHED, drawable, font_names, font_samples
from pipeline.train.language import word_frequencies
from pipeline.train.phrases import LANGUAGES, compose, vocabulary


def test_lines_know_their_text_writer_and_width_before_they_are_drawn() -> None:
    rng = np.random.default_rng(1)
    for line in font_samples(30, seed=3):
        image = line.image(rng)
        assert image.dtype == np.uint8
        assert image.min() < 100
        assert image.max() == 255
        assert line.writer in font_names()
        assert 0.4 < image.shape[1] * 64 / image.shape[0] / line.width() < 2.5


def test_the_same_seed_gives_the_same_lines_and_pictures() -> None:
    one, two = font_samples(20, seed=5), font_samples(20, seed=5)
    assert one == two
    assert one != font_samples(20, seed=6)
    pictures = [one[0].image(np.random.default_rng(9)) for _ in range(2)]
    assert (pictures[0] == pictures[1]).all()


def test_a_line_is_drawn_differently_each_time() -> None:
    line, rng = font_samples(1, seed=2)[0], np.random.default_rng(0)
    shapes = {line.image(rng).shape for _ in range(8)}
    assert len(shapes) > 4


def test_no_font_is_asked_for_a_sign_it_lacks() -> None:
    assert all(set(line.text) - {" "} <= drawable(line.writer) for line in font_samples(300, seed=1))
    assert "%" not in drawable("covered-by-your-grace")


def test_words_in_capitals_are_kept_from_fonts_with_flourishes() -> None:
    shouted = {line.writer for line in font_samples(1500, seed=1) if any(map(_in_capitals, line.text.split()))}
    assert len(shouted) > 10
    assert not shouted & SWASHED


def _in_capitals(word: str) -> bool:
    return len(word) > 2 and word.isalpha() and word.isupper()


@pytest.mark.parametrize("name", font_names())
def test_each_font_draws_english_and_french(name: str) -> None:
    letters = {sign for sign in SIGNS if sign.isalnum()} | set(".,;:!?'\"()-")
    assert letters <= drawable(name)


def test_every_font_has_its_licence_named() -> None:
    from pipeline.train.fonts import FONTS

    named = (FONTS / "LICENSES.md").read_text(encoding="utf-8")
    assert len(font_names()) >= 20
    assert [name for name in font_names() if f"`{name}.woff2`" not in named] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_composed_lines_are_clean_and_hold_all_kinds_of_signs(language: str) -> None:
    rng = np.random.default_rng(4)
    lines = [compose(rng, language) for _ in range(1500)]
    assert all(line and line == " ".join(line.split()) for line in lines)
    written = "".join(lines)
    assert set(written) - {" "} <= set(SIGNS)
    assert set("0123456789.,;:!?'\"()[]-+=/<>%&•×kwxyzKWXYZ") <= set(written)
    assert sum(character.isdigit() for character in written) > 0.05 * len(written)
    assert max(map(len, lines)) < 160


def test_french_lines_hold_french_letters_and_quotes() -> None:
    rng = np.random.default_rng(4)
    assert set("éèêàçœùïôî«»") <= set("".join(compose(rng, "fr") for _ in range(3000)))


@pytest.mark.parametrize(
    ("language", "innocent"), [("en", ["unique", "computer", "skill"]), ("fr", ["technique", "petits"])]
)
def test_words_left_out_of_drawn_lines_are_words_all_the_same(language: str, innocent: list[str]) -> None:
    words, _ = vocabulary(language)
    assert len(words) == 20_000
    assert not set(innocent) & set(words)
    assert set(innocent) <= set(word_frequencies(language))

import math
from pathlib import Path

import pytest

from pipeline.engines.language import WORD_SHARE, LanguageModel, load_language, load_languages, save_language, say_which
from pipeline.errors import EngineError, SourceError
from pipeline.train.language import count_language, independent_texts, main, texts_by_language, write_languages

ENGLISH = count_language(["the theory", "then there", "of the other"] * 3, {"the": 0.05, "theory": 0.0001})
FRENCH = count_language(["la théorie", "puis là-bas", "de la mer"] * 3, {"la": 0.05, "théorie": 0.0001})


def after(model: LanguageModel, text: str, character: str) -> float:
    state = " "
    for before in text:
        _, state = model.step(state, before)
    return model.step(state, character)[0]


@pytest.mark.parametrize("history", ["", "the", "t", "zz", "7+"])
def test_probabilities_of_all_characters_add_up_to_one(history: str) -> None:
    seen = set(" theorynfTHEORYNF,.;-'’)")
    mass = sum(math.exp(after(ENGLISH, history, character)) for character in seen)
    unseen = (200 - len(seen)) * math.exp(after(ENGLISH, history, "§"))
    assert mass + unseen == pytest.approx(1, abs=0.02)


def test_what_was_often_said_is_likelier() -> None:
    assert after(ENGLISH, "th", "e") > after(ENGLISH, "th", "o")
    assert after(ENGLISH, "zz", "q") < after(ENGLISH, "zz", "e")


def test_the_lexicon_knows_words_that_no_text_said() -> None:
    words = count_language(["nothing of that kind"], {"zebra": 0.001})
    without = count_language(["nothing of that kind"], {})
    assert after(words, "zebr", "a") > after(without, "zebr", "a") + 2
    assert after(words, "Zebr", "a") > after(without, "Zebr", "a") + 2


def test_a_word_that_nobody_knows_costs_no_more_than_the_lexicons_share() -> None:
    words = count_language(["nothing of that kind"], {"zebra": 0.001})
    without = count_language(["nothing of that kind"], {})
    loss = without.log_probability("Zebx7 x=3") - words.log_probability("Zebx7 x=3")
    assert loss <= 4 * -math.log(1 - WORD_SHARE) + 1e-6


def test_no_digit_is_likelier_than_another() -> None:
    model = count_language(["in 1957", "in 1957", "in 1912"], {})
    assert {after(model, "in 195", digit) for digit in "0123456789"} == {after(model, "in 111", "1")}
    assert after(model, "in 19", "4") > after(model, "in 19", "i")


def test_a_language_that_can_not_be_written_whole_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "language.fr.npz"
    save_language(FRENCH, path)
    before = path.read_bytes()

    def full_disk(file: Path, **arrays: object) -> None:
        file.write_bytes(b"half of")
        raise OSError("No space left on device")

    monkeypatch.setattr("numpy.savez_compressed", full_disk)
    with pytest.raises(OSError, match="No space"):
        save_language(ENGLISH, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_model_survives_being_saved(tmp_path: Path) -> None:
    save_language(FRENCH, tmp_path / "language.fr.npz")
    loaded = load_language(tmp_path / "language.fr.npz")
    text = "de la théorie"
    assert loaded.log_probability(text) == pytest.approx(FRENCH.log_probability(text), abs=0.05 * len(text))


def test_the_same_model_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        save_language(FRENCH, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_folder_offers_its_languages_all_one_or_none(tmp_path: Path) -> None:
    save_language(ENGLISH, tmp_path / "language.en.npz")
    save_language(FRENCH, tmp_path / "language.fr.npz")
    assert list(load_languages(tmp_path)) == ["en", "fr"]
    assert list(load_languages(tmp_path, "fr")) == ["fr"]
    assert load_languages(tmp_path, "none") == {}
    with pytest.raises(EngineError, match="auto, en, fr, none"):
        load_languages(tmp_path, "tlh")


def test_each_line_is_in_its_own_language_and_unclear_ones_follow_their_company() -> None:
    models = {"en": ENGLISH, "fr": FRENCH}
    assert say_which(["the other theory", "de la mer"], models) == ["en", "fr"]
    assert say_which(["1", "then the other"], models)[0] == "en"
    assert say_which(["1", "puis de la mer"], models)[0] == "fr"


def test_texts_that_dev_lines_repeat_are_left_out() -> None:
    texts = ["one two three four five", "something else", "a line of its own kind"]
    assert independent_texts(texts, ["TWO three, four five six"]) == texts[1:]


def test_texts_go_to_the_language_of_their_words() -> None:
    lexicons = {"en": {"the": 0.1, "sea": 0.01}, "fr": {"la": 0.1, "mer": 0.01}}
    parts = texts_by_language(["The sea", "la mer", "1 + 1"], lexicons)
    assert parts == {"en": ["The sea", "1 + 1"], "fr": ["la mer", "1 + 1"]}


def test_models_are_written_for_each_language_and_small(tmp_path: Path) -> None:
    write_languages(["the open sea", "la mer"], [], tmp_path)
    models = load_languages(tmp_path)
    assert say_which(["of the government", "du gouvernement"], models) == ["en", "fr"]
    assert all(path.stat().st_size < 2_000_000 for path in tmp_path.iterdir())


def test_a_language_without_a_list_of_words_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="tlh"):
        write_languages(["jIyaj"], [], tmp_path, ["tlh"])


def test_the_command_says_which_folder_has_no_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", str(tmp_path), "--data", str(tmp_path / "nowhere")]) != 0
    assert "nowhere" in capsys.readouterr().err

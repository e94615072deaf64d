import math
from pathlib import Path

import pytest

from pipeline.engines.language import count_language, load_language
from pipeline.train.language import independent_texts


def test_probabilities_of_all_characters_add_up() -> None:
    language = count_language(["the theory", "then there"])
    seen = set(" theorynt")
    mass = sum(math.exp(language.log_probability("the", character)) for character in seen)
    # What is left goes to the 200 characters there might be beside.
    assert 0.9 < mass <= 1


def test_what_was_often_said_is_likelier() -> None:
    language = count_language(["the theory"] * 5)
    assert language.log_probability("th", "e") > language.log_probability("th", "o")
    assert language.log_probability("zz", "q") < language.log_probability("zz", "e")


def test_a_model_survives_being_saved(tmp_path: Path) -> None:
    language = count_language(["déjà vu", "deja vu"])
    language.save(tmp_path / "language.json.gz")
    loaded = load_language(tmp_path / "language.json.gz")
    assert loaded.log_probability("d", "é") == pytest.approx(language.log_probability("d", "é"))


def test_texts_that_dev_lines_repeat_are_left_out() -> None:
    texts = ["one two three four five", "something else", "a line of its own kind"]
    assert independent_texts(texts, ["TWO three, four five six"]) == texts[1:]

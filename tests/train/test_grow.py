"""A network learns to write new letters without unlearning the others."""

import pytest
import torch

from pipeline.train.crnn import Charset
from pipeline.train.grow import grow, like
from pipeline.train.network import CRNN, Shape

KNOWN = " Eaeq"
SHAPE = Shape((8, 8, 16), (1, 1, 1), 16, 1)


@pytest.fixture
def model() -> CRNN:
    torch.manual_seed(3)
    return CRNN(len(KNOWN) + 1, SHAPE).eval()


INK = torch.rand(2, 1, 64, 96, generator=torch.Generator().manual_seed(5))


def both_heads(model: CRNN) -> tuple[torch.Tensor, torch.Tensor]:
    with torch.inference_mode():
        main, aside = model.forward_training(INK)
    return main, aside


@pytest.mark.parametrize("head", [0, 1], ids=["main", "shortcut"])
def test_known_letters_keep_what_the_network_thinks_of_them(model: CRNN, head: int) -> None:
    before = both_heads(model)[head]
    charset = grow(model, Charset(KNOWN), "Éß7")
    after = both_heads(model)[head]
    assert after.shape == (*before.shape[:2], len(charset.characters) + 1)
    # One share of the softmax goes to the new letters, the same for each of the known ones.
    given_up = before - after[..., : before.shape[-1]]
    assert torch.allclose(given_up, given_up[..., :1].expand_as(given_up), atol=1e-5)
    assert 0 < given_up.mean() < 0.2


def test_new_letters_come_after_the_known_ones_and_each_once(model: CRNN) -> None:
    charset = grow(model, Charset(KNOWN), "ÉaÉß")
    assert charset.characters == KNOWN + "Éß"
    assert charset.encode("Eß") == [2, 7]


def test_a_network_that_knows_all_letters_stays_as_it_is(model: CRNN) -> None:
    charset, weights = Charset(KNOWN), {name: value.clone() for name, value in model.state_dict().items()}
    assert grow(model, charset, "eE") is charset
    assert all((value == weights[name]).all() for name, value in model.state_dict().items())


def test_a_new_letter_is_drawn_after_the_one_most_like_it(model: CRNN) -> None:
    charset = grow(model, Charset(KNOWN), "é")
    main, _ = both_heads(model)
    plain, accented = main[..., charset.numbers["e"]], main[..., charset.numbers["é"]]
    assert torch.allclose(plain - accented, torch.full_like(plain, 3.0), atol=1e-5)


@pytest.mark.parametrize(("letter", "model_letter"), [("É", "E"), ("Q", "q"), ("é", "e"), ("A", "a"), ("ß", None)])
def test_likeness_goes_by_accents_and_case(letter: str, model_letter: str | None) -> None:
    charset = Charset(KNOWN)
    assert like(letter, charset) == (charset.numbers[model_letter] if model_letter else None)


def test_a_grown_network_can_be_saved_and_made_again(model: CRNN) -> None:
    charset = grow(model, Charset(KNOWN), "ñ")
    again = CRNN(len(charset.characters) + 1, SHAPE)
    again.load_state_dict(model.state_dict())
    with torch.inference_mode():
        assert torch.allclose(again.eval()(INK), model(INK))

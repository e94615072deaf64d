"""Our own loop writes token for token what `generate` of transformers writes."""

import weakref
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline.engines.trocr import decoder as decoder_module
from pipeline.engines.trocr.decoder import Caches, Decoder
from pipeline.engines.trocr.graphs import GraphSteps, PlainSteps
from pipeline.engines.trocr.greedy import write
from pipeline.engines.trocr.writers import GenerateWriter, GreedyWriter
from tests.engines.trocrs import SIZES, START, end_some_lines, random_trocr, usual_tokens

pytestmark = pytest.mark.usefixtures("one_thread")

SIDE, TOKENS = 32, 12


def narrow(size: str) -> Any:
    """Of the real width, with fewer layers, tokens and pixels."""
    model = random_trocr(size, layers=(1, 2), image=SIDE, vocabulary=50)
    model.generation_config.max_new_tokens = TOKENS
    end_some_lines(model, pictures(6), TOKENS)
    return model


@pytest.fixture(scope="module")
def small() -> Any:
    return narrow("small")


def pictures(count: int, side: int = SIDE) -> Tensor:
    torch.manual_seed(1)
    return torch.randn(count, 3, side, side)


def saw(model: Any, pixels: Tensor) -> Tensor:
    with torch.inference_mode():
        seen: Tensor = model.encoder(pixel_values=pixels).last_hidden_state
    return seen


class CountedSteps(PlainSteps):
    """Notes how many lines each step works on."""

    def __init__(self, decoder: Decoder):
        super().__init__(decoder)
        self.rows: list[int] = []

    def __call__(self, caches: Caches, tokens: Tensor, position: int) -> tuple[Tensor, Tensor]:
        self.rows.append(len(tokens))
        return super().__call__(caches, tokens, position)


def written(model: Any, decoder: Decoder, pixels: Tensor, steps: PlainSteps | None = None, look_every: int = 1) -> Any:
    end = model.generation_config.eos_token_id
    return write(decoder, steps or PlainSteps(decoder), saw(model, pixels), START, [end], look_every)


@pytest.mark.parametrize("absorb", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_the_tokens_are_those_of_generate(size: str, absorb: bool) -> None:
    model, pixels = narrow(size), pictures(6)
    expected = usual_tokens(model, pixels, TOKENS)
    # The lines differ from each other and end at different places.
    assert len({tuple(row) for row in expected}) == 6
    assert len({len(row) for row in expected}) > 1
    for stride, look_every in ((1, 1), (8, 5)):  # as on a CPU and as on a GPU
        decoder = Decoder(model, TOKENS, stride, absorb=absorb)
        lines = written(model, decoder, pixels, look_every=look_every)
        assert [line.tokens for line in lines] == expected
        end = model.generation_config.eos_token_id
        assert [line.ended for line in lines] == [row[-1] == end for row in expected]


@pytest.mark.parametrize("absorb", [False, True])
def test_lines_that_have_ended_are_dropped(small: Any, absorb: bool) -> None:
    pixels = pictures(6)
    expected = usual_tokens(small, pixels, TOKENS)
    decoder = Decoder(small, TOKENS, absorb=absorb)
    steps = CountedSteps(decoder)
    # Three times each line, so that a quarter of them ends at once.
    lines = written(small, decoder, pixels.repeat_interleave(3, dim=0), steps)
    assert [line.tokens for line in lines] == [row for row in expected for _ in range(3)]
    assert steps.rows[0] == 18
    assert steps.rows[-1] < 18


def test_one_token_that_differs_is_noticed(small: Any) -> None:
    """The tests above would not pass with sums that are a little wrong."""
    pixels = pictures(6)
    decoder = Decoder(small, TOKENS)
    expected = usual_tokens(small, pixels, TOKENS)
    assert [line.tokens for line in written(small, decoder, pixels)] == expected
    decoder.places = decoder.places.roll(1, dims=0)  # each token believes to stand one place further left
    assert [line.tokens for line in written(small, decoder, pixels)] != expected


@pytest.mark.parametrize("size", SIZES)
def test_absorbing_changes_nothing_but_the_rounding(size: str) -> None:
    """In double precision, where rounding can't hide a mistake in the algebra, nor be taken for one."""
    model, pixels = narrow(size).double(), pictures(3).double()
    found = [written(model, Decoder(model, TOKENS, absorb=absorb), pixels) for absorb in (False, True)]
    for projected, absorbed in zip(*found, strict=True):
        assert absorbed.tokens == projected.tokens
        assert absorbed.log_probs == pytest.approx(projected.log_probs, abs=1e-6)  # they are given in single precision


def test_a_mistake_in_what_is_absorbed_is_noticed() -> None:
    model, pixels = narrow("base"), pictures(6)
    decoder = Decoder(model, TOKENS, absorb=True)
    expected = usual_tokens(model, pixels, TOKENS)
    assert [line.tokens for line in written(model, decoder, pixels)] == expected
    for layer in decoder.layers:
        layer.encoder_attn.v_proj.bias.data.zero_()
    assert [line.tokens for line in written(model, decoder, pixels)] != expected


@pytest.mark.parametrize(("size", "absorbed"), [("small", False), ("base", True)])
def test_the_probabilities_are_those_of_generate(size: str, absorbed: bool) -> None:
    model, pixels = narrow(size), pictures(3)
    writer = GreedyWriter(model, exact=True)
    assert writer._decoder.absorb == absorbed
    ours, usual = writer(pixels), GenerateWriter(model, beams=1)(pixels)
    assert [line.tokens for line in ours] == [line.tokens for line in usual]
    for line, same in zip(ours, usual, strict=True):
        assert line.log_probs == pytest.approx(same.log_probs, abs=1e-4)


def test_a_batch_after_a_larger_one_is_not_disturbed_by_it(small: Any) -> None:
    writer, pixels = GreedyWriter(small, exact=True), pictures(5)
    first = [line.tokens for line in writer(pixels)]
    assert [line.tokens for line in writer(pixels[3:])] == first[3:]
    assert [line.tokens for line in writer(pixels)] == first


def test_beams_find_lines_that_are_as_likely_or_likelier(small: Any) -> None:
    pixels = pictures(3)
    greedy, beams = GreedyWriter(small, exact=True)(pixels), GenerateWriter(small, beams=4)(pixels)
    for one, several in zip(greedy, beams, strict=True):
        assert several.tokens
        assert all(log_prob <= 0 for log_prob in several.log_probs)
        mean, best = (sum(line.log_probs) / len(line.log_probs) for line in (one, several))
        assert best >= mean - 1e-3


def test_a_real_size_writes_the_same_tokens() -> None:
    """All layers, tokens and pixels of TrOCR-small."""
    model, pixels, tokens = random_trocr("small"), pictures(2, 384), 8
    assert [line.tokens for line in written(model, Decoder(model, tokens), pixels)] == usual_tokens(
        model, pixels, tokens
    )


def test_caches_and_recorded_steps_are_freed_before_larger_caches_are_made(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: weakref.WeakSet[Caches] = weakref.WeakSet()
    before: list[tuple[int, int]] = []

    class CountedCaches(Caches):
        def __init__(self, *sizes: Any):
            before.append((len(alive), len(steps._graphs)))
            alive.add(self)
            super().__init__(*sizes)

    def record(_caches: Caches, rows: int, span: int) -> None:
        steps._graphs[rows, span] = SimpleNamespace(replay=lambda: None)  # type: ignore[assignment]
        steps._results[rows, span] = torch.zeros(rows, dtype=torch.long), torch.zeros(rows)

    monkeypatch.setattr(decoder_module, "Caches", CountedCaches)
    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: None)
    decoder = Decoder(small, TOKENS, stride=4)
    steps = GraphSteps(decoder)
    monkeypatch.setattr(steps, "_record", record)
    for rows in (2, 6):
        write(decoder, steps, saw(small, pictures(rows)), START, [])
    assert before == [(0, 0), (0, 0)]
    assert len(steps._graphs) == TOKENS // 4


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_recorded_steps_write_the_same_tokens(small: Any) -> None:
    expected = usual_tokens(small, pictures(6), TOKENS)
    model = narrow("small").cuda()
    writer = GreedyWriter(model)
    for rows in (6, 3, 6):
        assert [line.tokens for line in writer(pictures(6)[:rows].cuda())] == expected[:rows]

"""The tiny TrOCR is trained from scratch and reads."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.engines.trocr.decoder import Decoder
from pipeline.engines.trocr.graphs import PlainSteps
from pipeline.engines.trocr.greedy import write
from pipeline.engines.trocr.images import Images
from pipeline.engines.trocr.loading import load_trocr
from pipeline.engines.trocr.pieces import cut
from pipeline.train.tiny_trocr import Recipe, make_batch, make_processor, measure, render, train
from tests.engines.trocrs import SMALL, usual_tokens

pytestmark = pytest.mark.usefixtures("one_thread")


def test_a_tiny_trocr_can_be_trained_on_lines_of_several_words() -> None:
    recipe, rng = replace(SMALL, words=2, paper=(100, 300)), np.random.default_rng(2)
    processor = make_processor(recipe)
    pixels, labels = make_batch(recipe, 4, 2, processor, rng)
    assert pixels.shape == (recipe.batch_size, 3, recipe.height, recipe.width)
    texts = processor.batch_decode(labels.clamp(min=0), skip_special_tokens=True)
    assert {len(text.split()) for text in texts} == {1, 2}
    line = render("tea ant iron sort", rng, 100)
    pieces = cut(line, 3)
    assert len(pieces) == np.ceil(line.shape[1] / line.shape[0] / 3)
    # Between words there is nothing but paper.
    assert all((piece[:, [0, -1]] > 150).all() for piece in pieces)


def test_training_from_scratch_ends_in_a_folder_that_reads(tmp_path: Path) -> None:
    recipe = Recipe(letters="iw", longest=1, unseen=(), hidden=48, encoder_layers=1, steps=100, batch_size=16)
    train(tmp_path, recipe, lambda line: None)
    assert measure(tmp_path, "iwwiwiiw") == 0
    processor, model = load_trocr(tmp_path, "iw", torch.device("cpu"))
    rng = np.random.default_rng(5)
    pixels = Images(processor.image_processor, model.device)([render(letter, rng) for letter in "iwwiwi"])
    expected, settings = usual_tokens(model, pixels, 6), model.generation_config
    with torch.inference_mode():
        seen = model.encoder(pixel_values=pixels).last_hidden_state
    for absorb in (False, True):
        decoder = Decoder(model, 6, absorb=absorb)
        lines = write(decoder, PlainSteps(decoder), seen, settings.decoder_start_token_id, [settings.eos_token_id])
        assert [line.tokens for line in lines] == expected

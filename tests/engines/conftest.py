"""A TrOCR that writes, for tests of the engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from pipeline.train.tiny_trocr import make_model, make_processor
from tests.engines.trocrs import SMALL


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Networks this small run fastest on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TrOCR with random weights that writes letters, up to its limit, and never ends a line."""
    folder = tmp_path_factory.mktemp("models") / "untrained"
    torch.manual_seed(3)
    processor, model = make_processor(SMALL), make_model(SMALL)
    letters = processor.tokenizer(SMALL.letters, add_special_tokens=False).input_ids
    mask = torch.zeros(model.config.decoder.vocab_size, 1)
    mask[letters] = 1
    with torch.no_grad():
        # Input and output embeddings are one matrix: what is no letter gets the logit 0, below the best letter's.
        model.decoder.model.decoder.embed_tokens.weight.mul_(mask)
        # Large enough that what is written depends on the image.
        for name, weight in model.named_parameters():
            if "encoder_attn.v_proj.weight" in name or "encoder_attn.out_proj.weight" in name:
                weight.mul_(8)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder

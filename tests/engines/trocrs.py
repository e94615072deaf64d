"""TrOCRs for tests: Microsoft's sizes with random weights, and a tiny one that reads."""

from typing import Any

import numpy as np
import torch
from transformers import (
    DeiTConfig,
    GenerationConfig,
    TrOCRConfig,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
)

from pipeline.train.tiny_trocr import UNSEEN, Recipe, render

START, PAD = 2, 1
SMALL = Recipe(hidden=32, encoder_layers=1, decoder_layers=1)
# encoder width and heads, decoder width, heads and vocabulary; layers of encoder and decoder
SIZES = {
    "small": (384, 6, 256, 8, 64044, 12, 6),
    "base": (768, 12, 1024, 16, 50265, 12, 12),
    "large": (1024, 16, 1024, 16, 50265, 24, 12),
}
# How Microsoft's checkpoints differ besides.
VARIANTS: dict[str, dict[str, Any]] = {
    "small": {"activation_function": "relu", "scale_embedding": True},
    "base": {"activation_function": "gelu"},
    "large": {
        "activation_function": "relu", "scale_embedding": True, "use_learned_position_embeddings": False,
        "layernorm_embedding": False,
    },
}  # fmt: skip


def random_trocr(size: str, *, layers: tuple[int, int] | None = None, image: int = 384, vocabulary: int = 0) -> Any:
    """A TrOCR of Microsoft's width that writes something else for each image.

    layers: of encoder and decoder, if not all; image: pixels a side; vocabulary: number of tokens, if not all.
    """
    torch.manual_seed(5)
    wide, wide_heads, width, heads, tokens, *depth = SIZES[size]
    first, second = layers or depth
    vit = DeiTConfig if size == "small" else ViTConfig
    encoder = vit(
        hidden_size=wide, num_hidden_layers=first, num_attention_heads=wide_heads, intermediate_size=4 * wide,
        image_size=image,
    )  # fmt: skip
    decoder = TrOCRConfig(
        vocab_size=vocabulary or tokens, d_model=width, decoder_layers=second, decoder_attention_heads=heads,
        decoder_ffn_dim=4 * width, cross_attention_hidden_size=wide, max_position_embeddings=512,
        tie_word_embeddings=False, **VARIANTS[size],
    )  # fmt: skip
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.tie_word_embeddings = False
    model: Any = VisionEncoderDecoderModel(config=config).eval()
    with torch.no_grad():
        for name, weight in model.decoder.named_parameters():
            if "encoder_attn" in name and "weight" in name and "norm" not in name:
                weight.mul_(4)
            # As trained: fresh networks have biases of 0, which could be forgotten unnoticed.
            if "encoder_attn" in name and name.endswith("bias"):
                weight.normal_(std=0.2)
    model.generation_config = GenerationConfig(
        decoder_start_token_id=START, eos_token_id=2, pad_token_id=PAD, max_new_tokens=64, use_cache=True
    )
    return model


def usual_tokens(model: Any, pixels: torch.Tensor, tokens: int) -> list[list[int]]:
    """What `generate` writes greedily, with a cache, for each image: up to its end sign."""
    end = model.generation_config.eos_token_id
    with torch.inference_mode():
        rows = model.generate(pixels, num_beams=1, use_cache=True, max_new_tokens=tokens)[:, 1:].tolist()
    return [row[: row.index(end) + 1] if end in row else row for row in rows]


def end_some_lines(model: Any, pixels: torch.Tensor, tokens: int) -> None:
    """Make that token the end sign which ends these lines at the most different places."""
    model.generation_config.eos_token_id = None
    rows = usual_tokens(model, pixels, tokens)
    ends = {token: {row.index(token) if token in row else -1 for row in rows} for row in rows for token in row}
    model.generation_config.eos_token_id = max(ends, key=lambda token: len(ends[token]))


def crops(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    return [render(word, rng) for word in UNSEEN[:count]]

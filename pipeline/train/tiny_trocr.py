"""A tiny TrOCR, trained from scratch on rendered words in minutes: the same files and loading path as the large ones.

It needs no network and no data. It is for tests and for trying changes to the TrOCR reader; handwriting is beyond it.

    python -m pipeline.train.tiny_trocr --out runs/tiny_trocr
"""

import argparse
import string
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from tokenizers import ByteLevelBPETokenizer
from torch import Tensor
from transformers import (
    RobertaTokenizer,
    TrOCRConfig,
    TrOCRProcessor,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTImageProcessorPil,
)

from pipeline.engines.trocr import TrOCREngine
from pipeline.train.metrics import error_rate

SPECIAL_TOKENS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
STEPS = 5000
# The usual 0.02 suits networks ten times as wide: here it keeps positions too faint to be told apart.
INIT = 0.08
# Never rendered in training: what the finished reader is tested on.
UNSEEN = (
    "apple", "bridge", "candle", "desert", "engine", "forest", "garden", "harbor", "island", "jungle", "kitten",
    "ladder", "market", "needle", "orange", "pencil", "quartz", "rabbit", "silver", "tunnel", "umber", "velvet",
    "window", "oxygen", "yellow", "zipper", "lecture", "notes", "paper", "reader",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipe:
    """The network's size and how it is trained. Images are (height, width) pixels, cut into full-height columns.

    longest: letters of a word; words: of a line at most; paper: least and most width of a line's crop, in pixels.
    """

    letters: str = string.ascii_lowercase
    longest: int = 8
    words: int = 1
    paper: tuple[int, int] = (208, 208)
    unseen: tuple[str, ...] = UNSEEN
    height: int = 32
    width: int = 128
    column: int = 8
    hidden: int = 96
    encoder_layers: int = 2
    decoder_layers: int = 1
    steps: int = STEPS
    batch_size: int = 32
    learning_rate: float = 1e-3
    seed: int = 7


def make_processor(recipe: Recipe) -> TrOCRProcessor:
    """An image processor for the recipe's size, and a byte-level tokenizer without merges: one token a letter."""
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator([recipe.letters], vocab_size=256 + len(SPECIAL_TOKENS), special_tokens=SPECIAL_TOKENS)
    size = {"height": recipe.height, "width": recipe.width}
    # Paper near 0, so that the ink is what the network sees.
    images = ViTImageProcessorPil(size=size, image_mean=[0.95] * 3, image_std=[0.3] * 3)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_model(folder)
        return TrOCRProcessor(image_processor=images, tokenizer=RobertaTokenizer.from_pretrained(folder))


def make_model(recipe: Recipe) -> VisionEncoderDecoderModel:
    """An untrained TrOCR of the recipe's size."""
    encoder = ViTConfig(
        hidden_size=recipe.hidden, num_hidden_layers=recipe.encoder_layers, num_attention_heads=4,
        intermediate_size=2 * recipe.hidden, image_size=[recipe.height, recipe.width],
        patch_size=[recipe.height, recipe.column], initializer_range=INIT,
    )  # fmt: skip
    decoder = TrOCRConfig(
        vocab_size=256 + len(SPECIAL_TOKENS), d_model=recipe.hidden, decoder_layers=recipe.decoder_layers,
        decoder_attention_heads=4, decoder_ffn_dim=2 * recipe.hidden, cross_attention_hidden_size=recipe.hidden,
        max_position_embeddings=64, dropout=0.0, bos_token_id=0, pad_token_id=1, eos_token_id=2,
        decoder_start_token_id=2, init_std=INIT,
    )  # fmt: skip
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 2, 1, 2
    return VisionEncoderDecoderModel(config=config)


def render(text: str, rng: np.random.Generator, paper: int = 208) -> np.ndarray:
    """The text as a line crop, (H, W) grey uint8, dark on light, in Pillow's built-in font at a random size.

    paper: least width. Short words stand on the same width of paper as long ones, so that TrOCR's fixed image does not
    stretch them.
    """
    font = ImageFont.load_default(size=float(rng.integers(25, 33)))
    text = text.replace(" ", "   ")  # as far apart as handwritten words
    left, top, right, bottom = (int(edge) for edge in font.getbbox(text))
    margin = int(rng.integers(4, 11))
    image = Image.new("L", (max(paper, right - left + 2 * margin), 52), int(rng.integers(230, 256)))
    spot = (margin - left, 26 - (top + bottom) // 2 + int(rng.integers(-3, 4)))
    ImageDraw.Draw(image).text(spot, text, fill=int(rng.integers(0, 80)), font=font)
    noise = rng.normal(0, 4, (image.height, image.width))
    return np.asarray(np.clip(np.asarray(image) + noise, 0, 255), np.uint8)


def invent_word(recipe: Recipe, longest: int, rng: np.random.Generator) -> str:
    """1 to `longest` letters at random, so that every letter is learned beside every other."""
    while True:
        letters = rng.choice(list(recipe.letters), rng.integers(1, longest + 1))
        if (word := "".join(letters)) not in recipe.unseen:
            return word


def make_batch(
    recipe: Recipe, longest: int, words: int, processor: TrOCRProcessor, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Pixels (B, 3, H, W) and labels (B, T) of invented lines; -100 marks what the loss skips."""
    lines = [
        " ".join(invent_word(recipe, longest, rng) for _ in range(rng.integers(1, words + 1)))
        for _ in range(recipe.batch_size)
    ]
    least, most = recipe.paper
    crops = [np.stack([render(line, rng, int(rng.integers(least, most + 1)))] * 3, axis=-1) for line in lines]
    pixels = processor(images=crops, return_tensors="pt").pixel_values
    labels = processor.tokenizer(lines, padding=True, return_tensors="pt").input_ids
    return pixels, labels.masked_fill(labels == processor.tokenizer.pad_token_id, -100)


def train(out: Path, recipe: Recipe, log: Callable[[str], None] = print) -> None:
    """Train from scratch and leave in `out` what `from_pretrained` loads."""
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    processor, model = make_processor(recipe), make_model(recipe).train()
    optimizer = torch.optim.AdamW(model.parameters(), recipe.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=recipe.steps, pct_start=0.05
    )
    log(f"{sum(weight.numel() for weight in model.parameters()):,} parameters, {recipe.steps} steps")
    started = time.monotonic()
    for step in range(1, recipe.steps + 1):
        # Short words and lines first: on long ones the decoder takes ten times longer to find where to look.
        longest, words = (min(most, 1 + 2 * most * step // recipe.steps) for most in (recipe.longest, recipe.words))
        pixels, labels = make_batch(recipe, longest, words, processor, rng)
        loss = model(pixel_values=pixels, labels=labels).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            log(f"  {step}/{recipe.steps} loss {loss.item():.3f}, {time.monotonic() - started:.0f} s")
    model.save_pretrained(out)
    processor.save_pretrained(out)


def measure(folder: Path, words: Sequence[str], seed: int = 1) -> float:
    """CER of the reader in `folder`, loaded the way users load it, on `words` rendered afresh."""
    rng = np.random.default_rng(seed)
    read = TrOCREngine(folder).transcribe([render(word, rng) for word in words])
    return error_rate(zip(words, (line.text for line in read), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a tiny TrOCR on rendered words.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the model")
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    train(arguments.out, Recipe(steps=arguments.steps))
    print(f"CER on {len(UNSEEN)} unseen words: {100 * measure(arguments.out, UNSEEN):.1f} %")


if __name__ == "__main__":
    main()

"""From pixels to tokens: our own greedy loop, or the one of `transformers` for what ours does not do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import TrOCRForCausalLM

from pipeline.engines.precision import autocast
from pipeline.engines.trocr.decoder import Decoder
from pipeline.engines.trocr.graphs import GraphSteps, PlainSteps, Stepper
from pipeline.engines.trocr.greedy import Written, until_end, write

GPU_STRIDE = 32  # places of the text that a recorded step looks at more than the one before it
GPU_LOOK_EVERY = 8
CPU_SEEN_AT_ONCE = 2  # lines that the encoder works on: with more, what it computes leaves the processor's cache
# Absorbing keys and values saves sums in lines of fewer tokens than a head has numbers: few lines of text have 64.
LEAST_ABSORBED = 64


class Writer(Protocol):
    def __call__(self, pixels: Tensor) -> list[Written]:
        """What is written for each of (B, 3, H, W) images in single precision, on the model's device."""
        ...


def choose_writer(model: Any, beams: int, precision: str, folder: Path) -> Writer:
    """The quickest way to read with the model in `folder`. precision: see `TrOCREngine`."""
    if beams > 1 or not isinstance(model.decoder, TrOCRForCausalLM):
        return GenerateWriter(model, beams)
    encoder = None
    if precision == "int8" and model.device.type == "cpu":
        from pipeline.engines.trocr.eight_bits import eight_bit_encoder

        encoder = eight_bit_encoder(model.encoder, folder)
        del model.encoder  # nobody needs its weights any more
    return GreedyWriter(model, exact=precision == "fp32", encoder=encoder)


class GreedyWriter:
    """Our own loop.

    Where the processor computes in bfloat16, so does the encoder, unless `exact`: it takes most of the time on a CPU,
    and greedy readings come out the same. The decoder stays in the model's precision. encoder: instead of the model's.
    """

    def __init__(self, model: Any, *, exact: bool = False, encoder: Callable[[Tensor], Tensor] | None = None):
        settings = model.generation_config
        self._start, self._ends = settings.decoder_start_token_id, _end_signs(settings)
        self._encoder = encoder or (lambda pixels: model.encoder(pixel_values=pixels).last_hidden_state)
        self._dtype = model.dtype
        on_gpu, on_cpu = model.device.type == "cuda", model.device.type == "cpu"
        attention = model.decoder.model.decoder.layers[0].encoder_attn
        absorb = on_cpu and attention.head_dim >= LEAST_ABSORBED
        self._decoder = Decoder(model, settings.max_new_tokens, GPU_STRIDE if on_gpu else 1, absorb=absorb)
        self._step: Stepper = GraphSteps(self._decoder) if on_gpu else PlainSteps(self._decoder)
        self._look_every = GPU_LOOK_EVERY if on_gpu else 1
        self._brief, self._seen_at_once = on_cpu and not exact, CPU_SEEN_AT_ONCE if on_cpu else None

    @torch.inference_mode()
    def __call__(self, pixels: Tensor) -> list[Written]:
        image = self.encode(pixels)
        return write(self._decoder, self._step, image, self._start, self._ends, self._look_every)

    def encode(self, pixels: Tensor) -> Tensor:
        """What the encoder sees, (B, S, C), in the decoder's precision."""
        parts = pixels.to(self._dtype).split(self._seen_at_once or len(pixels))
        with autocast("cpu", enabled=self._brief):
            seen = torch.cat([self._encoder(part) for part in parts])
        return seen.to(self._dtype)


class GenerateWriter:
    """`generate` of transformers: for beam search, and for decoders that are not TrOCR's."""

    def __init__(self, model: Any, beams: int):
        self._model, self._beams = model, beams
        self._ends = set(_end_signs(model.generation_config))

    @torch.inference_mode()
    def __call__(self, pixels: Tensor) -> list[Written]:
        written = self._model.generate(
            pixels.to(self._model.dtype), num_beams=self._beams, return_dict_in_generate=True, output_scores=True
        )
        chances = self._model.compute_transition_scores(
            written.sequences,
            written.scores,
            written.beam_indices if self._beams > 1 else None,
            normalize_logits=self._beams == 1,
        )
        # The first token of each row is the start sign, which nobody predicted.
        tokens = written.sequences[:, 1:].tolist()
        return [until_end(*row, self._ends) for row in zip(tokens, chances.tolist(), strict=True)]


def _end_signs(settings: Any) -> list[int]:
    ends = settings.eos_token_id
    return [] if ends is None else ends if isinstance(ends, list) else [ends]

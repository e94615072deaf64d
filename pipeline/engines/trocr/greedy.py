"""Greedy reading: the likeliest token, again and again, until every line of a batch has ended."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.engines.trocr.decoder import Decoder
from pipeline.engines.trocr.graphs import Stepper


@dataclass(frozen=True, slots=True)
class Written:
    """What was written for one line: tokens with their log probabilities. `ended` says whether the last one is the end
    sign; without it the line was cut off."""

    tokens: list[int]
    log_probs: list[float]
    ended: bool


@torch.inference_mode()
def write(
    decoder: Decoder, step: Stepper, image: Tensor, start: int, ends: list[int], look_every: int = 1
) -> list[Written]:
    """Write what the encoder saw of the lines, (B, S, C).

    start, ends: the start sign and the end signs. look_every: steps from one look at which lines have ended to the
    next; on a GPU each look waits for all that was queued there.
    """
    rows, device = len(image), image.device
    caches = decoder.look(image, step.room(rows))
    end_signs = torch.tensor(ends, dtype=torch.long, device=device)
    tokens = torch.zeros((decoder.longest, rows), dtype=torch.long, device=device)
    log_probs = torch.zeros((decoder.longest, rows), device=device)
    lines = torch.arange(rows, device=device)  # which line a row of the caches holds
    last, ended = torch.full_like(lines, start), torch.zeros_like(lines, dtype=torch.bool)
    for position in range(decoder.longest):
        last, log_prob = step(caches, last, position)
        tokens[position, lines], log_probs[position, lines] = last, log_prob
        ended |= torch.isin(last, end_signs)
        if (position + 1) % look_every:
            continue
        going = (~ended).nonzero()[:, 0]
        if len(going) == 0:
            break
        # Moving caches takes about as long as reading them in a step or two.
        if len(going) <= 3 * len(lines) // 4:
            caches.keep(going, position + 1)
            lines, last, ended = lines[going], last[going], ended[going]
    return [
        until_end(row, chances, set(ends)) for row, chances in zip(tokens.T.tolist(), log_probs.T.tolist(), strict=True)
    ]


def until_end(tokens: list[int], log_probs: list[float], ends: set[int]) -> Written:
    """What comes after the end sign is nothing that was written."""
    end = next((index for index, token in enumerate(tokens) if token in ends), None)
    upto = len(tokens) if end is None else end + 1
    return Written(tokens[:upto], log_probs[:upto], end is not None)

"""How a step of the decoder is run: as it is, or on an NVIDIA GPU as a recorded graph.

A step is some 200 short kernels. Started one by one they leave the GPU idle most of the time; a CUDA graph starts them
all at once. A graph replays fixed shapes at fixed addresses, so there is one for each of a few batch sizes and spans.
"""

import weakref
from typing import Protocol

import torch
from torch import Tensor

from pipeline.engines.trocr.decoder import Caches, Decoder

BUCKETS = (1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256)


class Stepper(Protocol):
    def room(self, rows: int) -> int:
        """How many rows the caches must hold for a batch of `rows` lines."""
        ...

    def __call__(self, caches: Caches, tokens: Tensor, position: int) -> tuple[Tensor, Tensor]:
        """See `Decoder.step`; tokens: (B,)."""
        ...


class PlainSteps:
    """Each step as it is."""

    def __init__(self, decoder: Decoder):
        self._decoder = decoder

    def room(self, rows: int) -> int:
        return rows

    def __call__(self, caches: Caches, tokens: Tensor, position: int) -> tuple[Tensor, Tensor]:
        place = torch.tensor([position], device=tokens.device)
        return self._decoder.step(caches, tokens, place, self._decoder.span(position))


class GraphSteps:
    """Each step as a CUDA graph, recorded when its shape first comes up; needs a decoder with a stride above 1."""

    def __init__(self, decoder: Decoder):
        self._decoder = decoder
        # Not held, so that the decoder can free them before it makes larger ones.
        self._caches: weakref.ref[Caches] | None = None
        self._graphs: dict[tuple[int, int], torch.cuda.CUDAGraph] = {}
        self._results: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}
        device = decoder.places.device
        self._tokens = torch.zeros(BUCKETS[-1], dtype=torch.long, device=device)
        self._position = torch.zeros(1, dtype=torch.long, device=device)
        self._memory = torch.cuda.graph_pool_handle()

    def room(self, rows: int) -> int:
        return next((bucket for bucket in BUCKETS if bucket >= rows), rows)

    def __call__(self, caches: Caches, tokens: Tensor, position: int) -> tuple[Tensor, Tensor]:
        if self._caches is None or self._caches() is not caches:
            self._forget()
            self._caches = weakref.ref(caches, self._forget)
        rows = len(tokens)
        shape = self.room(rows), self._decoder.span(position)
        self._tokens[:rows] = tokens
        self._position.fill_(position)
        if shape not in self._graphs:
            self._record(caches, *shape)
        self._graphs[shape].replay()
        token, log_prob = self._results[shape]
        # The next replay writes over them.
        return token[:rows].clone(), log_prob[:rows].clone()

    def _forget(self, _gone: object = None) -> None:
        """Graphs hold the addresses of the caches they were recorded with, and memory of their own."""
        self._graphs.clear()
        self._results.clear()

    def _record(self, caches: Caches, rows: int, span: int) -> None:
        """Record a step. It is run once before, outside the graph, for libraries that set themselves up when first
        called; it writes to the caches what the replay then writes again."""
        tokens = self._tokens[:rows]
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            self._decoder.step(caches, tokens, self._position, span)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._memory, capture_error_mode="thread_local"):
            self._results[rows, span] = self._decoder.step(caches, tokens, self._position, span)
        self._graphs[rows, span] = graph

"""TrOCR's decoder one token at a time, on caches that are laid out once a batch.

The same sums as `transformers` does, less what it does again for every token: keys and values of the image are worked
out once, those of the text go to their place in a cache that does not grow, and rows that have ended can leave.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor


class Caches:
    """What up to `rows` lines keep from step to step, the line being the first dimension of each tensor.

    text: per layer keys and values, (B, H, T, D). image: the same, (B, H, S, D), or what the encoder saw, (B, 1, S, E),
    once for all layers.
    """

    def __init__(
        self, layers: int, rows: int, text: tuple[int, ...], images: int, image: tuple[int, ...], like: Tensor
    ):
        """text, image: sizes but for the lines'; images: how many tensors there are for the image."""
        # Zeros: a step also reads rows and places that nobody has written yet, and masks what it finds there.
        self.text = [(like.new_zeros(rows, *text), like.new_zeros(rows, *text)) for _ in range(layers)]
        self.image = [like.new_zeros(rows, *image) for _ in range(images)]
        self.rows, self.seen = rows, image[1]

    def keep(self, rows: Tensor, places: int) -> None:
        """Move some rows, (n,) ascending, to the front; of the text only the first `places` are written yet."""
        for cache in self.image:
            cache[: len(rows)] = cache[rows]
        for layer in self.text:
            for cache in layer:
                cache[: len(rows), :, :places] = cache[rows, :, :places]


class Decoder:
    """The decoder of a `VisionEncoderDecoderModel` whose text part is a `TrOCRForCausalLM`, on the model's weights.

    longest: the most tokens of a line, start sign left out. stride: attention spans that many places more at a time; 1
    does no work in vain, more gives few different shapes, as CUDA graphs need. absorb: see `_attend_absorbed`.
    """

    def __init__(self, model: Any, longest: int, stride: int = 1, *, absorb: bool = False):
        text = model.decoder.model.decoder
        self.longest, self.stride, self.absorb = longest, stride, absorb
        self.layers: Sequence[Any] = list(text.layers)
        self.heads = self.layers[0].self_attn.num_heads
        self.size = self.layers[0].self_attn.head_dim
        self.embed, self.norm = text.embed_tokens, text.layernorm_embedding
        self.project = model.decoder.output_projection
        self.bridge = getattr(model, "enc_to_dec_proj", None)
        self.places = _places(text, longest).detach().to(self.embed.weight)
        attentions = [(layer.self_attn, layer.encoder_attn) for layer in self.layers]
        self.text_inputs = [_fuse(text.q_proj, text.k_proj, text.v_proj) for text, _ in attentions]
        self.image_inputs = [] if absorb else [_fuse(image.k_proj, image.v_proj) for _, image in attentions]
        self._caches: Caches | None = None

    def look(self, image: Tensor, rows: int = 0) -> Caches:
        """Caches for what the encoder made of the lines, (B, S, C), with room for `rows` lines or more.

        The caches are the decoder's own and serve one batch at a time: the next call writes over them.
        """
        count, seen, _ = image.shape
        rows = max(rows, count)
        if self._caches is None or self._caches.rows < rows or self._caches.seen != seen:
            self._caches = None  # first free the old ones
            self._caches = self._lay_out(rows, seen)
        if self.bridge is not None:
            image = self.bridge(image)
        if self.absorb:
            self._caches.image[0][:count, 0] = image
        for index, project in enumerate(self.image_inputs):
            keys, values = self._split(project(image), 2)
            self._caches.image[2 * index][:count] = keys
            self._caches.image[2 * index + 1][:count] = values
        return self._caches

    def _lay_out(self, rows: int, seen: int) -> Caches:
        count, text = len(self.layers), (self.heads, self.longest, self.size)
        wide = self.layers[0].encoder_attn.k_proj.in_features
        images, image = (1, (1, seen, wide)) if self.absorb else (2 * count, (self.heads, seen, self.size))
        return Caches(count, rows, text, images, image, self.embed.weight)

    def span(self, position: int) -> int:
        """How many places of the text's cache the step at `position` looks at."""
        return min(-(-(position + 1) // self.stride) * self.stride, self.longest)

    def step(self, caches: Caches, tokens: Tensor, position: Tensor, span: int) -> tuple[Tensor, Tensor]:
        """The likeliest next token of each line, (B,), and its log probability, (B,) in single precision.

        tokens: (B,) the last of each line; position: (1,) how many there are before it, below `span`.
        """
        rows = len(tokens)
        x = self.embed(tokens)[:, None] + self.places[position]  # (B, 1, C)
        x = x if self.norm is None else self.norm(x)
        written = None if self.stride == 1 else torch.arange(span, device=x.device)[None] <= position  # (1, span)
        for index, layer in enumerate(self.layers):
            query, key, value = self._split(self.text_inputs[index](x), 3)
            keys, values = (cache[:rows] for cache in caches.text[index])
            keys.index_copy_(2, position, key)
            values.index_copy_(2, position, value)
            x = x + _attend(query, keys[:, :, :span], values[:, :, :span], layer.self_attn.out_proj, written)
            x = layer.self_attn_layer_norm(x)
            (query,) = self._split(layer.encoder_attn.q_proj(x), 1)
            if self.absorb:
                seen = _attend_absorbed(query, caches.image[0][:rows], layer.encoder_attn)
            else:
                keys, values = (cache[:rows] for cache in caches.image[2 * index : 2 * index + 2])
                seen = _attend(query, keys, values, layer.encoder_attn.out_proj)
            x = layer.encoder_attn_layer_norm(x + seen)
            x = layer.final_layer_norm(x + layer.fc2(layer.activation_fn(layer.fc1(x))))
        scores = self.project(x[:, 0]).float()  # (B, vocabulary)
        best, token = scores.max(dim=-1)
        return token, best - scores.logsumexp(dim=-1)

    def _split(self, joint: Tensor, parts: int) -> Sequence[Tensor]:
        """(B, T, parts * C) -> `parts` times (B, H, T, D)."""
        shape = (*joint.shape[:2], parts, self.heads, self.size)
        return joint.view(shape).permute(2, 0, 3, 1, 4).unbind()


def _attend(query: Tensor, keys: Tensor, values: Tensor, project: Any, mask: Tensor | None = None) -> Tensor:
    """(B, H, 1, D) looks at (B, H, T, D) -> (B, 1, C)."""
    seen = F.scaled_dot_product_attention(query, keys, values, mask)
    return project(seen.transpose(1, 2).flatten(2))


def _attend_absorbed(query: Tensor, image: Tensor, attention: Any) -> Tensor:
    """What `_attend` gives on the image's keys and values, without working these out: (B, H, 1, D) looks at
    (B, 1, S, E) -> (B, 1, C).

    In each head the keys of the image I are K = I Wk' + bk and its values V = I Wv' + bv. So q K' = (q Wk) I' + q bk,
    whose last term is the same at every place and changes no softmax; and p V = (p I) Wv' + bv, as the p of a softmax
    sum to 1. A token then takes 2 H S E products instead of 2 H S D, and the image none where it took 2 S E H D once:
    the sums are fewer in lines of up to D tokens.
    """
    heads, size = query.shape[1], query.shape[3]
    from_keys = attention.k_proj.weight.view(heads, size, -1)  # (H, D, E)
    to_values = attention.v_proj.weight.view(heads, size, -1).transpose(1, 2)  # (H, E, D)
    query = (query[:, :, 0].transpose(0, 1) @ from_keys).transpose(0, 1)  # (B, H, E)
    seen = F.scaled_dot_product_attention(query[:, None], image, image, scale=size**-0.5)[:, 0]
    values = (seen.transpose(0, 1) @ to_values).transpose(0, 1).flatten(1)  # (B, C)
    return attention.out_proj(values + attention.v_proj.bias)[:, None]


def _places(text: Any, longest: int) -> Tensor:
    """What is added to a token's embedding for its place, (T, C)."""
    embedding = text.embed_positions
    if text.config.use_learned_position_embeddings:
        return embedding.weight[embedding.offset : embedding.offset + longest]
    first = text.padding_idx + 1
    return embedding.get_embedding(first + longest, embedding.embedding_dim, text.padding_idx)[first:]


def _fuse(*layers: torch.nn.Linear) -> torch.nn.Linear:
    """One layer that gives what several give, side by side; theirs become views of its weights, so that memory holds
    them once."""
    sizes = [layer.out_features for layer in layers]
    weight = torch.cat([layer.weight.data for layer in layers])
    bias = torch.cat([layer.bias.data for layer in layers])
    fused = torch.nn.Linear(layers[0].in_features, sum(sizes), device="meta")
    fused.weight, fused.bias = torch.nn.Parameter(weight, False), torch.nn.Parameter(bias, False)
    for layer, part, shift in zip(layers, weight.split(sizes), bias.split(sizes), strict=True):
        layer.weight.data, layer.bias.data = part, shift
    return fused

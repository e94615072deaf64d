"""New letters for a trained network: its output layers grow and keep what they knew."""

import unicodedata

import torch
from torch import Tensor, nn

from pipeline.train.crnn import Charset
from pipeline.train.network import CRNN

# A new letter begins with e^-3 of the probability of the one it is drawn after: a twentieth, and soon learned.
SHYNESS = 3.0


def grow(model: CRNN, charset: Charset, characters: str) -> Charset:
    """Let `model` write `characters` too, in place; those it knows are passed over. Returns the larger charset.

    A new letter's weights are those of the known letter most like it ("É" after "E", "Q" after "q"), or the mean of
    all letters; what the network thinks of the known ones, one against another, stays as it was.
    """
    new = "".join(dict.fromkeys(letter for letter in characters if letter not in charset.numbers))
    if not new:
        return charset
    grown = Charset(charset.characters + new)
    likenesses = [like(letter, charset) for letter in new]
    for layer in (model.head, model.shortcut):
        assert layer.bias is not None
        weight = _with_rows(layer.weight, len(charset.characters) + 1, likenesses)
        bias = _with_rows(layer.bias, len(charset.characters) + 1, likenesses)
        for block in bias.view(-1, len(grown.characters) + 1):
            block[-len(new) :] -= SHYNESS
        layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(bias)
        if isinstance(layer, nn.Linear):
            layer.out_features = len(weight)
        else:
            layer.out_channels = len(weight)
    return grown


def like(letter: str, charset: Charset) -> int | None:
    """The number of the known letter that `letter` is drawn after: without its accents, or in the other case."""
    base = unicodedata.normalize("NFKD", letter)[0]
    for candidate in (base, base.swapcase(), letter.lower(), letter.upper()):
        if candidate in charset.numbers:
            return charset.numbers[candidate]
    return None


def _with_rows(rows: Tensor, classes: int, likenesses: list[int | None]) -> Tensor:
    """(k * classes, ...) -> (k * (classes + new), ...): a copy of a row, or the mean of all letters', for each new one.

    A layer that decides for k columns at once holds k blocks of classes.
    """
    with torch.no_grad():
        blocks = rows.detach().reshape(-1, classes, *rows.shape[1:])
        mean = blocks[:, 1:].mean(dim=1)
        new = [mean if number is None else blocks[:, number] for number in likenesses]
        return torch.cat([blocks, torch.stack(new, dim=1)], dim=1).reshape(-1, *rows.shape[1:]).clone()

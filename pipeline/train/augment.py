"""Line crops made to look like other hands, pens, papers and cameras."""

from collections.abc import Callable
from functools import partial

import numpy as np

from pipeline.train import camera, paper, ruling
from pipeline.train.warp import Grey, bend

NOTHING: frozenset[str] = frozenset()

# This share of the lines is only bent: the reader must not lose sight of plain scans.
PLAIN = 0.33

# How often each piece of the bending takes part.
BENDING = {
    "slant": 0.8,
    "turn": 0.7,
    "wave": 0.6,
    "elastic": 0.35,
    "spacing": 0.4,
    "ends": 0.4,
    "tight": 0.25,
    "loose": 0.15,
}

# How often each piece comes to a line that is not plain, in the order in which paper and light do it.
EFFECTS: dict[str, tuple[float, Callable[[Grey, np.random.Generator], Grey]]] = {
    "pen": (0.3, paper.change_pen),
    "neighbour": (0.14, paper.add_neighbour),
    "end bits": (0.06, paper.add_end_bits),
    "pressure": (0.2, paper.vary_pressure),
    "grain": (0.12, paper.roughen),
    "underline": (0.06, paper.underline),
    "fade": (0.35, paper.fade),
    "strike": (0.02, paper.strike),
    "bleed": (0.14, paper.bleed_through),
    "ruling": (0.25, ruling.rule),
    "margin": (0.05, ruling.margin_line),
    "specks": (0.05, paper.add_specks),
    # Before the light: one threshold for a whole shadowed line would blacken half of it.
    "binarize": (0.06, camera.binarize),
    "dark paper": (0.3, camera.darken_paper),
    "shadow": (0.12, camera.cast_shadow),
    "defocus": (0.3, camera.defocus),
    "shake": (0.06, camera.shake),
    "low resolution": (0.15, camera.lower_resolution),
    "noise": (0.22, camera.add_noise),
    "jpeg": (0.12, camera.compress),
}


def augment(crop: Grey, rng: np.random.Generator, stretch: float = 1.0, without: frozenset[str] = NOTHING) -> Grey:
    """A new crop of the same text, `stretch` times as wide: (H, W) grey uint8, dark ink on light paper.

    without: pieces of BENDING and EFFECTS left out, and "plain" where each line shall have its effects.
    """
    crop = bend(crop, rng, stretch, partial(_takes_part, rng, without))
    if rng.random() < PLAIN and "plain" not in without:
        return crop
    for name, (chance, effect) in EFFECTS.items():
        if rng.random() < chance and name not in without:
            crop = effect(crop, rng)
    return crop


def _takes_part(rng: np.random.Generator, without: frozenset[str], name: str) -> bool:
    return rng.random() < BENDING[name] and name not in without

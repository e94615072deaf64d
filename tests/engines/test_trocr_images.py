"""Crops become the numbers that the model's own image processor gives."""

import numpy as np
import pytest
import torch
from transformers import DeiTImageProcessorPil, ViTImageProcessorPil

from pipeline.engines.trocr.images import Images

SQUARE = {"height": 48, "width": 48}
PROCESSORS = {
    "as of trocr-base": ViTImageProcessorPil(size=SQUARE, image_mean=[0.5] * 3, image_std=[0.5] * 3),
    "as of trocr-small": DeiTImageProcessorPil(size=SQUARE, do_center_crop=False),  # bicubic, each channel its own way
    "cropping": DeiTImageProcessorPil(size=SQUARE, crop_size=SQUARE),
}
CPU = torch.device("cpu")


def crops() -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    shapes = (30, 200), (64, 500, 3), (100, 40), (3, 90, 3), (48, 48)
    return [rng.integers(0, 256, shape).astype(np.uint8) for shape in shapes]


def expected(processor: object, crops: list[np.ndarray]) -> torch.Tensor:
    images = [crop[..., ::-1] if crop.ndim == 3 else np.stack([crop] * 3, axis=-1) for crop in crops]
    return processor(images=images, input_data_format="channels_last", return_tensors="pt").pixel_values  # type: ignore


@pytest.mark.parametrize("processor", PROCESSORS.values(), ids=PROCESSORS)
def test_pixels_are_those_of_the_processor_to_the_last_bit(processor: object) -> None:
    pixels = Images(processor, CPU)(crops())
    assert pixels.dtype == torch.float32
    assert torch.equal(pixels, expected(processor, crops()))


@pytest.mark.parametrize("name", ["as of trocr-base", "as of trocr-small"])
def test_resizing_as_on_a_gpu_differs_by_a_grey_level_at_most(name: str) -> None:
    processor = PROCESSORS[name]
    pixels = Images(processor, CPU)._on_device(crops())
    level = 1 / 255 / min(processor.image_std)
    assert (pixels - expected(processor, crops())).abs().max() < 1.01 * level

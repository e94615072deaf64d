"""Pillow's modes to one: (H, W, 3) uint8 BGR."""

import cv2
import numpy as np
from PIL import Image

# Brightest values of usual scales: 8, 12 and 16 bits. 12-bit scans come in 16-bit files.
_FULL_SCALES = (255, 4095, 65535)
_PHOTOMETRIC = 262


def to_bgr(image: Image.Image) -> np.ndarray:
    """The picture as BGR: deep grey scaled, not clipped; alpha laid on white paper; CMYK and palettes as colours."""
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        return cv2.cvtColor(_shallow(image), cv2.COLOR_GRAY2BGR)
    if image.mode == "LAB":
        image = image.getchannel("L")  # lightness, all that ink on paper needs
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    if image.mode in {"1", "L"}:
        return cv2.cvtColor(np.asarray(image.convert("L")), cv2.COLOR_GRAY2BGR)
    return cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)


def _shallow(image: Image.Image) -> np.ndarray:
    """Grey of any depth as (H, W) uint8."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float32), nan=0, posinf=0, neginf=0).clip(min=0)
    brightest = float(values.max())
    if image.mode == "F" and brightest <= 1:
        full = 1.0
    else:
        full = next((float(full) for full in _FULL_SCALES if brightest <= full), brightest)
    grey = np.rint(values * (255 / full)).astype(np.uint8)
    # Pillow turns "white is zero" round for 8 bits, but not for 16.
    if getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == 0:
        grey = 255 - grey
    return grey

"""What edits do to the pixels of the largest rendition: colour in one pass, then vignette, then sharpening."""

from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from functions.media.edits import Edits
from functions.media.grading import LUT_SIZE, Grade, grade

# Where a vignette begins, and how dark its corners are at full strength. Distances: 0 is the centre, 1 a corner.
VIGNETTE_FROM = 0.4
VIGNETTE_DEPTH = 0.8
# Pixels of the largest rendition; of the difference from the blurred picture at full strength.
SHARPEN_RADIUS = 1.2
SHARPEN_PERCENT = 150


def finish(picture: Image.Image, edits: Edits) -> Image.Image:
    """The RGB picture with everything but the geometry of the edits."""
    if edits.grade != Grade():
        picture = picture.filter(lut(edits.grade))
    if edits.vignette:
        picture = vignetted(picture, edits.vignette / 100)
    if edits.sharpen:
        percent = round(SHARPEN_PERCENT * edits.sharpen / 100)
        picture = picture.filter(ImageFilter.UnsharpMask(SHARPEN_RADIUS, percent, threshold=0))
    return picture


def lut(recipe: Grade) -> ImageFilter.Color3DLUT:
    """The recipe sampled on the lattice; between its points, values follow straight lines."""
    graded = grade(_lattice(), recipe, lambda values: np.clip(values, 0, 1))
    return ImageFilter.Color3DLUT(LUT_SIZE, np.stack(graded, axis=-1).reshape(-1))


def vignetted(picture: Image.Image, amount: float) -> Image.Image:
    """Darker towards the corners: by nothing up to 0.4 of the way, by 0.8 x `amount` (0 to 1) there, smoothly."""
    x, y = (np.linspace(-1, 1, side, dtype=np.float32) ** 2 / 2 for side in picture.size)
    distance = np.sqrt(y[:, None] + x[None, :])
    way = np.clip((distance - VIGNETTE_FROM) / (1 - VIGNETTE_FROM), 0, 1)
    light = 1 - VIGNETTE_DEPTH * amount * way * way * (3 - 2 * way)
    mask = Image.fromarray(np.round(255 * light).astype(np.uint8))
    return Image.composite(picture, Image.new("RGB", picture.size), mask)


@cache
def _lattice() -> tuple[Any, Any, Any]:
    """Red, green and blue of the lattice's colours, red fastest."""
    steps = np.linspace(0, 1, LUT_SIZE)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    return red, green, blue

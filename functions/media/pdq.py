"""PDQ, a perceptual hash of 256 bits: equal pictures differ in few bits after recompression and resizing, others in
some 128.

The algorithm and its constants are from "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm"
(Facebook, 2019): two passes of a box filter in each direction (Jarosz), 64x64 samples, the 16x16 lowest varying terms
of their DCT, and one bit a term, set if it is above the median. Two hashes at a distance of 31 or less are taken for
the same picture. No package: the one on PyPI has no wheel for Lambda's processors.

Bit 16 i + j of a hash, counted from the lowest, stands for the term of vertical frequency i + 1 and horizontal j + 1.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BITS = 256
SAMPLES = 64
TERMS = 16
PASSES = 2
# Of 100. Below it a picture has too little structure: skies and walls would all be one picture.
GOOD_QUALITY = 50

Plane = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Hash:
    """`quality`: 0 to 100, how much structure there is in the picture."""

    value: int
    quality: int


def compute(picture: Image.Image) -> Hash:
    """The hash of a picture; some 300 pixels wide are enough."""
    red, green, blue = np.moveaxis(np.asarray(picture.convert("RGB"), dtype=np.float32), 2, 0)
    samples = _samples(0.299 * red + 0.587 * green + 0.114 * blue)
    waves = _waves()
    terms = waves @ samples @ waves.T
    # The lower one of the two in the middle.
    median = np.partition(terms, BITS // 2 - 1, axis=None)[BITS // 2 - 1]
    bits = np.packbits((terms > median).ravel(), bitorder="little")
    return Hash(int.from_bytes(bits.tobytes(), "little"), _quality(samples))


def distance(one: int, other: int) -> int:
    """The number of bits in which two hashes differ."""
    return (one ^ other).bit_count()


def _samples(luminance: Plane) -> Plane:
    for _ in range(PASSES):
        for axis in (1, 0):
            luminance = _averaged(luminance, axis)
    rows, columns = (((np.arange(SAMPLES) + 0.5) * side / SAMPLES).astype(int) for side in luminance.shape)
    return luminance[np.ix_(rows, columns)]


def _averaged(plane: Plane, axis: int) -> Plane:
    """Each value becomes the mean of a window around it, which is cut off at the edges."""
    side = plane.shape[axis]
    window = -(-side // (2 * SAMPLES))
    ahead = (window + 2) // 2
    places = np.arange(side)
    first, end = np.maximum(0, places - (window - ahead)), np.minimum(side, places + ahead)
    sums = np.insert(np.cumsum(plane, axis=axis, dtype=np.float64), 0, 0, axis=axis)
    widths = (end - first).reshape((-1, 1) if axis == 0 else (1, -1))
    return (np.take(sums, end, axis) - np.take(sums, first, axis)) / widths


def _quality(samples: Plane) -> int:
    steps = sum(float(np.abs(np.trunc(np.diff(samples, axis=axis) * 100 / 255)).sum()) for axis in (0, 1))
    return min(100, int(steps / 90))


@cache
def _waves() -> Plane:
    frequencies, places = np.arange(1, TERMS + 1)[:, None], np.arange(SAMPLES)[None, :]
    return np.sqrt(2 / SAMPLES) * np.cos(np.pi / (2 * SAMPLES) * frequencies * (2 * places + 1))

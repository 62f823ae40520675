"""What a client shows before the picture has come: a ThumbHash of some 25 bytes, and one colour.

ThumbHash is Evan Wallace's public algorithm and reference code (2023), https://evanw.github.io/thumbhash/; this is its
encoder for opaque pictures, with the cosine sums taken one axis at a time. No package: the ones on PyPI are wrappers of
one release, or hold Pillow back.
"""

import base64
from math import cos, floor, pi
from operator import mul

from PIL import Image

MAX_SIDE = 100
LUMINANCE_TERMS = 7
COLOUR_TERMS = 3
PALETTE = 8


def thumbhash(image: Image.Image) -> str:
    """Base64 ThumbHash of an RGB picture of at most 100x100 pixels. Raises ValueError for a larger one."""
    width, height = image.size
    if max(width, height) > MAX_SIDE:
        raise ValueError(f"{width}x{height} does not fit in {MAX_SIDE}x{MAX_SIDE}")
    luminance, yellow_blue, red_green = _lpq(image)
    longest = max(width, height)
    lx, ly = (max(1, _round(LUMINANCE_TERMS * side / longest)) for side in (width, height))
    l_dc, l_ac, l_scale = _channel(luminance, width, max(3, lx), max(3, ly))
    p_dc, p_ac, p_scale = _channel(yellow_blue, width, COLOUR_TERMS, COLOUR_TERMS)
    q_dc, q_ac, q_scale = _channel(red_green, width, COLOUR_TERMS, COLOUR_TERMS)
    landscape = width > height
    header = (
        _round(63 * l_dc)
        | _round(31.5 + 31.5 * p_dc) << 6
        | _round(31.5 + 31.5 * q_dc) << 12
        | _round(31 * l_scale) << 18
        | (ly if landscape else lx) << 24
        | _round(63 * p_scale) << 27
        | _round(63 * q_scale) << 33
        | landscape << 39
    )
    return base64.b64encode(header.to_bytes(5, "little") + _nibbles(l_ac + p_ac + q_ac)).decode()


def dominant_color(image: Image.Image) -> str:
    """`#rrggbb` of the largest of the eight octree colour groups of a small RGB picture."""
    quantized = image.quantize(PALETTE, Image.Quantize.FASTOCTREE)
    counts = quantized.histogram()
    largest = counts.index(max(counts))
    palette = quantized.getpalette() or []
    return "#{:02x}{:02x}{:02x}".format(*palette[largest * 3 : largest * 3 + 3])


def _lpq(image: Image.Image) -> tuple[list[float], list[float], list[float]]:
    """Luminance in [0, 1], yellow-blue and red-green in [-1, 1], row by row."""
    red, green, blue = ([value / 255 for value in band.tobytes()] for band in image.split())
    luminance = [(r + g + b) / 3 for r, g, b in zip(red, green, blue, strict=True)]
    yellow_blue = [(r + g) / 2 - b for r, g, b in zip(red, green, blue, strict=True)]
    return luminance, yellow_blue, [r - g for r, g in zip(red, green, strict=True)]


def _channel(values: list[float], width: int, nx: int, ny: int) -> tuple[float, list[float], float]:
    """The DCT's constant term, its varying terms scaled to [0, 1], and their scale. Only the low triangle is kept."""
    height = len(values) // width
    rows = [values[start : start + width] for start in range(0, len(values), width)]
    across = [[sum(map(mul, row, wave)) for row in rows] for wave in _waves(nx, width)]
    terms = [
        sum(map(mul, across[cx], wave)) / (width * height)
        for cy, wave in enumerate(_waves(ny, height))
        for cx in range(nx)
        if cx * ny < nx * (ny - cy)
    ]
    constant, varying = terms[0], terms[1:]
    scale = max(map(abs, varying))
    return constant, [0.5 + 0.5 / scale * term for term in varying] if scale else varying, scale


def _waves(count: int, length: int) -> list[list[float]]:
    return [[cos(pi / length * term * (place + 0.5)) for place in range(length)] for term in range(count)]


def _nibbles(terms: list[float]) -> bytes:
    """Four bits each, the first in the low half of its byte."""
    quantized = [_round(15 * term) for term in terms]
    quantized += [0] * (len(quantized) % 2)
    return bytes(low | high << 4 for low, high in zip(quantized[::2], quantized[1::2], strict=True))


def _round(value: float) -> int:
    """Half up, as the reference does (Python's own rounds half to even)."""
    return floor(value + 0.5)

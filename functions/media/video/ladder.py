"""Which sizes a video is offered in, and with how many bits: constant quality with a ceiling, both set per title.

A busy title gets a higher CRF (the eye forgives noise and water) and a ceiling near the limit of its rung; a calm one
gets a lower CRF and still stays small. How busy it is, is measured: bits per pixel of short samples at CRF 23.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

SHORT_SIDES = (1080, 720, 480, 240)
# Bits per second that a rung never exceeds for long, at 30 frames per second.
CEILINGS = {1080: 5_000_000, 720: 2_800_000, 480: 1_400_000, 240: 450_000}
LOWEST_CEILING = 0.3
MAX_FRAME_RATE = 60

CRF = 23
CALMEST, BUSIEST = 21, 27
# Bits per pixel of the samples of a title that is neither calm nor busy. A sample is a key frame and little more, so
# the title itself needs a third of that on average; the ceiling is for peaks alone.
USUAL = 0.12
HEADROOM = 1.5


@dataclass(frozen=True)
class Rung:
    """`name`: the short side as it is called. Sizes in pixels, `maxrate` in bits per second."""

    name: int
    width: int
    height: int
    crf: int
    maxrate: int


def ladder(width: int, height: int, frame_rate: Fraction, bits_per_pixel: float) -> tuple[Rung, ...]:
    """The rungs of a video of this upright size, the largest first; never larger than the video itself."""
    short = min(width, height)
    names = [side for side in SHORT_SIDES if side <= short] or [SHORT_SIDES[-1]]
    rate = float(min(frame_rate, MAX_FRAME_RATE))
    return tuple(_rung(name, width, height, rate, bits_per_pixel) for name in names)


def _rung(name: int, width: int, height: int, rate: float, bits_per_pixel: float) -> Rung:
    scale = Fraction(min(name, width, height), min(width, height))
    w, h = even(width * scale), even(height * scale)
    ceiling = CEILINGS[name] * max(1.0, rate / 30)
    needed = HEADROOM * bits_per_pixel * w * h * rate
    return Rung(name, w, h, crf(bits_per_pixel), round(min(ceiling, max(LOWEST_CEILING * ceiling, needed))))


def crf(bits_per_pixel: float) -> int:
    """Two steps for each doubling of the bits that a title needs."""
    steps = 2 * math.log2(max(bits_per_pixel, 1e-6) / USUAL)
    return round(min(BUSIEST, max(CALMEST, CRF + steps)))


def even(side: Fraction | float) -> int:
    """Chroma has half the pixels, so sides are even."""
    return max(2, round(side / 2) * 2)

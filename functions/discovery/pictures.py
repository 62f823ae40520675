"""Which pictures look alike, by their perceptual hashes (PDQ: see `functions/media/pdq.py`). Pure.

A hash is 64 hexadecimal digits. In the index a post has the hash of its first picture, and its 16 bands of 16 bits as
terms `<number>:<band>`. A search asks for every band and for its neighbours at one bit: of up to 31 different bits some
band of 16 has one at most, so no copy is missed; and the more bands agree, the nearer the pictures are.
"""

from functions.media import service as media

BITS = 256
BANDS = 16
BAND_BITS = BITS // BANDS
# Two hashes that differ in no more are taken for the same picture ("The TMK+PDQF Video-Hashing Algorithm and the PDQ
# Image-Hashing Algorithm", Facebook, 2019).
SAME = 31
# Cropped by up to a thirtieth of each side, or taken a moment later (`benchmarks/similar.py`): another picture, but no
# two of them belong into one list. Others that were measured are 104 bits apart at least.
ALIKE = 64
# Pictures that have nothing to do with each other differ in half of the bits; from here on nearness would be chance.
UNLIKE = 96


def bands(look: str) -> list[str]:
    """The terms under which a picture is indexed."""
    return [_term(number, band) for number, band in enumerate(media.cut(int(look, 16), BANDS))]


def near_bands(look: str) -> list[list[str]]:
    """For each band the terms of pictures that may be near: itself, and its neighbours at one bit."""
    return [
        [_term(number, band), *(_term(number, band ^ (1 << bit)) for bit in range(BAND_BITS))]
        for number, band in enumerate(media.cut(int(look, 16), BANDS))
    ]


def distance(one: str, other: str) -> int:
    """The number of bits in which two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def nearness(one: str, other: str) -> float:
    """1 for copies, 0 from UNLIKE bits on, evenly in between."""
    return min(1.0, max(0.0, (UNLIKE - distance(one, other)) / (UNLIKE - SAME)))


class Seen:
    """Pictures that stand in a list, be they turned or mirrored. `within`: how near counts as having been seen."""

    def __init__(self, within: int) -> None:
        self._within = within
        self._values: list[int] = []

    def add(self, look: str) -> None:
        self._values += media.variants(int(look, 16))

    def has(self, look: str) -> bool:
        value = int(look, 16)
        return any((value ^ other).bit_count() <= self._within for other in self._values)


def _term(number: int, band: int) -> str:
    return f"{number}:{band:0{BAND_BITS // 4}x}"

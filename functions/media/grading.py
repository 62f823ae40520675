"""Colour as one function of a pixel: a named filter at a strength, then the colour edits.

All of it depends on the pixel's own colour alone, so it is sampled once on a lattice of 33 x 33 x 33 colours, a 3D LUT,
and a picture is touched once however many edits there are. The formulas work on numbers and on numpy arrays alike: the
imaging functions grade a whole lattice at once, and the API function, which has no numpy, grades it point by point.

Values are sRGB as stored (not linear light), 0 to 1. Edits are -1 to 1, and 0 changes nothing. Every formula is a
polynomial that keeps order (lighter stays lighter), so that 33 steps and straight lines between them are near enough.
The order and the formulas are for client authors, too: docs/edits.md.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, TypeVar

from functions.media.filters import AS_IS, FILTERS, NOTHING, STRAIGHT, Filter, Heights

T = TypeVar("T", bound=Any)  # float, or an array of floats
Colour = tuple[T, T, T]
# Brings values back into 0 to 1.
Clip = Callable[[T], T]

LUT_SIZE = 33
# Rec. 709 weights, here of the values as stored.
LUMA = (0.2126, 0.7152, 0.0722)
# What full warmth takes from blue and gives to red.
WARMTH = 0.18


@dataclass(frozen=True)
class Grade:
    """A recipe for colours. `strength`: of the filter, 0 to 1. The others: -1 to 1."""

    filter: str | None = None
    strength: float = 1
    brightness: float = 0
    contrast: float = 0
    saturation: float = 0
    warmth: float = 0
    highlights: float = 0
    shadows: float = 0


def grade(colour: Colour[T], recipe: Grade, clip: Clip[T]) -> Colour[T]:
    """The colour that a colour becomes."""
    if recipe.filter is not None:
        filtered = look(colour, FILTERS[recipe.filter], clip)
        colour = filtered if recipe.strength == 1 else blended(colour, filtered, recipe.strength)
    if recipe.warmth:
        colour = warmed(colour, recipe.warmth, clip)
    if recipe.brightness:
        colour = each(lambda value: brightened(value, recipe.brightness), colour)
    if recipe.contrast:
        colour = each(lambda value: contrasted(value, recipe.contrast), colour)
    if recipe.shadows:
        colour = shaded(colour, recipe.shadows, clip)
    if recipe.highlights:
        colour = lit(colour, recipe.highlights, clip)
    if recipe.saturation:
        colour = saturated(colour, 1 + recipe.saturation, clip)
    return colour


def look(colour: Colour[T], filter_: Filter, clip: Clip[T]) -> Colour[T]:
    """A filter at full strength: channel mix, saturation, curves, then a tint each for shadows and highlights."""
    red, green, blue = colour
    if filter_.mix is not AS_IS:
        red, green, blue = [clip(red * a + green * b + blue * c) for a, b, c in filter_.mix]
    if filter_.saturation != 1:
        red, green, blue = saturated((red, green, blue), filter_.saturation, clip)
    red = curve(curve(red, filter_.tone), filter_.red)
    green = curve(curve(green, filter_.tone), filter_.green)
    blue = curve(curve(blue, filter_.tone), filter_.blue)
    if filter_.shadows is NOTHING and filter_.highlights is NOTHING:
        return red, green, blue
    light = luma((red, green, blue))
    above, below = light * light, (1 - light) * (1 - light)
    (r0, g0, b0), (r1, g1, b1) = filter_.shadows, filter_.highlights
    return (
        clip(red + r0 * below + r1 * above),
        clip(green + g0 * below + g1 * above),
        clip(blue + b0 * below + b1 * above),
    )


def blended(before: Colour[T], after: Colour[T], strength: float) -> Colour[T]:
    """From the one (0) to the other (1), in a straight line."""
    return each(lambda pair: pair[0] + strength * (pair[1] - pair[0]), zip(before, after, strict=True))


def curve(value: T, heights: Heights) -> T:
    """A cubic in Bernstein form (a one-dimensional Bezier curve) over 0 to 1."""
    if heights is STRAIGHT:
        return value
    black, low, high, white = heights
    rest = 1 - value
    return rest * rest * (black * rest + 3 * low * value) + value * value * (3 * high * rest + white * value)


def luma(colour: Colour[T]) -> T:
    """How light a colour is (Rec. 709), 0 to 1."""
    return colour[0] * LUMA[0] + colour[1] * LUMA[1] + colour[2] * LUMA[2]


def saturated(colour: Colour[T], factor: float, clip: Clip[T]) -> Colour[T]:
    """Away from grey of the same lightness by `factor`: 0 is grey, 1 leaves the colour, 2 doubles it."""
    light = luma(colour)
    red, green, blue = colour
    return (
        clip(light + factor * (red - light)),
        clip(light + factor * (green - light)),
        clip(light + factor * (blue - light)),
    )


def warmed(colour: Colour[T], amount: float, clip: Clip[T]) -> Colour[T]:
    """As under warmer light: red is scaled up and blue down by 18 % at most; the other way round below 0."""
    red, green, blue = colour
    return clip(red * (1 + WARMTH * amount)), green, clip(blue * (1 - WARMTH * amount))


def brightened(value: T, amount: float) -> T:
    """Middle tones up by a quarter at most; black and white stay."""
    return value + amount * value * (1 - value)


def contrasted(value: T, amount: float) -> T:
    """An S-curve around the middle, whose slope there becomes 1.5 at most (0.5 at least); black and white stay."""
    return value + amount * value * (1 - value) * (2 * value - 1)


def shaded(colour: Colour[T], amount: float, clip: Clip[T]) -> Colour[T]:
    """Distance from black, times 1 + amount in the deepest shadows, fading with the third power of lightness."""
    dark = 1 - luma(colour)
    gain = 1 + amount * dark * dark * dark
    return each(lambda value: clip(value * gain), colour)


def lit(colour: Colour[T], amount: float, clip: Clip[T]) -> Colour[T]:
    """The same at the other end: distance from white, times 1 - amount in the brightest lights."""
    light = luma(colour)
    gain = 1 - amount * light * light * light
    return each(lambda value: clip(1 - (1 - value) * gain), colour)


def each(change: Callable[[Any], T], values: Any) -> Colour[T]:
    red, green, blue = (change(value) for value in values)
    return red, green, blue


# --- Without numpy: the LUTs of the named filters, for clients ------------------------------------------------------


def clipped(value: float) -> float:
    return 0.0 if value < 0 else 1.0 if value > 1 else value


def lattice(recipe: Grade, size: int = LUT_SIZE) -> Iterator[Colour[float]]:
    """The graded colours of a lattice with `size` steps a side, red fastest."""
    steps = [step / (size - 1) for step in range(size)]
    for blue, green, red in product(steps, steps, steps):
        yield grade((red, green, blue), recipe, clipped)


@cache
def fingerprint(name: str) -> str:
    """Eight hexadecimal digits that change when the filter's look does. Raises KeyError."""
    coarse = ["%.4f %.4f %.4f" % colour for colour in lattice(Grade(name), 5)]  # noqa: UP031
    return hashlib.sha256("\n".join(coarse).encode()).hexdigest()[:8]


@cache
def cube(name: str) -> str:
    """A named filter at full strength in the .cube format (Adobe, Cube LUT Specification 1.0). Raises KeyError.

    Takes some hundred milliseconds, once in a process.
    """
    lines = [f'TITLE "{FILTERS[name].title}"', f"LUT_3D_SIZE {LUT_SIZE}"]
    lines += ["%.4f %.4f %.4f" % colour for colour in lattice(Grade(name))]  # noqa: UP031 (twice as fast)
    return "\n".join(lines) + "\n"

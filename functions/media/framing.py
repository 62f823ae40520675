"""Which part of a photo is shown: turned, straightened, cropped. Arithmetic only; `renditions` moves the pixels."""

from dataclasses import dataclass, replace
from math import cos, radians, sin
from typing import Any, Literal, get_args

Aspect = Literal["original", "1:1", "4:5", "3:4", "2:3", "9:16", "5:4", "4:3", "3:2", "16:9", "1.91:1"]
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)

Size = tuple[int, int]
Box = tuple[float, float, float, float]

# EXIF orientations, each with the one that the same picture has after another quarter turn clockwise.
NEXT_CLOCKWISE = {1: 6, 6: 3, 3: 8, 8: 1, 2: 7, 7: 4, 4: 5, 5: 2}


@dataclass(frozen=True)
class Focus:
    """The point that is to stay in the picture, as parts of the turned picture's width and height."""

    x: float = 0.5
    y: float = 0.5


@dataclass(frozen=True)
class Crop:
    aspect: Aspect = "original"
    focus: Focus = Focus()

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Crop":
        return cls(kept["aspect"], Focus(**kept["focus"]))


@dataclass(frozen=True)
class Geometry:
    """`rotate`: 0, 90, 180 or 270 degrees clockwise. `straighten`: -45 to 45 degrees clockwise, after it."""

    crop: Crop | None = None
    rotate: int = 0
    straighten: float = 0


AS_TAKEN = Geometry()


@dataclass(frozen=True)
class Frame:
    """An upright rectangle of the straightened picture: `width` x `height` pixels of the original, not rounded.

    `box`: left, top, right, bottom of what it covers, as parts of the turned picture. That picture lies behind it,
    turned by `angle` degrees clockwise.
    """

    width: float
    height: float
    box: Box = (0, 0, 1, 1)
    angle: float = 0

    @property
    def size(self) -> Size:
        return max(1, round(self.width)), max(1, round(self.height))

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height of the upright rectangle that holds the frame when it is turned: `box`, in pixels."""
        along, across = cos(radians(self.angle)), abs(sin(radians(self.angle)))
        return self.width * along + self.height * across, self.width * across + self.height * along


def turn(orientation: int, degrees: int) -> int:
    """The EXIF orientation of a picture that is to be shown `degrees` further clockwise: a multiple of 90."""
    for _ in range(degrees // 90):
        orientation = NEXT_CLOCKWISE[orientation]
    return orientation


def frame(size: Size, geometry: Geometry) -> Frame:
    """The largest frame of the wanted aspect without empty corners, its centre as near to the focus as may be.

    `size`: of the turned picture. A rectangle w x h at an angle fits in W x H where w cos + h sin <= W and
    w sin + h cos <= H, for these are the sides of the upright rectangle around it.
    """
    width, height = size
    if geometry == AS_TAKEN:
        return Frame(width, height)
    crop = geometry.crop or Crop()
    aspect = ratio(crop.aspect) or width / height
    along, across = cos(radians(geometry.straighten)), abs(sin(radians(geometry.straighten)))
    shown = min(width / (along + across / aspect), height / (across + along / aspect))
    found = Frame(shown, shown / aspect, angle=geometry.straighten)
    left, right = _span(crop.focus.x, found.extent[0] / width)
    top, bottom = _span(crop.focus.y, found.extent[1] / height)
    return replace(found, box=(left, top, right, bottom))


def _span(focus: float, length: float) -> tuple[float, float]:
    """Where a part of `length` (at most 1) lies between 0 and 1, its middle as near to `focus` as may be."""
    start = max(0.0, min(focus - length / 2, 1 - length))
    return start, min(1.0, start + length)


def ratio(aspect: Aspect) -> float | None:
    """Width by height; None for the picture's own."""
    if aspect == "original":
        return None
    width, _, height = aspect.partition(":")
    return float(width) / float(height)


def as_stored(box: Box, orientation: int) -> Box:
    """A box of the upright picture, in parts of it, as one of its stored form."""
    left, top, right, bottom = box
    if orientation in (2, 3, 6, 7):
        left, right = 1 - right, 1 - left
    if orientation in (3, 4, 7, 8):
        top, bottom = 1 - bottom, 1 - top
    return (top, left, bottom, right) if orientation >= 5 else (left, top, right, bottom)

"""Which part of a photo is shown: turned, straightened, cropped. Arithmetic only; `renditions` moves the pixels."""

from dataclasses import dataclass
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
    """An upright rectangle of the straightened picture, in pixels of the turned, unscaled one.

    `x`, `y`: its centre, in the turned picture. `angle`: degrees by which that picture is turned clockwise behind it.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float = 0

    @property
    def size(self) -> Size:
        return max(1, round(self.width)), max(1, round(self.height))

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height of what the frame covers of the turned picture."""
        c, s = cos(radians(self.angle)), abs(sin(radians(self.angle)))
        return self.width * c + self.height * s, self.width * s + self.height * c

    @property
    def box(self) -> Box:
        """What the frame covers of the turned picture: left, top, right, bottom."""
        width, height = self.extent
        return self.x - width / 2, self.y - height / 2, self.x + width / 2, self.y + height / 2


def turn(orientation: int, degrees: int) -> int:
    """The EXIF orientation of a picture that is to be shown `degrees` further clockwise: a multiple of 90."""
    for _ in range(degrees // 90):
        orientation = NEXT_CLOCKWISE[orientation]
    return orientation


def frame(size: Size, geometry: Geometry) -> Frame:
    """The largest frame of the wanted aspect without empty corners, its centre as near to the focus as may be.

    `size`: of the turned picture. A rectangle w x h at an angle fits in W x H where w cos + h sin <= W and
    w sin + h cos <= H, for the sides of its bounding box are these.
    """
    width, height = size
    crop = geometry.crop or Crop()
    aspect = ratio(crop.aspect) or width / height
    c, s = cos(radians(geometry.straighten)), abs(sin(radians(geometry.straighten)))
    across = min(width / (c + s / aspect), height / (s + c / aspect))
    found = Frame(width / 2, height / 2, across, across / aspect, geometry.straighten)
    left, top, _, _ = found.box
    return Frame(
        min(max(crop.focus.x * width, width / 2 - left), width / 2 + left),
        min(max(crop.focus.y * height, height / 2 - top), height / 2 + top),
        found.width,
        found.height,
        found.angle,
    )


def ratio(aspect: Aspect) -> float | None:
    """Width by height; None for the picture's own."""
    if aspect == "original":
        return None
    width, _, height = aspect.partition(":")
    return float(width) / float(height)


def as_stored(box: Box, size: Size, orientation: int) -> Box:
    """A box of the upright picture of `size`, in the coordinates of its stored form."""
    left, top, right, bottom = box
    width, height = size
    if orientation in (2, 3, 6, 7):
        left, right = width - right, width - left
    if orientation in (3, 4, 7, 8):
        top, bottom = height - bottom, height - top
    return (top, left, bottom, right) if orientation >= 5 else (left, top, right, bottom)

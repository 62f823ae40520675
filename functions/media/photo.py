"""A decoded photo and its geometry: how large the renditions are, and how little of the original they need."""

from dataclasses import dataclass

from PIL import Image

from functions.media.framing import Frame, Size
from functions.media.model import Capture

# Of the renditions w1080, w640 and w320, in pixels.
WIDTHS = (1080, 640, 320)

# Pixels in blocks of 1 MB: any block that was freed fits the next picture, so a warm process grows 8 MB less.
Image.core.set_block_size(1024 * 1024)


@dataclass(frozen=True)
class Photo:
    """`image`: the pixels as stored (not yet upright), perhaps scaled down by the decoder.

    `orientation`: how they are to be turned, in EXIF's numbers, 1 to 8. `frame`: which of them are shown.
    """

    image: Image.Image
    orientation: int
    frame: Frame
    capture: Capture

    @property
    def width(self) -> int:
        """Of what is shown, in pixels of the original."""
        return self.frame.size[0]

    @property
    def height(self) -> int:
        """Of what is shown, in pixels of the original."""
        return self.frame.size[1]


def turned(size: Size, orientation: int) -> Size:
    """Stored size to upright size, and back: orientations 5 to 8 lie on their side."""
    return (size[1], size[0]) if orientation >= 5 else size


def scaled(size: Size, width: int) -> Size:
    """`size` brought down to `width`, same aspect; never up."""
    return size if size[0] <= width else (width, max(1, round(size[1] * width / size[0])))


def within(size: Size, side: int) -> Size:
    """`size` brought down to fit a square of `side`, same aspect; never up."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def enough(stored: Size, frame: Frame) -> Size:
    """The least size, as stored, that a decoder may scale a picture of size `stored` down to."""
    scale = scaled(frame.size, WIDTHS[0])[0] / frame.size[0]
    return max(1, round(stored[0] * scale)), max(1, round(stored[1] * scale))

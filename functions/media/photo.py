"""A decoded photo and its geometry: how large the renditions are, and how little of the original they need."""

from dataclasses import dataclass

from PIL import Image

from functions.media.model import Capture

# Of the renditions w1080, w640 and w320, in pixels.
WIDTHS = (1080, 640, 320)

Size = tuple[int, int]

# Pixels in blocks of 1 MB: any block that was freed fits the next picture, so a warm process grows 8 MB less.
Image.core.set_block_size(1024 * 1024)


@dataclass(frozen=True)
class Photo:
    """`image`: the pixels as stored (not yet upright), perhaps scaled down by the decoder.

    `orientation`: EXIF's, 1 to 8. `width`, `height`: of the upright original, in pixels.
    """

    image: Image.Image
    orientation: int
    width: int
    height: int
    capture: Capture


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


def enough(stored: Size, orientation: int) -> Size:
    """The least size, as stored, that a decoder may scale a picture of size `stored` down to."""
    return turned(scaled(turned(stored, orientation), WIDTHS[0]), orientation)

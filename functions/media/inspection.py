"""The safe validator: what a stranger uploaded is a picture we can show, or it is refused with a reason.

Nothing is trusted: not the declared type, not the file name, not the header. The magic bytes choose the one decoder
that may open the file (so an EPS named .jpg never reaches Ghostscript), the caps are checked before any pixel is
decoded, and the whole picture is then decoded, because only that finds a truncated file.

Whole does not mean at full size: a JPEG decoder reads every byte but may scale by 1/2, 1/4 or 1/8 while it does, so the
one decode serves validation and renditions at once, with memory that follows the target and not the upload.
"""

import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image, ImageFile

from functions.media import framing
from functions.media.framing import AS_TAKEN, Geometry
from functions.media.model import MAX_IMAGE_BYTES, Reason
from functions.media.photo import Photo, enough, turned

MAX_PIXELS = 64_000_000
MAX_SIDE = 20_000
MAX_ASPECT = 10
SNIFFED_BYTES = 12

# What Pillow's decoders raise on hostile bytes; anything else is a defect and must be seen.
DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, ArithmeticError, struct.error,
    zlib.error,
)  # fmt: skip

ImageFile.LOAD_TRUNCATED_IMAGES = False
# Pillow warns above this and only raises above twice as much; `inspect` turns the warning into an error.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True)
class Rejection:
    """The verdict on an upload that cannot be shown. `detail` is for the log."""

    reason: Reason
    detail: str


def inspect(path: Path, geometry: Geometry = AS_TAKEN) -> Photo | Rejection:
    """The decoded photo in the file at `path`, framed as `geometry` says, or why there is none.

    Raises OSError when the file cannot be read, and MemoryError; both say nothing about the upload.
    """
    size = path.stat().st_size
    if size > MAX_IMAGE_BYTES:
        return Rejection("tooLarge", f"{size} bytes")
    with path.open("rb") as file:
        kind = sniff(file.read(SNIFFED_BYTES))
    if kind is None:
        return Rejection("unsupportedFormat", "unknown magic bytes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _decode(path, kind, geometry)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            return Rejection("tooManyPixels", str(error))
        except DECODER_ERRORS as error:
            if isinstance(error, OSError) and error.errno is not None:  # the disk's failure, not the picture's
                raise
            return Rejection("corrupt", f"{type(error).__name__}: {error}")


def sniff(head: bytes) -> str | None:
    """Pillow's name of the format whose magic bytes `head` (12 bytes) carries, None if it is not one we accept."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    return None


def _decode(path: Path, kind: str, geometry: Geometry) -> Photo | Rejection:
    with Image.open(path, formats=(kind,)) as image:
        refusal = _refusal(image, kind)
        if refusal is not None:
            return refusal
        orientation = framing.turn(_orientation(image), geometry.rotate)
        frame = framing.frame(turned(image.size, orientation), geometry)
        if kind == "JPEG":
            image.draft(None, enough(image.size, frame))
        image.load()
        return Photo(_resizable(image), orientation, frame)


def _refusal(image: Image.Image, kind: str) -> Rejection | None:
    width, height = image.size
    if max(width, height) > MAX_SIDE:
        return Rejection("tooManyPixels", f"{width}x{height}")
    if max(width, height) > MAX_ASPECT * min(width, height):
        return Rejection("unsupportedFormat", f"{width}x{height} is too narrow to show")
    # A JPEG of several pictures (depth map, gain map) is a photo: its first picture is the one meant to be seen.
    if kind != "JPEG" and getattr(image, "is_animated", False):
        return Rejection("unsupportedFormat", "an animation")
    return None


def _orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8; unreadable EXIF means upright."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODER_ERRORS:
        return 1
    return value if value in range(1, 9) else 1


def _resizable(image: Image.Image) -> Image.Image:
    """The picture in a mode that Lanczos can work on; palettes and bit masks cannot be interpolated."""
    if image.mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I"):  # 16-bit grey
        return image.point(lambda value: value / 256).convert("L")
    if image.mode in ("L", "RGB") and "transparency" in image.info:
        return image.convert("RGBA")
    return image

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
from functools import cache
from pathlib import Path

from PIL import Image, ImageFile

from functions.media import capture, framing
from functions.media.framing import AS_TAKEN, Geometry
from functions.media.model import MAX_IMAGE_BYTES, Reason
from functions.media.photo import Photo, enough, turned

MAX_PIXELS = 64_000_000
MAX_SIDE = 20_000
MAX_ASPECT = 10
MAX_FRAMES = 1_500
# Of all frames of an animation together: at most a few seconds of decoding.
MAX_FRAME_PIXELS = 600_000_000
SNIFFED_BYTES = 64
# ISO base media: what the first box says the file is.
BRANDS = {
    "AVIF": {b"avif", b"avis"},
    "HEIF": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"},
}
TIFF = "TIFF"
# JPEG and HEIF hold several pictures too (depth map, gain map, burst): the first one is the one meant to be seen.
ANIMATED = frozenset({"AVIF", "GIF", "PNG", "WEBP"})

# What Pillow's decoders raise on hostile bytes; anything else is a defect and must be seen.
DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, ArithmeticError, RuntimeError,
    struct.error, zlib.error,
)  # fmt: skip

ImageFile.LOAD_TRUNCATED_IMAGES = False
# Pillow warns above this and only raises above twice as much; `inspect` turns the warning into an error.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True)
class Rejection:
    """The verdict on an upload that cannot be shown. `detail` is for the log."""

    reason: Reason
    detail: str


@dataclass(frozen=True)
class Animation:
    """The verdict on a picture that moves: it is to be shown as a video. Sizes in pixels."""

    width: int
    height: int
    frames: int


def inspect(path: Path, geometry: Geometry = AS_TAKEN) -> Photo | Animation | Rejection:
    """The decoded photo in the file at `path`, framed as `geometry` says, or what else it is.

    Raises OSError when the file cannot be read, and MemoryError; both say nothing about the upload.
    """
    size = path.stat().st_size
    if size > MAX_IMAGE_BYTES:
        return Rejection("tooLarge", f"{size} bytes")
    with path.open("rb") as file:
        kind = sniff(file.read(SNIFFED_BYTES))
    if kind is None:
        return Rejection("unsupportedFormat", "unknown magic bytes")
    if kind == TIFF:
        return Rejection("unsupportedFormat", "TIFF: a container for scanners; export as JPEG, PNG or HEIC")
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
    """Pillow's name of the format whose magic bytes `head` (64 bytes) carries; None if it is none that we know."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith((b"II*\0", b"MM\0*")):
        return TIFF
    return _branded(head) if head[4:8] == b"ftyp" else None


def _branded(head: bytes) -> str | None:
    """By the brands of the first box. AVIF files name HEIF's general brands as well, hence the order."""
    length = int.from_bytes(head[:4], "big")
    brands = {head[place : place + 4] for place in (8, *range(16, min(length, len(head)), 4))}
    return next((kind for kind, known in BRANDS.items() if brands & known), None)


@cache
def _open_heif() -> None:
    """Let Pillow open HEIF from now on. Imported here: most uploads are no HEIF, and libheif takes memory."""
    import pillow_heif  # noqa: PLC0415

    pillow_heif.register_heif_opener(thumbnails=False)


def _decode(path: Path, kind: str, geometry: Geometry) -> Photo | Animation | Rejection:
    if kind == "HEIF":
        _open_heif()
    with Image.open(path, formats=(kind,)) as image:
        refusal = _refusal(image)
        if refusal is not None:
            return refusal
        if kind in ANIMATED and getattr(image, "is_animated", False):
            return _animation(image)
        orientation = framing.turn(capture.orientation(image), geometry.rotate)
        frame = framing.frame(turned(image.size, orientation), geometry)
        if kind == "JPEG":
            image.draft(None, enough(image.size, frame))
        image.load()
        return Photo(_resizable(image), orientation, frame, capture.read(image))


def _refusal(image: Image.Image) -> Rejection | None:
    width, height = image.size
    if max(width, height) > MAX_SIDE:
        return Rejection("tooManyPixels", f"{width}x{height}")
    if max(width, height) > MAX_ASPECT * min(width, height):
        return Rejection("unsupportedFormat", f"{width}x{height} is too narrow to show")
    return None


def _animation(image: Image.Image) -> Animation | Rejection:
    frames = int(getattr(image, "n_frames", 1))
    if frames > MAX_FRAMES:
        return Rejection("tooLong", f"{frames} frames")
    if frames * image.width * image.height > MAX_FRAME_PIXELS:
        return Rejection("tooManyPixels", f"{frames} frames of {image.width}x{image.height}")
    return Animation(image.width, image.height, frames)


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

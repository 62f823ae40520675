"""One decoded photo to its renditions: upright, sRGB, without metadata, each as JPEG and WebP, and AVIF if asked for.

The order is what makes it fast and small. The decoder has already scaled the picture down (`photo.enough`); one Lanczos
resize makes the largest rendition; only then, on the small picture, come rotation and colour conversion; every next
rendition is made from the one before.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from math import cos, radians, sin
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from functions.media import quality
from functions.media.edits import NONE, Edits
from functions.media.framing import Size, as_stored
from functions.media.photo import WIDTHS, Photo, scaled, turned, within
from functions.media.placeholder import dominant_color, thumbhash

THUMB_SIDE = 150
PLACEHOLDER_SIDE = 32
# Half the time of method 4 for 5 % more bytes.
WEBP_METHOD = 2
# 9 is as fast as WebP and smaller; 8 is five times slower.
AVIF_SPEED = 9

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class File:
    """One encoded rendition on disk."""

    name: str
    width: int
    height: int
    content_type: str
    path: Path


@dataclass(frozen=True)
class Rendered:
    files: tuple[File, ...]
    placeholder: str
    dominant_color: str


def render(photo: Photo, folder: Path, edits: Edits = NONE, *, avif: bool = False) -> Rendered:
    """Write the renditions of `photo` into `folder`. The photo's pixels are given up as soon as they are not needed.

    Of the edits, the geometry is the photo's own frame already.
    """
    pictures = list(_cascade(photo, edits))
    smallest = pictures[-1][1]
    tiny = smallest.resize(within(smallest.size, PLACEHOLDER_SIDE), Image.Resampling.BOX)
    level = quality.chosen(smallest)
    pictures.append(("thumb", _thumb(pictures)))
    # Two encodes run at once, and they let go of the GIL. One extra thread, not two: each keeps a heap of its own.
    with ThreadPoolExecutor(1) as helper:
        webp = helper.submit(lambda: [_webp(picture, name, level, folder) for name, picture in pictures])
        jpeg = [_jpeg(picture, name, level, folder) for name, picture in pictures]
        files = [*webp.result(), *jpeg]
    if avif:
        # After the others: its encoder has threads of its own.
        files = [*(_avif(picture, name, level, folder) for name, picture in pictures), *files]
    return Rendered(tuple(files), thumbhash(tiny), dominant_color(tiny))


def small(photo: Photo) -> Image.Image:
    """The photo as its frame shows it, upright, opaque, sRGB, as wide as the smallest rendition; without effects."""
    size = turned(scaled(photo.frame.size, WIDTHS[-1]), photo.orientation)
    return _as_seen(photo.image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2), photo)


def largest(photo: Photo, edits: Edits) -> Image.Image:
    """The picture that all renditions come from: upright, opaque, sRGB, edited."""
    target = scaled(photo.frame.size, WIDTHS[0])
    picture = _as_seen(_cut(photo, target[0] / photo.frame.width), photo)
    photo.image.close()
    if photo.frame.angle:
        picture = _straightened(picture, photo.frame.angle, target)
    if edits.touch_pixels:
        # Imported here: most photos are not edited, and do without numpy.
        from functions.media import effects  # noqa: PLC0415

        picture = effects.finish(picture, edits)
    return picture


def _as_seen(picture: Image.Image, photo: Photo) -> Image.Image:
    """What was resized of the photo's pixels: upright, opaque, sRGB."""
    picture = _srgb(_opaque(picture), photo.image.info.get("icc_profile"))
    if photo.orientation in TURNS:
        picture = picture.transpose(TURNS[photo.orientation])
    picture.info = {}  # or the encoders would carry comments over
    return picture


def _cut(photo: Photo, scale: float) -> Image.Image:
    """What the frame covers, brought to `scale` in the one resize that there is; still as stored."""
    width, height = photo.image.size
    left, top, right, bottom = as_stored(photo.frame.box, photo.orientation)
    across, down = (max(1, round(length * scale)) for length in photo.frame.extent)
    return photo.image.resize(
        turned((across, down), photo.orientation),
        Image.Resampling.LANCZOS,
        (left * width, top * height, right * width, bottom * height),
    )


def _straightened(picture: Image.Image, degrees: float, size: Size) -> Image.Image:
    """The picture turned clockwise about its centre, and what then fills an upright rectangle of `size`."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    (across, down), (width, height) = picture.size, size
    # From a place in the result to its place in the picture.
    back = (c, s, (across - c * width - s * height) / 2, -s, c, (down + s * width - c * height) / 2)
    return picture.transform(size, Image.Transform.AFFINE, back, Image.Resampling.BICUBIC)


def _cascade(photo: Photo, edits: Edits) -> Iterator[tuple[str, Image.Image]]:
    """Names and pictures from large to small, each from the one before.

    Every name is always there, so that clients need not search; a small original comes in its own size under several.
    """
    picture = largest(photo, edits)
    yield f"w{WIDTHS[0]}", picture
    for width in WIDTHS[1:]:
        smaller = picture.width > width
        size = scaled((photo.width, photo.height), width)
        # Never the same object twice: Pillow keeps the options of a running save on it.
        picture = picture.resize(size, Image.Resampling.LANCZOS) if smaller else picture.copy()
        yield f"w{width}", picture


def _thumb(pictures: list[tuple[str, Image.Image]]) -> Image.Image:
    """The centre square, from the smallest picture that need not be enlarged for it."""
    sharp = [picture for _, picture in pictures if min(picture.size) >= THUMB_SIDE]
    source = sharp[-1] if sharp else pictures[0][1]
    return ImageOps.fit(source, (THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)


def _opaque(picture: Image.Image) -> Image.Image:
    """Without transparency: on white, as a page would show it."""
    if picture.mode not in ("RGBA", "LA"):
        return picture
    flat = picture.convert("RGBA")
    ground = Image.new("RGBA", flat.size, "white")
    ground.alpha_composite(flat)
    return ground.convert("RGB")


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB pixels in sRGB. A profile that is broken, or not for these pixels, is ignored: then they count as sRGB."""
    if profile:
        try:
            converted = ImageCms.profileToProfile(picture, BytesIO(profile), _srgb_profile(), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return picture if picture.mode == "RGB" else picture.convert("RGB")


@cache
def _srgb_profile() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _jpeg(picture: Image.Image, name: str, level: int, folder: Path) -> File:
    """To a real file: encoding JPEG into memory would hold the GIL."""
    path = folder / f"{name}.jpg"
    # A copy, because Pillow keeps the options of a running save on the image object.
    picture.copy().save(path, "JPEG", quality=level, progressive=True)
    return File(name, picture.width, picture.height, "image/jpeg", path)


def _webp(picture: Image.Image, name: str, level: int, folder: Path) -> File:
    path = folder / f"{name}.webp"
    picture.save(path, "WEBP", quality=level, method=WEBP_METHOD)
    return File(name, picture.width, picture.height, "image/webp", path)


def _avif(picture: Image.Image, name: str, level: int, folder: Path) -> File:
    path = folder / f"{name}.avif"
    picture.save(path, "AVIF", quality=quality.avif(level), speed=AVIF_SPEED)
    return File(name, picture.width, picture.height, "image/avif", path)

"""Whatever it was stored as, the same scene comes out: upright, and in the same colours."""

from pathlib import Path

import pytest
from PIL import Image

from functions.media.inspection import inspect
from functions.media.photo import Photo
from functions.media.renditions import File, render
from tests.unit.media import pictures
from tests.unit.media.pictures import corners, encoded, quadrants, write

BEST = {
    "JPEG": {"quality": 98},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 100, "subsampling": "4:4:4", "speed": 10},
    "HEIF": {"quality": 100, "chroma": 444},
}


def largest(upload: bytes, folder: Path) -> File:
    photo = inspect(write(folder / "upload", upload))
    assert isinstance(photo, Photo), photo
    return next(file for file in render(photo, folder).files if file.path.name == "w1080.jpg")


def as_stored(scene: Image.Image, form: str, orientation: int) -> bytes:
    """The scene in a file of this format, from a camera held that way.

    Encoders of AVIF and HEIF turn the EXIF tag into the container's own properties (`irot`, `imir`), as phones do.
    """
    turned, tags = pictures.stored(scene, orientation), pictures.exif(orientation)
    return encoded(turned, form, exif=tags.tobytes(), **BEST.get(form, {}))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_every_orientation_of_every_format_gives_the_same_picture(tmp_path: Path, form: str, orientation: int) -> None:
    # Given the same scene in each format, photographed with the camera held in each of the eight ways
    scene = quadrants(240, 160)

    file = largest(as_stored(scene, form, orientation), tmp_path)

    assert (file.width, file.height) == (240, 160)
    with Image.open(file.path) as image:
        seen = corners(image)
    assert max(far(color, expected) for color, expected in zip(seen, corners(scene), strict=True)) <= 6


def flat(file: File) -> tuple[int, int, int]:
    """The colour of a picture that has one only: its mean, because encoders dither by a level."""
    with Image.open(file.path) as image:
        red, green, blue = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # pyright: ignore[reportGeneralTypeIssues]
    return red, green, blue


def far(color: tuple[int, int, int], expected: tuple[int, int, int]) -> int:
    return max(abs(one - other) for one, other in zip(color, expected, strict=True))


@pytest.mark.parametrize(
    "color", [(180, 80, 70), (90, 160, 90), (60, 90, 170), (200, 190, 120), (128, 128, 128), (20, 20, 24)]
)
@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_display_p3_is_within_two_levels(tmp_path: Path, form: str, color: tuple[int, int, int]) -> None:
    # Given a colour inside sRGB that is described in a wider space
    image = Image.new("RGB", (100, 75), color)
    upload = encoded(image, form, icc_profile=pictures.p3_profile(), **BEST.get(form, {}))
    with Image.open(write(tmp_path / "stored", upload)) as stored:  # some codecs lose a level themselves
        given = stored.convert("RGB").getpixel((9, 9))

    seen = flat(largest(upload, tmp_path))

    assert far(seen, pictures.p3_as_srgb(given)) <= 2  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("inks", [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (1, 1, 0, 0), (0, 1, 1, 0), (0, 0, 0, 1)])
def test_printing_inks_are_within_two_levels(tmp_path: Path, inks: tuple[int, int, int, int], share: float) -> None:
    # Given a photo made for a press, with the press's profile
    image = Image.new("CMYK", (100, 75), tuple(round(255 * share * ink) for ink in inks))
    upload = encoded(image, "JPEG", quality=98, icc_profile=pictures.cmyk_profile())

    seen = flat(largest(upload, tmp_path))

    if share in (0.0, 1.0) or sum(inks) == 1:  # between, overprints are interpolated in more than one way
        assert far(seen, pictures.ink_as_srgb(inks, round(255 * share) / 255)) <= 2


@pytest.mark.parametrize("color", [(220, 30, 30), (30, 200, 30), (90, 90, 90), (255, 255, 255)])
def test_inks_without_a_profile_are_plain_complements(tmp_path: Path, color: tuple[int, int, int]) -> None:
    upload = encoded(Image.new("RGB", (400, 300), color).convert("CMYK"), "JPEG", quality=98)

    assert far(flat(largest(upload, tmp_path)), color) <= 2


def test_avif_is_made_where_it_is_asked_for(tmp_path: Path, landscape: Path) -> None:
    photo = inspect(landscape)
    assert isinstance(photo, Photo)

    files = render(photo, tmp_path, avif=True).files

    by_type = {form: [file for file in files if file.content_type == form] for form in ("image/avif", "image/webp")}
    assert [file.name for file in by_type["image/avif"]] == ["w1080", "w640", "w320", "thumb"]
    for file in by_type["image/avif"]:
        with Image.open(file.path) as image:
            assert (image.format, image.size) == ("AVIF", (file.width, file.height))
    sizes = {form: sum(file.path.stat().st_size for file in found) for form, found in by_type.items()}
    assert sizes["image/avif"] < sizes["image/webp"]

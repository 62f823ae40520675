from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from functions.media.inspection import inspect
from functions.media.photo import Photo
from functions.media.renditions import File, Rendered, render
from tests.proof import repetitions
from tests.unit.media import pictures
from tests.unit.media.pictures import corners, encoded, quadrants, write

FORMS = ("image/jpeg", "image/webp")


def rendered(upload: Path, folder: Path) -> Rendered:
    photo = inspect(upload)
    assert isinstance(photo, Photo), photo
    return render(photo, folder)


def sizes(answer: Rendered) -> dict[str, tuple[int, int]]:
    return {file.name: (file.width, file.height) for file in answer.files}


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


def color_at(file: File, place: tuple[int, int]) -> tuple[int, int, int]:
    return opened(file.path).getpixel(place)  # pyright: ignore[reportReturnType]  (RGB gives three numbers)


def close(colors: list[tuple[int, int, int]], expected: list[tuple[int, int, int]], tolerance: int = 12) -> bool:
    pairs = [pair for color, other in zip(colors, expected, strict=True) for pair in zip(color, other, strict=True)]
    return max(abs(a - b) for a, b in pairs) <= tolerance


def test_every_rendition_comes_as_jpeg_and_webp(tmp_path: Path, landscape: Path) -> None:
    answer = rendered(landscape, tmp_path)

    assert sizes(answer) == {"w1080": (1080, 720), "w640": (640, 427), "w320": (320, 213), "thumb": (150, 150)}
    assert {(file.name, file.content_type) for file in answer.files} == {
        (name, form) for name in sizes(answer) for form in FORMS
    }
    for file in answer.files:
        with Image.open(file.path) as image:
            assert image.get_format_mimetype() == file.content_type
            assert (image.width, image.height, image.mode) == (file.width, file.height, "RGB")


def test_jpeg_is_progressive(tmp_path: Path, landscape: Path) -> None:
    files = [file for file in rendered(landscape, tmp_path).files if file.content_type == "image/jpeg"]

    assert all(opened(file.path).info.get("progressive") for file in files)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (2000, {"w1080": 1080, "w640": 640, "w320": 320}),
        (1080, {"w1080": 1080, "w640": 640, "w320": 320}),
        (1000, {"w1080": 1000, "w640": 640, "w320": 320}),
        (640, {"w1080": 640, "w640": 640, "w320": 320}),
        (400, {"w1080": 400, "w640": 400, "w320": 320}),
        (320, {"w1080": 320, "w640": 320, "w320": 320}),
        (60, {"w1080": 60, "w640": 60, "w320": 60}),
        (1, {"w1080": 1, "w640": 1, "w320": 1}),
    ],
)
def test_only_the_thumbnail_is_ever_enlarged(tmp_path: Path, width: int, expected: dict[str, int]) -> None:
    upload = write(tmp_path / "upload", encoded(quadrants(width, max(1, width * 2 // 3)), "PNG"))

    answer = rendered(upload, tmp_path)

    assert {name: size[0] for name, size in sizes(answer).items()} == {**expected, "thumb": 150}


@pytest.mark.parametrize("size", [(1500, 1500), (700, 2100), (1500, 160), (1000, 101)])
def test_the_thumbnail_is_square_whatever_the_aspect(tmp_path: Path, size: tuple[int, int]) -> None:
    answer = rendered(write(tmp_path / "upload", encoded(quadrants(*size), "PNG")), tmp_path)

    assert sizes(answer)["thumb"] == (150, 150)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("width", [600, 2160])
def test_pictures_are_upright(tmp_path: Path, orientation: int, width: int) -> None:
    # Given the same scene, photographed with the camera held in each of the eight ways; the larger photo is scaled
    # down while it is decoded
    scene = quadrants(width, width * 2 // 3)
    upload = encoded(pictures.stored(scene, orientation), "JPEG", quality=95, exif=pictures.exif(orientation))

    answer = rendered(write(tmp_path / "upload", upload), tmp_path)

    for file in answer.files:
        if file.name != "thumb":
            assert file.width > file.height
        assert close(corners(opened(file.path)), corners(quadrants())), (file.name, orientation)


def test_nothing_private_comes_out(tmp_path: Path, portrait: Path) -> None:
    # Given a photo with a position, a camera, a comment, XMP and a profile
    with Image.open(portrait) as image:
        upload = encoded(
            image,
            "JPEG",
            exif=image.getexif(),
            comment=b"Secret comment",
            xmp=b"<x:xmpmeta>Secret</x:xmpmeta>",
            icc_profile=pictures.p3_profile(),
        )
    assert b"Secret" in upload
    assert b"Exif" in upload

    answer = rendered(write(tmp_path / "upload", upload), tmp_path)

    for file in answer.files:
        content = file.path.read_bytes()
        assert not any(mark in content for mark in (b"Exif", b"EXIF", b"Secret", b"xmp", b"XMP", b"ICC", b"Heliograph"))
        with Image.open(file.path) as image:
            assert dict(image.getexif()) == {}


def test_display_p3_becomes_srgb(tmp_path: Path) -> None:
    # Given a red that lies inside sRGB, described in a wider space
    color = (180, 80, 70)
    upload = encoded(Image.new("RGB", (400, 300), color), "PNG", icc_profile=pictures.p3_profile())

    answer = rendered(write(tmp_path / "upload", upload), tmp_path)

    expected = pictures.p3_as_srgb(color)
    assert expected[0] > color[0] + 8
    assert close([color_at(answer.files[0], (200, 150))], [expected], tolerance=4)


@pytest.mark.parametrize("profile", [b"not a profile", pictures.p3_profile()[:200], bytes(600)])
def test_a_broken_profile_counts_as_srgb(tmp_path: Path, profile: bytes) -> None:
    upload = encoded(quadrants(), "PNG", icc_profile=profile)

    answer = rendered(write(tmp_path / "upload", upload), tmp_path)

    assert close(corners(opened(answer.files[0].path)), corners(quadrants()))


def test_a_grey_picture_with_a_colour_profile_is_kept(tmp_path: Path) -> None:
    upload = encoded(Image.new("L", (400, 300), 120), "PNG", icc_profile=pictures.p3_profile())

    answer = rendered(write(tmp_path / "upload", upload), tmp_path)

    assert close([color_at(answer.files[0], (9, 9))], [(120, 120, 120)])


def test_printing_colours_become_rgb(tmp_path: Path) -> None:
    upload = encoded(quadrants().convert("CMYK"), "JPEG", quality=95)

    answer = rendered(write(tmp_path / "upload", upload), tmp_path)

    assert close(corners(opened(answer.files[0].path)), corners(quadrants()))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_on_white(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGBA", (400, 300), (0, 0, 0, 0)).convert(mode)

    answer = rendered(write(tmp_path / "upload", encoded(image, "PNG")), tmp_path)

    assert close([color_at(answer.files[0], (200, 150))], [(255, 255, 255)], tolerance=2)


def test_a_transparent_palette_is_laid_on_white(tmp_path: Path) -> None:
    image = Image.new("P", (400, 300), 0)
    image.putpalette([9, 9, 9])

    answer = rendered(write(tmp_path / "upload", encoded(image, "GIF", transparency=0)), tmp_path)

    assert close([color_at(answer.files[0], (200, 150))], [(255, 255, 255)], tolerance=2)


def test_placeholder_and_colour_are_of_the_upright_picture(tmp_path: Path) -> None:
    scene = quadrants()
    upright = rendered(write(tmp_path / "a", encoded(scene, "PNG")), tmp_path)
    turned = encoded(pictures.stored(scene, 6), "PNG", exif=pictures.exif(6))

    answer = rendered(write(tmp_path / "b", turned), tmp_path)

    assert (answer.placeholder, answer.dominant_color) == (upright.placeholder, upright.dominant_color)


def test_encoding_side_by_side_changes_nothing(tmp_path: Path, landscape: Path) -> None:
    """Two encoders of one picture must not see each other's options."""
    expected = [file.path.read_bytes() for file in rendered(landscape, tmp_path).files]

    for _ in range(repetitions(quick=2, full=20)):
        assert [file.path.read_bytes() for file in rendered(landscape, tmp_path).files] == expected


def test_the_cascade_loses_nothing_that_shows(tmp_path: Path, landscape: Path) -> None:
    """The smallest rendition, three resizes deep, is as near to one direct resize as its encoder lets it be."""
    answer = rendered(landscape, tmp_path)
    cascaded = next(file for file in answer.files if file.path.name == "w320.jpg")
    direct = opened(landscape).resize((320, 213), Image.Resampling.LANCZOS)
    direct.save(tmp_path / "direct.jpg", quality=80)

    def error(candidate: Image.Image) -> float:
        return ImageStat.Stat(ImageChops.difference(candidate, direct)).rms[0]

    assert error(opened(cascaded.path)) < 1.2 * error(opened(tmp_path / "direct.jpg"))

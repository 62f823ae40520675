import json
import subprocess
import sys
import warnings
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from functions.media import inspection
from functions.media.inspection import Animation, Rejection, inspect
from functions.media.model import MAX_IMAGE_BYTES
from functions.media.photo import Photo
from tests.proof import repetitions
from tests.unit.media import pictures
from tests.unit.media.pictures import bomb, chunk, encoded, png, quadrants, write


def verdict(path: Path) -> str:
    answer = inspect(path)
    return answer.reason if isinstance(answer, Rejection) else "accepted"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF"])
def test_each_format_is_accepted(tmp_path: Path, form: str) -> None:
    photo = inspect(write(tmp_path / "upload", encoded(quadrants(), form)))

    assert isinstance(photo, Photo)
    assert (photo.width, photo.height, photo.orientation) == (600, 400, 1)


def test_dimensions_are_upright(portrait: Path) -> None:
    photo = inspect(portrait)

    assert isinstance(photo, Photo)
    assert (photo.width, photo.height, photo.orientation) == (699, 900, 6)


@pytest.mark.parametrize(
    ("size", "orientation", "decoded"),
    [
        ((4400, 3300), 1, (1100, 825)),
        ((4320, 2880), 1, (1080, 720)),
        ((4318, 2880), 1, (2159, 1440)),  # a quarter would fall below 1080
        ((2880, 4320), 6, (720, 1080)),  # stored on its side: the upright width is the stored height
        ((1600, 1200), 1, (1600, 1200)),
    ],
)
def test_jpeg_is_decoded_no_larger_than_needed(
    tmp_path: Path, size: tuple[int, int], orientation: int, decoded: tuple[int, int]
) -> None:
    upload = encoded(quadrants(*size), "JPEG", exif=pictures.exif(orientation))

    photo = inspect(write(tmp_path / "upload", upload))

    assert isinstance(photo, Photo)
    assert photo.image.size == decoded
    assert photo.image.size[0 if orientation == 1 else 1] >= min(1080, photo.width)


def test_text_named_jpg_is_refused(tmp_path: Path) -> None:
    assert verdict(write(tmp_path / "cat.jpg", b"This is not a picture.\n" * 100)) == "unsupportedFormat"


def test_postscript_is_refused_before_any_interpreter_sees_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a program in PostScript that claims to be a photo
    upload = write(tmp_path / "cat.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n")
    started: list[object] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *command, **_options: started.append(command))

    assert verdict(upload) == "unsupportedFormat"
    assert started == []


@pytest.mark.parametrize("content", [b"", b"\xff", b"\xff\xd8\xff"])
def test_nearly_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert verdict(write(tmp_path / "upload", content)) in {"unsupportedFormat", "corrupt"}


@pytest.mark.parametrize(
    ("form", "options"), [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {})]
)
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_truncated_file_is_refused(
    tmp_path: Path, landscape: Path, form: str, options: dict[str, bool], kept: float
) -> None:
    with Image.open(landscape) as image:
        whole = encoded(image.reduce(2), form, **options)

    assert verdict(write(tmp_path / "upload", whole[: int(len(whole) * kept)])) == "corrupt"


def test_decompression_bomb_is_refused(tmp_path: Path) -> None:
    assert verdict(write(tmp_path / "upload", bomb())) == "tooManyPixels"


@pytest.mark.parametrize("side", [8_100, 11_000])
def test_the_pixel_cap_holds_on_both_sides_of_pillows_own(tmp_path: Path, side: int) -> None:
    """Pillow warns above its cap and raises above twice its cap; for us both are too many."""
    assert side * side > inspection.MAX_PIXELS
    assert verdict(write(tmp_path / "upload", png(side, side, rows=b""))) == "tooManyPixels"


def test_picture_with_too_long_a_side_is_refused(tmp_path: Path) -> None:
    assert verdict(write(tmp_path / "upload", png(30_000, 2_000, rows=b""))) == "tooManyPixels"


def test_picture_too_narrow_to_show_is_refused(tmp_path: Path) -> None:
    assert verdict(write(tmp_path / "upload", encoded(quadrants(1100, 100), "PNG"))) == "unsupportedFormat"


def test_too_many_bytes_are_refused_without_reading_them(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    with upload.open("wb") as file:
        file.truncate(MAX_IMAGE_BYTES + 1)

    assert verdict(upload) == "tooLarge"


def test_text_chunk_that_unpacks_to_megabytes_is_refused(tmp_path: Path) -> None:
    import zlib

    swollen = chunk(b"zTXt", b"comment\0\0" + zlib.compress(bytes(50_000_000)))

    assert verdict(write(tmp_path / "upload", png(80, 80, rows=bytes(11 * 80), extra=swollen))) == "corrupt"


def moving(form: str, frames: int, width: int = 60, height: int = 40) -> bytes:
    pictures = [quadrants(width, height).rotate(angle) for angle in range(frames)]
    return encoded(pictures[0], form, save_all=True, append_images=pictures[1:])


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_is_told_from_a_photo(tmp_path: Path, form: str) -> None:
    answer = inspect(write(tmp_path / "upload", moving(form, frames=3)))

    assert answer == Animation(60, 40, 3)


def test_animation_that_is_too_long_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = write(tmp_path / "upload", moving("GIF", frames=9))

    monkeypatch.setattr(inspection, "MAX_FRAMES", 8)
    assert verdict(upload) == "tooLong"

    monkeypatch.setattr(inspection, "MAX_FRAMES", 9)
    monkeypatch.setattr(inspection, "MAX_FRAME_PIXELS", 9 * 60 * 40 - 1)
    assert verdict(upload) == "tooManyPixels"


def test_tiff_is_refused_with_advice(tmp_path: Path) -> None:
    answer = inspect(write(tmp_path / "upload", encoded(quadrants(), "TIFF")))

    assert isinstance(answer, Rejection)
    assert answer.reason == "unsupportedFormat"
    assert "JPEG" in answer.detail


@pytest.mark.parametrize("brand", [b"isom", b"qt  ", b"M4V ", b"XXXX"])
def test_video_among_photos_is_refused(tmp_path: Path, brand: bytes) -> None:
    film = b"\0\0\0\x18ftyp" + brand + bytes(4) + b"mp42isom" + bytes(5000)

    assert verdict(write(tmp_path / "upload", film)) == "unsupportedFormat"


def test_a_jpeg_with_a_second_picture_inside_is_a_photo(tmp_path: Path) -> None:
    """Phones store depth and gain maps that way (multi-picture format)."""
    phone = encoded(quadrants(), "MPO", save_all=True, append_images=[quadrants(60, 40)])

    photo = inspect(write(tmp_path / "upload", phone))

    assert isinstance(photo, Photo)
    assert (photo.width, photo.height) == (600, 400)


def test_unreadable_exif_means_upright(tmp_path: Path) -> None:
    broken = b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\x12\x01" * 40

    photo = inspect(write(tmp_path / "upload", encoded(quadrants(), "JPEG", exif=broken)))

    assert isinstance(photo, Photo)
    assert photo.orientation == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_becomes_one_that_can_be_resized(tmp_path: Path, mode: str) -> None:
    image = Image.new("I;16", (64, 48), 0x8000) if mode == "I;16" else quadrants(64, 48).convert(mode)

    photo = inspect(write(tmp_path / "upload", encoded(image, "PNG")))

    assert isinstance(photo, Photo)
    assert photo.image.mode in {"L", "LA", "RGB", "RGBA"}
    if mode == "I;16":
        assert photo.image.getpixel((5, 5)) == 0x80


def test_a_failing_disk_is_not_the_uploads_fault(landscape: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Image, "open", fail)

    with pytest.raises(OSError, match="Input/output"):
        inspect(landscape)


def test_random_damage_never_escapes_as_an_exception(tmp_path: Path) -> None:
    import random

    random.seed(2)
    seeds = [encoded(quadrants(90, 60), form) for form in ("JPEG", "PNG", "WEBP", "GIF")]

    for number in range(repetitions(quick=300, full=10_000)):
        damaged = bytearray(seeds[number % len(seeds)])
        for _ in range(1 + number % 7):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert verdict(write(tmp_path / "upload", bytes(damaged)))


MEASURE = """
import json, resource, sys
from pathlib import Path
from functions.media.inspection import inspect
from functions.media.renditions import render

def peak():
    # Not getrusage where it can be helped: on Linux it starts at what the parent process had.
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

folder, small, *uploads = map(Path, sys.argv[1:])
render(inspect(small), folder)
before = peak()
for upload in uploads:
    photo = inspect(upload)
    verdict = photo.reason if hasattr(photo, "reason") else render(photo, folder) and "accepted"
    print(json.dumps({"verdict": verdict, "megabytes": (peak() - before) / 1e6}))
"""


def growth(folder: Path, small: Path, *uploads: Path) -> list[dict[str, object]]:
    """The verdicts in a fresh process, and how far its memory had peaked after each above that of a warm one."""
    command = [sys.executable, "-c", MEASURE, *map(str, (folder, small, *uploads))]
    done = subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[3])
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_memory_stays_bounded(tmp_path: Path, landscape: Path) -> None:
    """A bomb costs nothing, and a 12-megapixel JPEG less than its pixels would (48 MB)."""
    large = quadrants(4000, 3000).effect_spread(8)
    camera = write(tmp_path / "camera.jpg", encoded(large, "JPEG", quality=90))

    exploding, ordinary = growth(tmp_path, landscape, write(tmp_path / "bomb.png", bomb()), camera)

    assert exploding["verdict"] == "tooManyPixels"
    assert ordinary["verdict"] == "accepted"
    assert isinstance(exploding["megabytes"], float)
    assert exploding["megabytes"] < 8
    assert isinstance(ordinary["megabytes"], float)
    assert ordinary["megabytes"] < 40


def test_polyglot_is_judged_by_its_picture(tmp_path: Path) -> None:
    """A ZIP behind a JPEG is still a JPEG; the renditions, not the upload, are what others get."""
    import zipfile

    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("evil.html", "<script>")

    assert verdict(write(tmp_path / "upload", encoded(quadrants(), "JPEG") + archive.getvalue())) == "accepted"

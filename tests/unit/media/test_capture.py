from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from functions.media import capture
from functions.media.model import Capture, Location
from tests.unit.media.pictures import encoded, quadrants, write

EXIF, GPS = 0x8769, 0x8825
MAKE, MODEL, TAKEN, OFFSET = 0x010F, 0x0110, 0x9003, 0x9011
LONDON = {1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)}


def photographed(
    folder: Path,
    *,
    base: Mapping[int, object] | None = None,
    details: Mapping[int, object] | None = None,
    gps: Mapping[int, object] | None = None,
) -> Capture:
    tags = Image.Exif()
    tags.update(base or {})
    tags.get_ifd(EXIF).update(details or {})
    tags.get_ifd(GPS).update(gps or {})
    with Image.open(write(folder / "photo", encoded(quadrants(60, 40), "JPEG", exif=tags))) as image:
        return capture.read(image)


def test_camera_metadata_is_read(tmp_path: Path) -> None:
    found = photographed(
        tmp_path,
        base={MAKE: "Lichtbild", MODEL: "Lichtbild One"},
        details={TAKEN: "2026:11:22 14:00:05", OFFSET: "+01:00"},
        gps=LONDON,
    )

    assert found == Capture("2026-11-22T14:00:05+01:00", "Lichtbild One", Location(51.507222, -0.1275))


def test_a_camera_that_knows_no_zone_gives_local_time(tmp_path: Path) -> None:
    found = photographed(tmp_path, base={MAKE: "Lichtbild", MODEL: "One"}, details={TAKEN: "2026:11:22 14:00:05"})

    assert found == Capture("2026-11-22T14:00:05", "Lichtbild One")


@pytest.mark.parametrize(
    "details",
    [{TAKEN: "    :  :     :  :  "}, {TAKEN: "2026:13:40 99:00:00"}, {TAKEN: "yesterday"}, {TAKEN: b"\xff\xfe"}, {}],
)
def test_invalid_time_is_omitted(tmp_path: Path, details: Mapping[int, object]) -> None:
    assert photographed(tmp_path, details=details).taken_at is None


def test_invalid_offset_is_omitted(tmp_path: Path) -> None:
    found = photographed(tmp_path, details={TAKEN: "2026:11:22 14:00:05", OFFSET: "CET"})

    assert found.taken_at == "2026-11-22T14:00:05"


@pytest.mark.parametrize(
    "broken",
    [
        {2: (IFDRational(1, 0), 0.0, 0.0)},
        {2: (91.0, 0.0, 0.0)},
        {2: (51.0, 30.0)},
        {1: "X"},
        {4: (200.0, 0.0, 0.0)},
        {3: ""},
    ],
)
def test_incomplete_location_is_omitted(tmp_path: Path, broken: Mapping[int, object]) -> None:
    assert photographed(tmp_path, gps={**LONDON, **broken}).location is None


def test_names_of_cameras_are_bounded_and_printable(tmp_path: Path) -> None:
    found = photographed(tmp_path, base={MAKE: "Evil\x07\x1b[2J", MODEL: "x" * 5000})

    assert found.camera is not None
    assert found.camera.startswith("Evil[2J x")
    assert len(found.camera) == 100


def test_a_picture_without_exif_tells_nothing(tmp_path: Path) -> None:
    assert photographed(tmp_path) == Capture()

"""What edits do to a picture, all the way from the file."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageStat

from functions.media import edits as editing
from functions.media.edits import NONE, Edits
from functions.media.effects import finish
from functions.media.framing import Crop, Focus
from functions.media.inspection import inspect
from functions.media.photo import Photo
from functions.media.renditions import render
from tests.unit.media import pictures
from tests.unit.media.pictures import corners, encoded, quadrants, write


def shown(upload: Path, folder: Path, edits: Edits) -> Image.Image:
    """The largest rendition of an upload."""
    photo = inspect(upload, edits.geometry)
    assert isinstance(photo, Photo), photo
    rendered = render(photo, folder, edits)
    with Image.open(next(file.path for file in rendered.files if file.path.name == "w1080.jpg")) as image:
        assert (photo.width, photo.height) == image.size or image.width == 1080
        image.load()
        return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean, in levels of 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


# --- Geometry -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_photo_is_turned_as_it_is_seen(tmp_path: Path, orientation: int, rotate: int) -> None:
    """Clockwise, from upright, however the camera was held."""
    scene = quadrants(300, 200)
    upload = encoded(pictures.stored(scene, orientation), "JPEG", quality=95, exif=pictures.exif(orientation))

    picture = shown(write(tmp_path / "upload", upload), tmp_path, Edits(rotate=rotate))

    wanted = scene.rotate(-rotate, expand=True)
    assert picture.size == wanted.size
    assert difference(picture, wanted) < 3


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("angle", [-20, 20])
@pytest.mark.parametrize("orientation", [1, 6])
def test_straightening_leaves_no_empty_corner(tmp_path: Path, rotate: int, angle: float, orientation: int) -> None:
    # Given a white picture, in which anything from outside would show
    upload = encoded(Image.new("RGB", (600, 400), "white"), "JPEG", exif=pictures.exif(orientation))

    picture = shown(write(tmp_path / "upload", upload), tmp_path, Edits(rotate=rotate, straighten=angle))

    assert np.asarray(picture).min() > 250


@pytest.mark.parametrize(("angle", "leans"), [(10, "right"), (-10, "left")])
def test_straightening_is_clockwise(tmp_path: Path, angle: float, leans: str) -> None:
    # Given an upright bar
    scene = Image.new("RGB", (900, 900), "white")
    scene.paste("black", (440, 0, 460, 900))

    picture = shown(write(tmp_path / "upload", encoded(scene, "PNG")), tmp_path, Edits(straighten=angle))

    # Then its upper end has gone to the right, as the hand of a clock goes
    top = np.asarray(picture.convert("L"))[5]
    assert (np.argmin(top) > picture.width / 2) == (leans == "right")


@pytest.mark.parametrize(("focus", "corner"), [(Focus(0, 0), 0), (Focus(1, 0), 1)])
def test_a_crop_keeps_what_is_in_focus(tmp_path: Path, focus: Focus, corner: int) -> None:
    upload = write(tmp_path / "upload", encoded(quadrants(1600, 800), "JPEG", quality=95))

    picture = shown(upload, tmp_path, Edits(crop=Crop("1:1", focus)))

    assert picture.size == (800, 800)
    assert corners(picture)[0] == pytest.approx(corners(quadrants())[corner], abs=12)


def test_a_crop_of_a_large_photo_is_as_sharp_as_the_photo(tmp_path: Path) -> None:
    """The decoder scales down by what the crop can spare, not by what the whole could."""
    # Given fine lines in a photo of which a quarter of the width is shown
    scene = Image.fromarray(np.tile(np.repeat(np.array([0, 255], dtype=np.uint8), 4), (1080, 540)), "L").convert("RGB")
    upload = write(tmp_path / "upload", encoded(scene, "JPEG", quality=95))

    picture = shown(upload, tmp_path, Edits(crop=Crop("1:1")))

    assert picture.size == (1080, 1080)
    assert ImageStat.Stat(picture.convert("L")).stddev[0] > 110


def test_geometry_comes_in_its_order(tmp_path: Path) -> None:
    """First the turn; the crop and its focus then mean the turned picture."""
    upload = write(tmp_path / "upload", encoded(quadrants(1200, 600), "PNG"))

    picture = shown(upload, tmp_path, Edits(rotate=90, crop=Crop("1:1", Focus(0.5, 0))))

    turned = quadrants(1200, 600).rotate(-90, expand=True).crop((0, 0, 600, 600))
    assert difference(picture, turned) < 3


# --- Pixels ---------------------------------------------------------------------------------------------------------


def test_without_edits_nothing_is_touched(landscape: Path) -> None:
    with Image.open(landscape) as picture:
        assert finish(picture, NONE) is picture
    assert not Edits(rotate=90, crop=Crop("1:1")).touch_pixels


def test_a_vignette_darkens_the_corners_only() -> None:
    grey = Image.new("RGB", (900, 600), (200, 200, 200))

    values = np.asarray(finish(grey, Edits(vignette=100)))[..., 0]

    assert values[0, 0] == values[-1, -1] == pytest.approx(40, abs=2)
    assert (values[200:400, 300:600] == 200).all()
    half = np.asarray(finish(grey, Edits(vignette=50)))[..., 0]
    assert half[0, 0] == pytest.approx(120, abs=2)


def test_sharpening_steepens_edges_and_leaves_plains() -> None:
    soft = Image.new("L", (100, 100), 80)
    soft.paste(160, (50, 0, 100, 100))
    soft = soft.resize((50, 50), Image.Resampling.BILINEAR).resize((100, 100), Image.Resampling.BILINEAR)

    before = np.asarray(soft).astype(int)[50]
    after = np.asarray(finish(soft.convert("RGB"), Edits(sharpen=80)))[50, :, 0].astype(int)

    assert np.diff(after).max() > 1.2 * np.diff(before).max()
    assert (after[10], after[90]) == (80, 160)


@pytest.mark.parametrize("edits", [Edits(brightness=40), Edits(filter="ember", strength=50), Edits(vignette=100)])
def test_edits_are_applied_once(tmp_path: Path, edits: Edits) -> None:
    plain = Image.new("RGB", (300, 200), (90, 125, 160))

    picture = shown(write(tmp_path / "upload", encoded(plain, "PNG")), tmp_path, edits)

    assert difference(picture, finish(plain, edits)) < 2


def test_every_rendition_and_the_placeholder_show_the_edits(tmp_path: Path, landscape: Path) -> None:
    edits = Edits(filter="graphite", crop=Crop("4:5"))
    photo = inspect(landscape, edits.geometry)
    assert isinstance(photo, Photo)

    rendered = render(photo, tmp_path, edits)

    assert (photo.width, photo.height) == (640, 800)
    for file in rendered.files:
        with Image.open(file.path) as picture:
            bands = picture.convert("RGB").split()
            assert ImageStat.Stat(ImageChops.difference(bands[0], bands[2])).mean[0] < 3, file.path.name
    assert len({rendered.dominant_color[place : place + 2] for place in (1, 3, 5)}) == 1


# --- Data -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "kept"),
    [
        (NONE, None),
        (Edits(filter="ember", strength=100), {"filter": "ember"}),
        (
            Edits(rotate=90, crop=Crop("4:5", Focus(0.25, 1))),
            {"rotate": 90, "crop": {"aspect": "4:5", "focus": {"x": 0.25, "y": 1}}},
        ),
        (Edits(straighten=-1.5, vignette=30), {"straighten": -1.5, "vignette": 30}),
    ],
)
def test_edits_are_kept_and_read_back(edits: Edits, kept: dict[str, object] | None) -> None:
    assert editing.stored(edits) == kept
    assert editing.of(kept) == edits
